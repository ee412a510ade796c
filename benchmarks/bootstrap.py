"""What an interval costs: redraft's bootstrap beside the plain NumPy formula, and a million items at all.

    python benchmarks/bootstrap.py [--items N] [--resamples N] [--repeat N] [-o FILE]

The plain formula draws the places of as many items as there are, takes the items that stand there, and means them, once
for each resample; here of four columns (a verdict and three costs). redraft draws how often each item stands in each
resample, and multiplies; verdicts alone are counted by state first. Both give percentile intervals, which the table
tells, for speed without the same answer is worth nothing. The ways take turns within each repetition, and the fastest
repetition of each counts. Seconds depend on the machine; the ratios are what to look at.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from report import Row, write

from redraft.evaluation import summary
from redraft.evaluation.metrics.decomposition import single_shot
from redraft.evaluation.metrics.flips import transitions_by_round
from redraft.evaluation.outcomes import Outcomes
from redraft.evaluation.statistics.bootstrap import Floats, intervals

Bounds = tuple[float, float]


def made(items: int) -> Outcomes:
    """Outcomes such as a method's: two rounds of verdicts, and costs."""
    random = np.random.default_rng(0)
    verdicts = random.choice(np.array([-1, 0, 1], np.int8), p=[0.05, 0.35, 0.6], size=(items, 2))
    calls = random.integers(1, 6, items).astype(np.float64)
    ids = tuple(map(str, range(items)))
    tokens, seconds = calls * random.gamma(4, 90, items), calls * random.gamma(2, 1, items)
    return Outcomes("m", ids, verdicts, np.full(verdicts.shape, np.nan), calls, tokens, seconds, tokens * 1e-6, ids)


def plain(columns: Floats, resamples: int) -> Bounds:
    """The textbook's loop."""
    random = np.random.default_rng(0)
    items = len(columns)
    drawn = np.array([columns[random.integers(0, items, items)].mean(axis=0) for _ in range(resamples)])
    low, high = np.quantile(drawn[:, 0], [0.025, 0.975])
    return float(low), float(high)


def ours(columns: Floats, resamples: int) -> Bounds:
    """Totals of resampled counts."""
    found = intervals(columns, lambda totals: totals / len(columns), resamples=resamples, kind="percentile")
    return float(found.low[0]), float(found.high[0])


def counted(columns: Floats, resamples: int) -> Bounds:
    """The verdict alone, which has but two values."""
    states, counts = np.unique(columns[:, :1], axis=0, return_counts=True)
    found = intervals(
        states, lambda totals: totals / len(columns), counts=counts, resamples=resamples, kind="percentile"
    )
    return float(found.low[0]), float(found.high[0])


def summarised(outcomes: Outcomes, resamples: int) -> Bounds:
    """All thirteen numbers of a method, with BCa intervals; that of the verdict is told."""
    [told] = summary.summarise({"m": outcomes}, resamples=resamples)
    accuracy = told.estimates["accuracy"]
    return accuracy.low or 0.0, accuracy.high or 0.0


def counts_only(outcomes: Outcomes) -> Bounds:
    """Metrics without intervals: flips by round, CL, CS, RSS."""
    transitions_by_round(outcomes.verdicts)
    found = single_shot(outcomes.first, outcomes.final)
    return found.acc2, found.acc2


def measure(items: int, resamples: int, repeat: int) -> list[Row]:
    """A row for each way."""
    some, many = made(items), made(1_000_000)
    columns = np.stack([some.final == 1, some.calls, some.tokens, some.seconds], axis=1).astype(np.float64)
    reference = f"plain NumPy, {items} items, 4 columns"
    ways: dict[str, Callable[[], Bounds]] = {
        reference: lambda: plain(columns, resamples),
        f"redraft, {items} items, 4 columns": lambda: ours(columns, resamples),
        f"redraft, {items} verdicts": lambda: counted(columns, resamples),
        f"redraft, a whole summary of {items} items": lambda: summarised(some, resamples),
        "redraft, a whole summary of 1000000 items": lambda: summarised(many, resamples),
        "redraft, metrics alone of 1000000 items": lambda: counts_only(many),
    }
    best: dict[str, float] = {}
    told: dict[str, Bounds] = {}
    for _ in range(repeat):
        for name, way in ways.items():
            begun = time.perf_counter()
            told[name] = way()
            best[name] = min(best.get(name, float("inf")), time.perf_counter() - begun)
    return [
        {
            "way": name,
            "resamples": 0 if "alone" in name else resamples,
            "seconds": round(took, 3),
            "times as fast as plain": "" if "1000000" in name else round(best[reference] / took, 1),
            "accuracy from": round(told[name][0], 4),
            "to": round(told[name][1], 4),
        }
        for name, took in best.items()
    ]


def main() -> None:
    """Measure, print a table, write one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=10_000, metavar="N")
    parser.add_argument("--resamples", type=int, default=10_000, metavar="N")
    parser.add_argument("--repeat", type=int, default=3, metavar="N")
    parser.add_argument("-o", "--out", type=Path, default=Path("out-bootstrap.jsonl"), metavar="FILE")
    chosen = parser.parse_args()
    write("bootstrap", measure(chosen.items, chosen.resamples, chosen.repeat), chosen.out)


if __name__ == "__main__":
    main()
