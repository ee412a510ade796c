"""What being durable costs, and whether memory grows with the input.

    python benchmarks/durability.py [--items N] [--repeat N] [--memory N ...] [-o FILE]

Every run is a process of its own: `self-refine` over an instant model in that process, from a file to a file. Two
comparisons: store and journal on against off (OUT in /dev/null, no store), by the medians of `--repeat` turns, with a
model that answers at once, and with ones that take 20 and 100 ms; and the peak resident memory, by the operating
system's account, of a run over each number of `--memory` items (default 10,000 and 1,000,000, some minutes), one call
each.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from report import Row, write

WINDOW = 64


class Instant:
    """Writes a draft and is satisfied with it."""

    name = identity = "instant"

    def __init__(self, seconds: float) -> None:
        from redraft.schema import Usage

        self._seconds = seconds
        self._usage = Usage(calls=1, prompt_tokens=120, completion_tokens=24)

    def at_once(self) -> int:
        return WINDOW

    async def chat(self, request: object) -> object:
        from redraft.models.base import ChatResponse, Completion

        await asyncio.sleep(self._seconds)
        return ChatResponse((Completion("The moon pulls at the sea.\nVerdict: good", "stop"),), self._usage, "instant")

    async def aclose(self) -> None:
        """Nothing to let go of."""


async def one_run(items: int, folder: Path, seconds: float, durable: bool, draft: bool) -> Row:
    """One run in this process."""
    from redraft.engine.files import Files, run_files
    from redraft.engine.reading import read_items
    from redraft.engine.recipe import Recipe
    from redraft.engine.run import run_all
    from redraft.graphs.workflow import workflow

    path = folder / "in.jsonl"
    with path.open("w") as file:
        for number in range(items):
            more = {"draft": f"The sea rises {number} times."} if draft else {}
            file.write(json.dumps({"text": f"Number {number}: why does the sea rise?", **more}) + "\n")
    flow = workflow("self-refine", Instant(seconds), store=folder / "store.sqlite" if durable else None, rounds=1)  # type: ignore[arg-type]
    start = time.perf_counter()
    if durable:
        recipe = Recipe("self-refine", flow.config)
        await run_files(partial(run_all, flow, window=WINDOW), Files(path, folder / "out"), recipe.described())
    else:
        with Path("/dev/null").open("w") as out:
            async for record in run_all(flow, read_items(path), window=WINDOW):
                out.write(record.line_of_json())
    took = time.perf_counter() - start
    await flow.aclose()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"items/s": round(items / took, 1), "peak MiB": round(peak, 1)}


def in_process(items: int, seconds: float, durable: bool, draft: bool) -> Row:
    """One run in a process of its own, in a folder that is deleted after it."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--one", json.dumps([items, folder, seconds, durable, draft])]
        ran = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    row: Row = json.loads(ran.stdout)
    return row


def comparisons(items: int, repeat: int, memory: list[int]) -> Iterator[Row]:
    """Every row of the table."""
    for seconds in (0.0, 0.02, 0.1):
        rates: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(repeat):
            for durable, seen in rates.items():
                seen.append(float(in_process(items, seconds, durable, draft=False)["items/s"]))
        on, off = median(rates[True]), median(rates[False])
        what = f"items/s, durable against not, model {1000 * seconds:g} ms"
        yield {"what": what, "items": items, "measured": on, "against": off, "ratio": round(on / off, 3)}
    first = 0.0
    for count in memory:
        peak = float(in_process(count, 0.0, durable=True, draft=True)["peak MiB"])
        first = first or peak
        what = "peak memory, MiB"
        yield {"what": what, "items": count, "measured": peak, "against": first, "ratio": round(peak / first, 3)}


def main() -> None:
    """Measure, print a table, write JSON lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=3000)
    parser.add_argument("--repeat", type=int, default=3, metavar="N")
    parser.add_argument("--memory", type=int, nargs="*", default=[10_000, 1_000_000], metavar="N")
    parser.add_argument("-o", "--out", type=Path, default=Path("out-durability.jsonl"), metavar="FILE")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        items, folder, seconds, durable, draft = json.loads(chosen.one)
        json.dump(asyncio.run(one_run(items, Path(folder), seconds, durable, draft)), sys.stdout)
        return
    write("Durability and memory", list(comparisons(chosen.items, chosen.repeat, chosen.memory)), chosen.out)


if __name__ == "__main__":
    main()
