"""How near redraft comes to the limit of its server: the same requests, fired by a loop that does nothing else.

    python benchmarks/saturation.py [--server vllm --server instant] [--items N] [--in-flight N] [--workers N]
                                    [--repeat N] [-o FILE]

redraft runs `self-refine` or `mqm-ape` from a file to a file with everything on (store, journal, budget, retries,
limits), each time into an empty store. The requests of its first run, as bytes and with their dependencies (a call of
an item waits for those of the same item that had ended before it began), are then fired by a bare aiohttp loop, as many
items in flight. Both take turns, `--repeat` times; vLLM's prefix cache is emptied before each. The ratio is that of the
median items per second. With `--workers` redraft runs in so many processes (`--on ray`), which are there before the
clock starts.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from replay import Waves, fire, note, waves
from report import Row, write
from servers import forget_prefixes, serving

from redraft.engine.files import Files, Runner, run_files
from redraft.engine.on_ray import on_ray
from redraft.engine.recipe import Recipe
from redraft.engine.run import run_all
from redraft.graphs.catalogue import find
from redraft.graphs.workflow import configure
from redraft.models.budget import Budget

SETTINGS = {"rounds": 1, "max_tokens": 24, "temperature": 0.0, "generate_temperature": 0.0}


@dataclass
class Measured:
    """Seconds of each turn, and of redraft's processor time."""

    redraft: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


@asynccontextmanager
async def in_files(items: int) -> AsyncIterator[Files]:
    """An input of so many items, and a place for the output, which is looked at in the end."""
    with TemporaryDirectory() as folder:
        files = Files(Path(folder) / "in.jsonl", Path(folder) / "out.jsonl")
        rows = ({"text": f"Number {number}: why does the sea rise twice a day?"} for number in range(items))
        files.input.write_text("".join(json.dumps(row) + "\n" for row in rows))
        yield files
        assert sum(1 for _ in files.out.open()) == items


@asynccontextmanager
async def runner(recipe: Recipe, store: Path, in_flight: int, workers: int | None) -> AsyncIterator[Runner]:
    """What runs items, in this process or in `workers`, with everything on."""
    budget = Budget(max_calls=10**9, max_tokens=10**12)
    if workers:
        async with on_ray(recipe, workers=workers, window=in_flight, store=store, budget=budget) as crew:
            yield crew.run
    else:
        async with recipe.build(store, in_flight, budget) as flow:
            await flow.connect()
            yield partial(run_all, flow, window=in_flight)


async def redraft(recipe: Recipe, items: int, in_flight: int, workers: int | None, measured: Measured) -> None:
    """One run from file to file."""
    async with in_files(items) as files, runner(recipe, files.out.with_name("store"), in_flight, workers) as run:
        start, cpu = time.perf_counter(), time.process_time()
        await run_files(run, files, recipe.described(), find(recipe.method).kinds)
        measured.redraft.append(time.perf_counter() - start)
        measured.cpu.append(time.process_time() - cpu)


async def asked_by(recipe: Recipe, items: int, in_flight: int) -> list[Waves]:
    """The requests that a run makes, by item."""
    async with in_files(items) as files, recipe.build(limit=in_flight) as flow:
        await flow.connect()
        notes = note(flow)
        await run_files(partial(run_all, flow, window=in_flight), files, recipe.described(), flow.method.kinds)
    return [waves(calls) for _, calls in sorted(notes.items.items())]


async def measure(kind: str, items: int, in_flight: int, workers: int | None, repeat: int) -> Row:
    """Both, in turns."""
    measured = Measured()
    gc.freeze()  # As `redraft run` does.
    async with serving(kind, in_flight) as model:
        recipe = Recipe("self-refine", configure(find("self-refine"), SETTINGS), model)
        requests = await asked_by(recipe, items, in_flight)
        for _ in range(repeat):
            await forget_prefixes(model)
            await redraft(recipe, items, in_flight, workers, measured)
            await forget_prefixes(model)
            measured.bare.append((await fire(model, requests, in_flight)).seconds)
    calls = sum(len(row) for rows in requests for row in rows)
    ours, limit = items / median(measured.redraft), items / median(measured.bare)
    return {
        "server": kind,
        "items": items,
        "calls": calls,
        "in flight": in_flight,
        "processes": workers or 1,
        "redraft items/s": round(ours, 2),
        "bare loop items/s": round(limit, 2),
        "ratio": round(ours / limit, 3),
        "redraft CPU ms/call": round(1000 * median(measured.cpu) / calls, 3),
    }


async def run(chosen: argparse.Namespace) -> list[Row]:
    """Every server that was chosen."""
    counts = {"vllm": chosen.items or 96, "instant": chosen.items or 3000}
    servers = chosen.server or ["instant", "vllm"]
    return [await measure(kind, counts[kind], chosen.in_flight, chosen.workers, chosen.repeat) for kind in servers]


def main() -> None:
    """Measure, print a table, write JSON lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", action="append", choices=["vllm", "instant"], help="default: both")
    parser.add_argument("--items", type=int, help="default: 96 for vLLM, 3,000 for the instant server")
    parser.add_argument("--in-flight", type=int, default=64, metavar="N")
    parser.add_argument("--workers", type=int, metavar="N", help="redraft in N processes on Ray; default: in one")
    parser.add_argument("--repeat", type=int, default=3, metavar="N")
    parser.add_argument("-o", "--out", type=Path, default=Path("out-saturation.jsonl"), metavar="FILE")
    chosen = parser.parse_args()
    write("Saturation", asyncio.run(run(chosen)), chosen.out)


if __name__ == "__main__":
    main()
