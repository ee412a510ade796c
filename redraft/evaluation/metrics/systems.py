"""Does a metric rank systems as people do: pairwise accuracy, and soft pairwise accuracy.

A pair is two systems of one language pair. Scores go up with quality on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from redraft.evaluation.metrics.rated import Floats, rated


class PairwiseAccuracy(NamedTuple):
    """`agreed` of `pairs` pairs of systems, and their share: NaN without a pair that people order."""

    accuracy: float
    agreed: int
    pairs: int


def pairwise_accuracy(sets: Iterable[tuple[ArrayLike, ArrayLike]]) -> PairwiseAccuracy:
    """Share of pairs of systems whose order by the metric is the order by people, pooled over `sets`.

    Each set is (metric, human) of one language pair: a score for each system. A pair that people call equal is agreed
    upon where the metric calls it equal too. Kocmi et al., To Ship or Not to Ship (WMT 2021), as the WMT metrics tasks
    count it. Raises ConfigError (`rated`).
    """
    agreed = pairs = differing = 0
    for each in sets:
        metric, human = rated(*each, dimensions=1)
        known = ~np.isnan(human)
        first, second = np.triu_indices(int(known.sum()), k=1)
        metric, human = metric[known], human[known]
        by_people = np.sign(human[first] - human[second])
        agreed += int((by_people == np.sign(metric[first] - metric[second])).sum())
        differing += int(np.count_nonzero(by_people))
        pairs += len(first)
    return PairwiseAccuracy(agreed / pairs if differing else np.nan, agreed, pairs)


def soft_pairwise_accuracy(metric: ArrayLike, human: ArrayLike, *, permutations: int = 1000, seed: int = 0) -> float:
    """SPA = mean over pairs of systems i < j of 1 - |p_human(i > j) - p_metric(i > j)|.

    The p-values are one-tailed, of a paired permutation test over segments: the share of random swaps between the two
    systems after which their difference is as large as it is, or larger; the same swaps serve all pairs and both sides.
    Scores have a row for each segment and a column for each system. A segment that lacks a human score for any system
    is left out. NaN with fewer than two systems, without a segment, or where people tell no two systems apart anywhere.
    Raises ConfigError (`rated`).

    Source: Thompson et al., WMT 2024 (arXiv 2409.09598); 1000 permutations as in the WMT 2024 metrics task.
    """
    metric, human = rated(metric, human, dimensions=2)
    whole = ~np.isnan(human).any(axis=1)
    metric, human = metric[whole], human[whole]
    if not len(human) or human.shape[1] < 2 or not np.ptp(human, axis=1).any():
        return float("nan")
    signs = np.random.default_rng(seed).choice(np.array([-1.0, 1.0]), size=(permutations, len(human)))
    return float(1 - np.abs(_p_values(human, signs) - _p_values(metric, signs)).mean())


def _p_values(scores: Floats, signs: Floats) -> Floats:
    first, second = np.triu_indices(scores.shape[1], k=1)
    swapped = signs @ scores
    observed = scores.sum(axis=0)
    # Sums of the same numbers in another order are equal up to rounding only.
    rounding = 1e-9 * max(float(np.abs(scores).sum(axis=0).max()), 1e-300)
    null = swapped[:, first] - swapped[:, second]
    return np.asarray((null >= observed[first] - observed[second] - rounding).mean(axis=0), dtype=np.float64)
