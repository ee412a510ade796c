"""Segment-level pairwise accuracy that knows ties, with tie calibration (Deutsch, Foster and Freitag, EMNLP 2023).

For every segment, every two of its translations are a pair. A metric is right about a pair where it orders the two as
people do, or where people call them equal and it does too; it calls them equal where its scores differ by epsilon at
most. Scores have a row for each segment and a column for each system; NaN is a human score that was not given.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from redraft.evaluation.metrics.rated import Floats, rated


class AccEq(NamedTuple):
    """`accuracy` at `epsilon` (in the metric's unit), and `uncalibrated`, the same at an epsilon of 0."""

    accuracy: float
    epsilon: float
    uncalibrated: float


class _Pairs(NamedTuple):
    """Of each pair whose both sides are rated: its segment, how far apart the metric's scores are, whether people call
    them equal, and whether the metric orders them as people do."""

    segment: NDArray[np.intp]
    apart: Floats
    tied: NDArray[np.bool_]
    ordered: NDArray[np.bool_]


def acc_eq(metric: ArrayLike, human: ArrayLike, epsilon: float | None = None) -> AccEq:
    """acc*_eq = mean over segments of (C + T_both) / (C + D + T_human + T_metric + T_both), grouped by item.

    Without `epsilon` it is calibrated: the smallest that gives the highest accuracy of 0 and all differences that
    occur, as in the WMT metrics tasks, on the same data (their "acc-t"). The pairs are sorted by their difference once;
    a running sum then holds the accuracy at every threshold: O(n log n). For grouping by system, transpose.

    All NaN where people see no difference in any pair (any metric would be perfect at a large epsilon) or there is no
    pair. Raises ConfigError (`rated`).

    Source: Deutsch, Foster and Freitag, Ties Matter, EMNLP 2023, arXiv 2305.14324.
    """
    metric, human = rated(metric, human, dimensions=2)
    pairs = _pairs(metric, human)
    if pairs.tied.all():
        return AccEq(np.nan, np.nan, np.nan)
    counts = np.bincount(pairs.segment, minlength=len(metric))
    weight = 1 / (counts[pairs.segment] * np.count_nonzero(counts))
    plain = float(weight[_right(pairs, 0.0)].sum())
    if epsilon is not None:
        return AccEq(float(weight[_right(pairs, epsilon)].sum()), epsilon, plain)

    order = np.argsort(pairs.apart)
    apart = pairs.apart[order]
    gain = pairs.tied.astype(np.int8) - pairs.ordered  # of a pair that becomes a tie
    gained = np.cumsum(np.where(apart > 0, (gain * weight)[order], 0.0))
    last = np.append(apart[1:] > apart[:-1], True)
    thresholds = np.append(0.0, apart[last])
    accuracies = plain + np.append(0.0, gained[last])
    best = int(np.argmax(accuracies >= accuracies.max() - 1e-12))
    return AccEq(float(accuracies[best]), float(thresholds[best]), plain)


def segment_accuracies(metric: ArrayLike, human: ArrayLike, epsilon: float = 0.0) -> Floats:
    """The share of pairs that the metric is right about, for each segment: their mean is `acc_eq` at that epsilon, and
    they are what to resample for its interval. NaN for a segment without a rated pair. Raises ConfigError (`rated`)."""
    metric, human = rated(metric, human, dimensions=2)
    pairs = _pairs(metric, human)
    counts = np.bincount(pairs.segment, minlength=len(metric)).astype(np.float64)
    right = np.bincount(pairs.segment, weights=_right(pairs, epsilon), minlength=len(metric))
    shares: Floats = np.divide(right, counts, out=np.full(len(metric), np.nan), where=counts > 0)
    return shares


def _pairs(metric: Floats, human: Floats) -> _Pairs:
    first, second = np.triu_indices(metric.shape[1], k=1)
    by_people = human[:, first] - human[:, second]
    known = ~np.isnan(by_people)
    by_people, by_metric = by_people[known], (metric[:, first] - metric[:, second])[known]
    return _Pairs(
        segment=np.nonzero(known)[0],
        apart=np.abs(by_metric),
        tied=by_people == 0,
        ordered=(by_people != 0) & (np.sign(by_people) == np.sign(by_metric)),
    )


def _right(pairs: _Pairs, epsilon: float) -> NDArray[np.bool_]:
    return np.where(pairs.apart <= epsilon, pairs.tied, pairs.ordered)
