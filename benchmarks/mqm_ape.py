"""MQM-APE on one vLLM server, in three ways, and what its prefix cache makes of the order and the layout of prompts.

    python benchmarks/mqm_ape.py [--items N] [--in-flight N] [-o FILE]

redraft's own run comes first; its requests, with their dependencies, are then sent in the other ways, so that all do
the same work. In each, the prefix cache is empty at the beginning.

  redraft          as it is: started items first, no barriers
  lock-step        all evaluations, then all corrections, then all verdicts, as the authors' script does
  one at a time    an item after the other
  shuffled         redraft's requests in random order, without dependencies
  item first       redraft's order, but each prompt has the item before the instructions
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from functools import partial
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

from replay import Waves, fire, note, waves
from report import Row, write
from servers import forget_prefixes, serving

from redraft.engine.files import Files, run_files
from redraft.engine.reading import read_items, read_records
from redraft.engine.recipe import Recipe
from redraft.engine.records import Done
from redraft.engine.run import run_all
from redraft.graphs.catalogue import find
from redraft.graphs.workflow import configure
from redraft.schema import Usage

SETTINGS = {"guided": True, "critic_tokens": 80, "post_editor_tokens": 32, "apply": False}
EXAMPLES = Path(__file__).parent.parent / "examples" / "translations.jsonl"


class First:
    """Watches for the first record."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self.seconds = 0.0

    def begin(self, total: int | None, done: int) -> None:
        self._start = time.perf_counter()

    def add(self, record: object) -> None:
        self.seconds = self.seconds or time.perf_counter() - self._start

    def end(self, reason: str | None) -> None:
        """Nothing more to see."""


def write_input(path: Path, items: int) -> None:
    """The project's examples over and over, each time with another number in front."""
    rows = [json.loads(line) for line in EXAMPLES.read_text().splitlines()]
    with path.open("w") as file:
        for number in range(items):
            row = rows[number % len(rows)]
            text = {name: f"{number}. {row[name]}" for name in ("source", "translation")}
            file.write(json.dumps({**row, **text, "id": str(number)}) + "\n")


async def redraft(model: str, items: int, in_flight: int) -> tuple[Row, list[Waves]]:
    """One run from file to file, and its requests."""
    recipe = Recipe("mqm-ape", configure(find("mqm-ape"), SETTINGS), model)
    with TemporaryDirectory() as folder:
        path, out, first = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl", First()
        write_input(path, items)
        assert sum(1 for _ in read_items(path, frozenset({"translation"}))) == items
        async with recipe.build(Path(folder) / "store.sqlite", in_flight) as flow:
            await flow.connect()
            notes = note(flow)
            start = time.perf_counter()
            runner = partial(run_all, flow, window=in_flight)
            await run_files(runner, Files(path, out), recipe.described(), flow.method.kinds, [first])
            seconds = time.perf_counter() - start
        usage = Usage.total(record.result.usage for record in read_records(out) if isinstance(record, Done))
    row = told("redraft", seconds, first.seconds, usage.cached_tokens, usage.prompt_tokens)
    return row, [waves(calls) for _, calls in sorted(notes.items.items())]


def told(way: str, seconds: float, first: float, cached: int, prompt: int) -> Row:
    """A row of the table."""
    share = f"{cached / prompt:.1%}" if prompt else ""
    return {"way": way, "seconds": round(seconds, 1), "first item after": round(first, 1), "cached": share}


async def lock_step(model: str, items: list[Waves], in_flight: int) -> Row:
    """Stage by stage over all items; the first item is finished in the last stage."""
    seconds, cached, prompt, first = 0.0, 0, 0, 0.0
    for stage in zip_longest(*items, fillvalue=[]):
        fired = await fire(model, [[[body]] for row in stage for body in row], in_flight, read=True)
        first = seconds + fired.first
        seconds, cached, prompt = seconds + fired.seconds, cached + fired.cached_tokens, prompt + fired.prompt_tokens
    return told("lock-step", seconds, first, cached, prompt)


def item_first(body: bytes) -> bytes:
    """The same words with the last turn, which holds the item, in front of the instructions."""
    request = json.loads(body)
    *before, last = request["messages"]
    told_before = "\n".join(message["content"] for message in before)
    return json.dumps(
        {**request, "messages": [{"role": "user", "content": f"{last['content']}\n{told_before}"}]}
    ).encode()


async def run(count: int, in_flight: int) -> list[Row]:
    """Every way, one after the other."""
    async with serving("vllm", in_flight) as model:
        await redraft(model, 2, 2)  # Warm-up.
        await forget_prefixes(model)
        row, items = await redraft(model, count, in_flight)
        rows = [row]
        await forget_prefixes(model)
        rows.append(await lock_step(model, items, in_flight))
        bodies: list[Waves] = [[[body]] for rows_ in items for row_ in rows_ for body in row_]
        shuffled = random.Random(0).sample(bodies, len(bodies))
        turned = [[[item_first(body) for body in row_] for row_ in rows_] for rows_ in items]
        for way, work, at_once in (
            ("one at a time", items, 1),
            ("shuffled", shuffled, in_flight),
            ("item first", turned, in_flight),
        ):
            await forget_prefixes(model)
            fired = await fire(model, work, at_once, read=True)
            rows.append(told(way, fired.seconds, fired.first, fired.cached_tokens, fired.prompt_tokens))
    for row in rows:
        row["times redraft"] = round(float(row["seconds"]) / float(rows[0]["seconds"]), 2)
        row |= {"items": count, "calls": len(bodies), "in flight": in_flight}
    return rows


def main() -> None:
    """Measure, print a table, write JSON lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=40)
    parser.add_argument("--in-flight", type=int, default=64, metavar="N")
    parser.add_argument("-o", "--out", type=Path, default=Path("out-mqm-ape.jsonl"), metavar="FILE")
    chosen = parser.parse_args()
    write("MQM-APE", asyncio.run(run(chosen.items, chosen.in_flight)), chosen.out)


if __name__ == "__main__":
    main()
