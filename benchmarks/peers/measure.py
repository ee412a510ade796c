"""What every peer's script shares: the items, the reply, the clock and the line it prints. Standard library only, for
it runs in each peer's own environment. What is measured belongs to the scripts beside it.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable

CALLS = 3
"""Model calls per item: generate, critique, refine."""
DRAFT = (
    "The tide turns twice a day because the earth turns under the moon, whose pull heaps the water up on both sides."
)
REVIEW = "The second sentence is missing: say why there are two tides a day and not one, and name the sun's part in it."
BETTER = (
    "The earth turns once a day under two bulges of water, one that the moon pulls and one that is left behind by it."
)


def question(number: int) -> str:
    """The `number`-th item: no two are alike, so that no cache answers."""
    return (
        f"Question {number}: a pupil asks why the sea on the coast rises and falls twice a day and why its height "
        f"changes over a month. Answer in two sentences that a child of {number % 9 + 6} understands."
    )


def main(peer: str, run: Callable[[range, int], int]) -> None:
    """Measure `run(numbers, concurrency)`, which answers questions and returns the number of model calls it made.

    Prints one line of JSON. CPU time is user and system time of this process with its threads, not of its children.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, default=32)
    chosen = parser.parse_args()
    warm = max(10, min(100, chosen.items // 10))
    run(range(10**9, 10**9 + warm), chosen.concurrency)
    cpu, wall = time.process_time(), time.perf_counter()
    calls = run(range(chosen.items), chosen.concurrency)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    if calls != CALLS * chosen.items:
        raise SystemExit(f"{peer} made {calls} calls for {chosen.items} items: that is another amount of work")
    line = {"peer": peer, "items": chosen.items, "calls": calls, "cpu_seconds": cpu, "wall_seconds": wall}
    print(json.dumps(line), flush=True)
