"""Whether a call costs more the longer the run is.

    python benchmarks/growth.py [--items N ...] [--repeat N] [-o FILE]

Processor time of redraft per model call, as in `overhead.py` (three calls an item, everything on, a model that answers
at once), over 1,000, 10,000 and 100,000 items, each run in a process of its own. A shared machine is faster in one
minute than in the next, by more than what is looked for here: so each process does the same small piece of work after
every 100 items, and a call is told in that piece too; its processor time is not redraft's. Of `--repeat` turns the
median counts; shorter runs are repeated until they have made as many calls as the longest makes in a tenth of its time.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from statistics import median

from report import Row, write

PEERS = Path(__file__).parent / "peers"
EVERY = 100
"""Items between two pieces of work."""


def piece() -> None:
    """A few milliseconds of what a Python program does: text, JSON, hashes, small objects."""
    for number in range(300):
        raw = json.dumps({"number": number, "words": [f"word {n}" for n in range(20)], "text": "the sea " * 20})
        dict(json.loads(raw), key=sha256(raw.encode()).hexdigest())


class Pace:
    """A watcher that measures how fast the machine is, all along the run."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.pieces = 0
        self._records = 0

    def begin(self, total: int | None, done: int) -> None:
        """Nothing yet."""

    def add(self, record: object) -> None:
        """Now and then, a piece of work."""
        self._records += 1
        if self._records % EVERY == 0:
            start = time.process_time()
            piece()
            self.seconds += time.process_time() - start
            self.pieces += 1

    def end(self, reason: str | None) -> None:
        """Nothing to do."""


def one_run(items: int) -> list[float]:
    """Milliseconds and pieces per call."""
    import measure
    from redraft_run import Instant, work

    seconds: list[float] = []
    pace = Pace()
    with tempfile.TemporaryDirectory() as folder:
        for name, count in (("warm", 200), ("run", items)):
            source = Path(folder) / f"{name}.jsonl"
            with source.open("w") as lines:
                lines.writelines(json.dumps({"text": measure.question(number)}) + "\n" for number in range(count))
            model, pace = Instant(), Pace()
            gc.freeze()  # As `redraft run` does.
            start = time.process_time()
            asyncio.run(work(model, source, 32, [pace]))
            seconds.append(time.process_time() - start)
            assert model.calls == measure.CALLS * count
    per_call = (seconds[-1] - pace.seconds) / (measure.CALLS * items)
    return [1000 * per_call, per_call / (pace.seconds / pace.pieces)]


def in_process(items: int) -> list[float]:
    """One run in a process of its own."""
    paths = [str(PEERS), str(PEERS.parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(paths)}
    ran = subprocess.run([sys.executable, __file__, "--one", str(items)], stdout=-1, check=True, env=environment)
    cost: list[float] = json.loads(ran.stdout)
    return cost


def measured(sizes: list[int], repeat: int) -> list[Row]:
    """Every row of the table, the sizes in turns."""
    costs: dict[int, list[list[float]]] = {items: [] for items in sizes}
    for _ in range(repeat):
        for items, seen in costs.items():
            seen += [in_process(items) for _ in range(max(1, min(10, max(sizes) // 10 // items)))]
    first = median(pieces for _, pieces in costs[sizes[0]])
    return [
        {
            "items": items,
            "runs": len(seen),
            "ms a call": round(median(ms for ms, _ in seen), 3),
            "pieces a call": round(median(pieces for _, pieces in seen), 5),
            "times the first": round(median(pieces for _, pieces in seen) / first, 3),
        }
        for items, seen in costs.items()
    ]


def main() -> None:
    """Measure, print a table, write JSON lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, nargs="+", default=[1_000, 10_000, 100_000], metavar="N")
    parser.add_argument("--repeat", type=int, default=1, metavar="N")
    parser.add_argument("-o", "--out", type=Path, default=Path("out-growth.jsonl"), metavar="FILE")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        json.dump(one_run(chosen.one), sys.stdout)
        return
    write("Growth", measured(chosen.items, chosen.repeat), chosen.out)


if __name__ == "__main__":
    main()
