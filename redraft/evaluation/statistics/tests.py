"""Is the difference between two methods on the same items more than chance? Exact and permutation tests; Holm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, binomtest

from redraft.errors import ConfigError
from redraft.evaluation.statistics.bootstrap import BLOCK, MANY, Counts, Floats

EXACT = 20_000
"""Whole differences that add up to no more than this are tested exactly."""


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Two-sided p that two methods are right equally often, from whether each is right on each item.

    Exact: of the items on which one alone is right, the first's share is binomial with 1/2. 1 where there is none.
    Items must be independent. Raises ConfigError where the two are not of the same items.

    Source: McNemar, Psychometrika 12 (1947); Dietterich, Neural Computation 10 (1998).
    """
    if first.shape != second.shape:
        raise ConfigError(f"a paired test needs the same items: {first.shape} and {second.shape} differ")
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    return float(binomtest(only_first, only_first + only_second).pvalue) if only_first + only_second else 1.0


def sign_flip(differences: Floats, *, resamples: int = 10_000, seed: int = 0) -> float:
    """Two-sided p that paired `differences`, one for each independent unit, are as likely to have either sign.

    The statistic is their sum: a permutation test of the mean. Exact where differences are of one size, such as single
    verdicts (it then equals `mcnemar`), or whole numbers that add up to `EXACT` at most; else from `resamples` random
    signs, where p is never below 1 / (resamples + 1). From `MANY` sizes on, the sum is drawn from the normal
    distribution that it then has. 1 where all are zero. Raises ConfigError for NaN.

    Source: Fisher, The Design of Experiments (1935); Phipson and Smyth, Stat. Appl. Genet. Mol. Biol. 9
    (2010) for the added one.
    """
    if np.isnan(differences).any():
        raise ConfigError("a paired test needs a number for every item: some are NaN")
    sizes, counts = np.unique(np.abs(differences[differences != 0]), return_counts=True)
    if not sizes.size:
        return 1.0
    observed = abs(float(differences.sum()))
    reach = float(sizes @ counts)
    if len(sizes) == 1:
        plus = round((observed / sizes[0] + counts[0]) / 2)
        return float(binomtest(plus, counts[0]).pvalue)
    if (sizes == np.rint(sizes)).all() and reach <= EXACT:
        return _exact(sizes.astype(np.intp), counts, round(observed))
    slack = 1e-12 * reach  # Sums in another order round otherwise.
    as_far = (np.abs(_random_sums(sizes, counts, resamples, seed)) >= observed - slack).sum()
    return float(as_far + 1) / (resamples + 1)


def _random_sums(sizes: Floats, counts: Counts, resamples: int, seed: int) -> Floats:
    random = np.random.default_rng(seed)
    if len(sizes) >= MANY:
        return random.normal(0, np.sqrt(sizes**2 @ counts), resamples)
    sums = np.empty(resamples)
    step = max(1, BLOCK // len(sizes))
    for start in range(0, resamples, step):
        shape = (min(step, resamples - start), len(sizes))
        single = counts.max() == 1
        plus = random.integers(0, 2, shape, dtype=np.int8) if single else random.binomial(counts, 0.5, shape)
        sums[start : start + step] = (2.0 * plus - counts) @ sizes
    return sums


def _exact(sizes: Counts, counts: Counts, observed: int) -> float:
    """From the distribution of the sum of the sizes that are positive: one binomial for each size, convolved."""
    chances: Floats = np.ones(1)
    for size, count in zip(sizes, counts, strict=True):
        spaced: Floats = np.zeros(size * count + 1)
        spaced[::size] = binom.pmf(np.arange(count + 1), count, 0.5)
        chances = np.convolve(chances, spaced).astype(np.float64)
    sums = 2 * np.arange(len(chances)) - sizes @ counts
    return float(min(1.0, chances[np.abs(sums) >= observed].sum()))


def holm(p: Sequence[float]) -> list[float]:
    """Each p, adjusted such that rejecting those under a level keeps the chance of any false rejection under it.

    NaN stands for no test: it stays NaN and does not count. Source: Holm, Scand. J. Statist. 6 (1979).
    """
    values = np.array(p, dtype=np.float64)
    tested = np.flatnonzero(~np.isnan(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    steps = values[order] * np.arange(len(order), 0, -1)
    values[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return [float(value) for value in values]
