"""What an attempt at a proof costs: a warm Coq that goes back after each, against a fresh `coqc` for each.

    python benchmarks/provers.py [--attempts N] [--fresh N] [--repeat N] [-o FILE]

The same short attempts, half of them wrong, one after the other in each of as many processes as there are processors;
the fresh ones are not contained, and load the same libraries. The ways take turns, and the fastest repetition of each
counts. `memory` is what a warm process holds after its first attempts and after its last.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from report import Row, write

from redraft.tools.provers import Problem, Status
from redraft.tools.provers.coq import PRELUDE, Coq

AT_ONCE = len(os.sched_getaffinity(0))
PROBLEM = Problem(
    "x", "Require Import Reals.\nOpen Scope R_scope.\n", "Theorem x : forall a b : R, a < b -> 0 < b - a."
)
PROOFS = ("Proof. intros. lra. Qed.", "Proof. intros. lia. Qed.")


async def fresh(proof: str) -> bool:
    """A `coqc` of its own, with no sandbox."""
    with tempfile.TemporaryDirectory() as folder:
        text = "\n".join((PRELUDE, PROBLEM.header, PROBLEM.statement, proof, ""))
        Path(folder, "x.v").write_text(text)
        process = await asyncio.create_subprocess_exec(
            "coqc", "-q", "x.v", cwd=folder, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        return await process.wait() == 0


async def rate(attempt: Callable[[str], Awaitable[bool]], count: int) -> float:
    """Attempts per second. Half of them must go through."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> bool:
        async with turns:
            return await attempt(PROOFS[number % 2])

    begun = time.perf_counter()
    right = await asyncio.gather(*map(one, range(count)))
    assert sum(right) == (count + 1) // 2
    return count / (time.perf_counter() - begun)


def memory(coq: Coq) -> float:
    """MiB that the largest of Coq's processes holds."""
    found = [0]
    for pid in coq.pids:
        for each in (pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())):
            lines = Path(f"/proc/{each}/status").read_text().splitlines()
            found += [int(line.split()[1]) for line in lines if line.startswith("VmRSS")]
    return max(found) / 1024


async def measure(attempts: int, few: int, repeat: int) -> list[Row]:
    coq = Coq(recycle=10 * attempts * repeat)

    async def warm(proof: str) -> bool:
        return (await coq.check(PROBLEM, proof)).status is Status.ACCEPTED

    await rate(warm, 200)
    before = memory(coq)
    rates: dict[str, float] = {"warm": 0.0, "fresh": 0.0}
    for _ in range(repeat):
        rates["warm"] = max(rates["warm"], await rate(warm, attempts))
        rates["fresh"] = max(rates["fresh"], await rate(fresh, few))
    after = memory(coq)
    await coq.aclose()
    return [
        {
            "way": "warm",
            "attempts/s": round(rates["warm"], 1),
            "times": round(rates["warm"] / rates["fresh"], 1),
            "MiB before": round(before),
            "MiB after": round(after),
        },
        {"way": "fresh", "attempts/s": round(rates["fresh"], 2), "times": 1.0},
    ]


def main() -> None:
    """Measure, print a table, write one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attempts", type=int, default=5000, metavar="N")
    parser.add_argument("--fresh", type=int, default=20, metavar="N")
    parser.add_argument("--repeat", type=int, default=2, metavar="N")
    parser.add_argument("-o", "--out", type=Path, default=Path("out-provers.jsonl"), metavar="FILE")
    chosen = parser.parse_args()
    write("provers", asyncio.run(measure(chosen.attempts, chosen.fresh, chosen.repeat)), chosen.out)


if __name__ == "__main__":
    main()
