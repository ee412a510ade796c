"""WMT 2023 metrics task: how well MT metrics agree with MQM, from their recorded scores.

Freitag et al., Results of WMT23 Metrics Shared Task (WMT 2023), tables 8 and 9: pairwise accuracy of systems over the
three language pairs, and for each pair Pearson between systems, Pearson between segments (all at once) and acc_eq with
tie calibration, grouped by segment. Their average counts the accuracy three times and puts r at (r + 1) / 2; Kocmi and
Federmann (arXiv 2310.13988, table 1) print it too.

The reference that metrics saw is no system, nor is the synthetic one; he-en, with two references, keeps refA. Segments
without ratings count nowhere.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from redraft.errors import ConfigError
from redraft.evaluation.metrics.correlation import pearson
from redraft.evaluation.metrics.rated import Floats
from redraft.evaluation.metrics.systems import pairwise_accuracy
from redraft.evaluation.metrics.ties import acc_eq
from redraft.evaluation.reproduce.table import Published, Reproduction, compared

PAIRS = {"en-de": "refA", "he-en": "refB", "zh-en": "refA"}
"""The language pairs, and the reference that metrics compare with."""
_CELLS = ("system Pearson", "segment Pearson", "acc_eq")
_PUBLISHED = {
    "XCOMET-Ensemble": (0.825, 0.928, 0.980, 0.695, 0.604, 0.950, 0.556, 0.586, 0.927, 0.650, 0.543),
    "MetricX-23": (0.808, 0.908, 0.977, 0.585, 0.603, 0.910, 0.548, 0.577, 0.873, 0.625, 0.531),
    "GEMBA-MQM": (0.802, 0.944, 0.993, 0.502, 0.572, 0.939, 0.401, 0.564, 0.991, 0.449, 0.522),
    "CometKiwi": (0.782,),
    "COMET": (0.779,),
    "BLEU": (0.696,),
    "chrF": (0.694,),
}
"""Average, system accuracy, then `_CELLS` of each of `PAIRS`; of the last four the average alone."""

_PRELIMINARY = "printed from preliminary results of the shared task, whose own report has 0.944"


class Scores(NamedTuple):
    """A metric beside people on one language pair: of each system, and of each segment (rows) by system (columns)."""

    names: tuple[str, ...]
    metric: Floats
    human: Floats
    metric_segments: Floats
    human_segments: Floats


def rows(data: Path) -> Sequence[Published]:
    """Every number that is published of a metric whose scores are recorded."""
    found: list[Published] = []
    for name, published in _PUBLISHED.items():
        sets = [scores(data, pair, name) for pair in PAIRS]
        accuracy = pairwise_accuracy((each.metric, each.human) for each in sets).accuracy
        cells = [cell for each in sets for cell in _cells(each)]
        shifted = [(1 + value) / 2 if place % 3 < 2 else value for place, value in enumerate(cells)]
        values = [(3 * accuracy + sum(shifted)) / 12, accuracy, *cells]
        names = ["average", "system accuracy", *(f"{pair}, {cell}" for pair in PAIRS for cell in _CELLS)]
        for what, number, value in zip(names, published, values, strict=False):
            found.append(compared("WMT23 metrics", f"{name}, {what}", number, value, 3))
        if name == "GEMBA-MQM":
            found.append(compared("GEMBA-MQM, Table 1", "system accuracy", 0.965, accuracy, 3, _PRELIMINARY))
    return found


def _cells(each: Scores) -> tuple[float, float, float]:
    return (
        pearson(each.metric, each.human),
        pearson(each.metric_segments, each.human_segments),
        acc_eq(each.metric_segments, each.human_segments).accuracy,
    )


def scores(data: Path, pair: str, metric: str) -> Scores:
    """The recorded scores of `metric`, such as `GEMBA-MQM`, on one of `PAIRS`. Raises ConfigError."""
    folder, reference = data / "wmt-mqm" / "wmt23", PAIRS[pair]
    files = {path.name: path for path in (folder / "metrics" / pair).glob("*.score.gz")}
    stem = next((s for s in (f"{metric}-{reference}", f"{metric}-src") if f"{s}.seg.score.gz" in files), None)
    if stem is None:
        raise ConfigError(f"no scores of {metric} for {pair} in {folder}")
    human, by_people = (read_scores(folder / "human" / f"{pair}.mqm.{level}.score.gz") for level in ("sys", "seg"))
    whole, by_metric = (read_scores(folder / "metrics" / pair / f"{stem}.{level}.score.gz") for level in ("sys", "seg"))
    names = tuple(sorted(set(human) & set(whole) - {reference, "synthetic_ref"}))
    try:
        return Scores(
            names=names,
            metric=np.array([whole[name][0] for name in names]),
            human=np.array([human[name][0] for name in names]),
            metric_segments=np.column_stack([by_metric[name] for name in names]),
            human_segments=np.column_stack([by_people[name] for name in names]),
        )
    except (KeyError, ValueError) as error:
        raise ConfigError(f"the scores of {metric} for {pair} do not fit the human ones: {error}") from error


def read_scores(path: Path) -> dict[str, Floats]:
    """System -> its scores, in the order of the file: lines of `system TAB score`, as mt-metrics-eval has them, packed
    with gzip; `None` is NaN. Raises ConfigError."""
    try:
        table = pl.read_csv(
            gzip.decompress(path.read_bytes()),
            separator="\t",
            has_header=False,
            quote_char=None,
            null_values="None",
            schema={"system": pl.String, "score": pl.Float64},
        )
    except (OSError, EOFError, pl.exceptions.PolarsError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    systems = table.group_by("system", maintain_order=True).agg(pl.col("score"))
    return {name: np.array(column, dtype=np.float64) for name, column in systems.iter_rows()}


WMT23 = Reproduction("wmt23", "Freitag et al., Results of WMT23 Metrics Shared Task", "wmt-mqm", rows)
