"""What tools alone prove of miniF2F: no model; every proof is verified.

    python benchmarks/minif2f_tools.py FILE.jsonl.gz [--seconds N] [--workers N] [--proofs FILE] [-o FILE]

Every theorem gets a few seconds, those left some more, and more again, until `--seconds` are over: time is kept for
verifying what was found. Prints the names of the theorems proved, as they come, and the count; CPU seconds are
those of all processes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from report import Row, write

from redraft.evaluation.datasets.minif2f import DATASET
from redraft.schema import TheoremTask
from redraft.tools.provers import Problem, ProverCrash, Status, Unstated
from redraft.tools.provers.coq import Coq
from redraft.tools.provers.coq.automation import ROUNDS, Search

_KEPT = 30.0
"""Seconds at the end in which nothing new is tried, only verified."""
_ROUNDS = ((ROUNDS[0], 4.0), (ROUNDS[0], 20.0), (ROUNDS[1], 30.0), (ROUNDS[2], 60.0))
"""The share of each tool's own seconds, and the seconds for each theorem."""


@dataclass
class _Found:
    """A theorem's name, what came of its proof, and the proof."""

    name: str
    status: Status
    proof: str


async def prove(coq: Coq, problems: list[Problem], workers: int, seconds: float) -> list[_Found]:
    """Proofs of as many of `problems` as tools find in `seconds`, `workers` at once."""
    ends = time.monotonic() + seconds - _KEPT
    searches = {problem.name: (problem, Search(coq, problem)) for problem in problems}
    found: list[_Found] = []
    turns = asyncio.Semaphore(workers)

    async def in_turn(name: str, share: float, each: float) -> None:
        async with turns:
            if time.monotonic() < ends and not searches[name][1].ended:
                await one(name, share, min(ends, time.monotonic() + each))

    async def one(name: str, share: float, until: float) -> None:
        problem, search = searches[name]
        try:
            proof = await search.round(share, until)
        except (Unstated, ProverCrash) as error:
            print(f"{name}: {str(error)[:200]}")
            del searches[name]
            return
        if proof is not None:
            result = await coq.verify(problem, proof)
            found.append(_Found(name, result.status, proof))
            print(name, result.status if not result.proved else "", flush=True)
            if result.proved:
                del searches[name]

    for share, each in _ROUNDS:
        await asyncio.gather(*(in_turn(name, share, each) for name in list(searches)))
    return found


async def processor_seconds(seen: dict[tuple[int, int], float]) -> None:
    """Keep in `seen`, by process and its start, the processor seconds of all that this one started."""
    tick = os.sysconf("SC_CLK_TCK")
    while True:
        processes: dict[int, tuple[int, tuple[int, int], float]] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                pid, used = int(stat.parent.name), (int(fields[11]) + int(fields[12])) / tick
                processes[pid] = (int(fields[1]), (pid, int(fields[19])), used)
        for pid, (_, key, used) in processes.items():
            above = pid
            while above in processes and above != os.getpid():
                above = processes[above][0]
            if above == os.getpid():
                seen[key] = used
        await asyncio.sleep(0.5)


async def measure(problems: list[Problem], workers: int, seconds: float) -> tuple[list[_Found], Row]:
    coq, seen = Coq(workers=workers), {}
    sampling = asyncio.create_task(processor_seconds(seen))
    begun = time.monotonic()
    found = await prove(coq, problems, workers, seconds)
    took = time.monotonic() - begun
    await coq.aclose()
    sampling.cancel()
    counts = Counter(each.status for each in found)
    return found, {
        "theorems": len(problems),
        "proved": counts.pop(Status.PROVED, 0),
        "found and not proved": counts.total(),
        "s": round(took, 1),
        "CPU s": round(sum(seen.values())),
        "workers": workers,
    }


def main() -> None:
    """Prove, print, write one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--seconds", type=float, default=540.0, metavar="N")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)), metavar="N")
    parser.add_argument("--proofs", type=Path, metavar="FILE", help="write the proofs there")
    parser.add_argument("-o", "--out", type=Path, default=Path("out-minif2f-tools.jsonl"), metavar="FILE")
    chosen = parser.parse_args()
    coq = Coq(workers=1)
    tasks = [each.task for each in DATASET.load(str(chosen.file))]
    problems = [coq.problem(each.statement) for each in tasks if isinstance(each, TheoremTask)]
    problems.sort(key=lambda each: each.header)  # A process keeps the header that it has loaded.
    found, row = asyncio.run(measure(problems, chosen.workers, chosen.seconds))
    if chosen.proofs:
        chosen.proofs.write_text("".join(f"(* {each.name}: {each.status} *)\n{each.proof}\n\n" for each in found))
    write("minif2f_tools", [row], chosen.out)


if __name__ == "__main__":
    main()
