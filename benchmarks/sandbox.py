"""What it costs to run a program that a model wrote: warm, in a sandbox of its own, or in no sandbox at all.

    python benchmarks/sandbox.py [--programs N] [--repeat N] [-o FILE]

The same short programs, each with one test, run in turn by: a fresh interpreter each, with no sandbox (`python -c`, and
`python -I -S -c`, which loads no site packages); a fresh sandbox each; and the warm pool. As many at once as there are
processors. The ways take turns within each repetition, and the fastest repetition of each counts, for other work on the
machine can only slow it down. Wall time depends on the machine; the ratios are what to look at.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from report import Row, write

from redraft.tools.sandbox import Pool, Program
from redraft.tools.sandbox.open import backends, trouble
from redraft.tools.sandbox.python import base_python

AT_ONCE = len(os.sched_getaffinity(0))
Run = Callable[[Program], Awaitable[bool]]


def programs(count: int) -> list[Program]:
    """Short programs that differ, such as a model's answers to small tasks."""
    code = "import math\n\ndef area(r):\n    '''{0}'''\n    return math.pi * r * r + {0}\n"
    return [Program(code.format(n), (f"assert abs(area(2) - {n} - 12.566) < 0.001",)) for n in range(count)]


def bare(*options: str) -> Run:
    """A fresh interpreter for each program."""

    async def run(program: Program) -> bool:
        code = "\n".join((program.code, *program.tests))
        process = await asyncio.create_subprocess_exec(base_python(), *options, "-c", code, env={})
        return await process.wait() == 0

    return run


def pooled(pool: Pool) -> Run:
    """One of the pool's workers."""

    async def run(program: Program) -> bool:
        return (await pool.run(program)).passed

    return run


async def seconds(run: Run, todo: list[Program]) -> float:
    """Wall time of them all."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(program: Program) -> bool:
        async with turns:
            return await run(program)

    begun = time.perf_counter()
    assert all(await asyncio.gather(*map(one, todo)))
    return time.perf_counter() - begun


async def measure(count: int, repeat: int) -> list[Row]:
    """A row for each way to run them."""
    ways: list[tuple[str, Run, int]] = [
        ("fresh interpreter, no sandbox", bare(), count),
        ("the same without site packages", bare("-I", "-S"), count),
    ]
    pools: list[Pool] = []
    for backend in backends():
        if await trouble(backend) is None:
            pools.append(Pool(backend, AT_ONCE, recycle=1))
            ways.append((f"fresh {backend.name} each", pooled(pools[-1]), max(count // 10, AT_ONCE)))
            if backend.reusable:
                pools.append(Pool(backend, AT_ONCE))
                ways.append((f"warm {backend.name}", pooled(pools[-1]), count))
                await seconds(ways[-1][1], programs(AT_ONCE))
    best: dict[str, float] = {}
    for _ in range(repeat):
        for name, run, some in ways:
            best[name] = min(best.get(name, float("inf")), await seconds(run, programs(some)) / some)
    await asyncio.gather(*(pool.aclose() for pool in pools))
    reference = best[ways[0][0]]
    return [
        {
            "way": name,
            "ms a program": round(1000 * took, 2),
            "programs a minute": round(60 / took),
            "times as fast as a fresh interpreter": round(reference / took, 2),
        }
        for name, took in best.items()
    ]


def main() -> None:
    """Measure, print a table, write one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, default=500, metavar="N")
    parser.add_argument("--repeat", type=int, default=3, metavar="N")
    parser.add_argument("-o", "--out", type=Path, default=Path("out-sandbox.jsonl"), metavar="FILE")
    chosen = parser.parse_args()
    write("sandbox", asyncio.run(measure(chosen.programs, chosen.repeat)), chosen.out)


if __name__ == "__main__":
    main()
