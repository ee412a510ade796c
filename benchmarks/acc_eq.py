"""What tie calibration costs: pairwise accuracy at every threshold that occurs, against a grid of a few.

    python benchmarks/acc_eq.py [--data DIR] [--grid N] [--repeat N] [-o FILE]

WMT23 zh-en, 1,177 rated segments x 16 systems, for a metric with a score of its own for everything (CometKiwi) and one
with few different scores (GEMBA-MQM): from recorded data where it is there, else made up in the same shape. The sweep
of `redraft.evaluation.metrics.ties.acc_eq` takes turns with the formula written down in NumPy, once for each of N
thresholds; the fastest repetition of each counts. Wall time depends on the machine; the ratios are what to look at.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from report import Row, write

from redraft.evaluation.metrics.ties import acc_eq
from redraft.evaluation.reproduce.wmt23 import read_scores

Floats = NDArray[np.float64]
SEGMENTS, SYSTEMS = 1177, 16


def recorded(data: Path, metric: str) -> tuple[Floats, Floats]:
    """Scores of the rated segments, (segments, systems), and the human ones."""
    folder = data / "wmt-mqm" / "wmt23"
    human = read_scores(folder / "human" / "zh-en.mqm.seg.score.gz")
    scores = read_scores(folder / "metrics" / "zh-en" / f"{metric}-src.seg.score.gz")
    people = np.column_stack(list(human.values()))
    given = ~np.isnan(people).any(axis=1)
    return np.column_stack([scores[name] for name in human])[given], people[given]


def made_up(few: bool) -> tuple[Floats, Floats]:
    """Scores that go with human ones a little; whole numbers where `few`."""
    random = np.random.default_rng(0)
    human = -random.poisson(1.0, (SEGMENTS, SYSTEMS)) * random.choice([1.0, 5.0], (SEGMENTS, SYSTEMS))
    metric = human + random.normal(0, 4, human.shape)
    return (np.round(metric) if few else metric), human


def by_grid(metric: Floats, human: Floats, thresholds: Floats) -> float:
    """The formula for each threshold in turn."""
    first, second = np.triu_indices(metric.shape[1], k=1)
    by_metric, by_people = metric[:, first] - metric[:, second], human[:, first] - human[:, second]
    best = 0.0
    for threshold in thresholds:
        called = np.where(np.abs(by_metric) <= threshold, 0.0, np.sign(by_metric))
        best = max(best, float((called == np.sign(by_people)).mean(axis=1).mean()))
    return best


def fastest(run: Callable[[], float], repeat: int) -> tuple[float, float]:
    """Seconds, and what came out."""
    took = float("inf")
    for _ in range(repeat):
        begun = time.perf_counter()
        value = run()
        took = min(took, time.perf_counter() - begun)
    return took, value


def measure(data: Path, grid: int, repeat: int) -> list[Row]:
    """A row for each way and metric."""
    rows: list[Row] = []
    for name in ("CometKiwi", "GEMBA-MQM"):
        there = (data / "wmt-mqm" / "wmt23").is_dir()
        metric, human = recorded(data, name) if there else made_up(name == "GEMBA-MQM")
        thresholds = np.linspace(0, float(np.ptp(metric)), grid)
        occur = len(np.unique(np.abs(metric[:, :, None] - metric[:, None, :])))
        plain, found = fastest(lambda m=metric, h=human, t=thresholds: by_grid(m, h, t), repeat)
        swept, best = fastest(lambda m=metric, h=human: acc_eq(m, h).accuracy, repeat)
        scores = f"{name}, {'recorded' if there else 'made up'}, {metric.shape[0]} x {metric.shape[1]}"
        for way, count, took, value in (("grid", grid, plain, found), ("sweep", occur, swept, best)):
            rows.append(
                {
                    "scores": scores,
                    "way": way,
                    "thresholds": count,
                    "seconds": round(took, 4),
                    "acc_eq": round(value, 5),
                    "times as fast as the grid": round(plain / took, 1),
                    "times as fast a threshold": round(plain / grid / (took / count), 1),
                }
            )
    return rows


def main() -> None:
    """Measure, print a table, write one JSON object a line."""
    here = Path(os.environ.get("REDRAFT_DATA", Path(__file__).parents[2] / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=here, metavar="DIR")
    parser.add_argument("--grid", type=int, default=200, metavar="N")
    parser.add_argument("--repeat", type=int, default=5, metavar="N")
    parser.add_argument("-o", "--out", type=Path, default=Path("out-acc-eq.jsonl"), metavar="FILE")
    chosen = parser.parse_args()
    write("acc_eq", measure(chosen.data, chosen.grid, chosen.repeat), chosen.out)


if __name__ == "__main__":
    main()
