"""Bootstrap intervals over items, or over whole groups of items, for any function of column totals.

A mean is a total over a count and a ratio one total over another, so that a resample need be drawn as totals only:
whole arrays of items are never copied. Which totals make which metric belongs in `redraft.evaluation.summary`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from redraft.errors import ConfigError

Floats = NDArray[np.float64]
Counts = NDArray[np.intp]
Statistic = Callable[[Floats], Floats]
"""Values, shape (..., values), of column totals, shape (..., columns); NaN where undefined."""

BLOCK = 1 << 20
"""How many draws are held at once."""
MANY = 100_000
"""From so many rows on, their total is drawn from the normal distribution that it then has."""


class Intervals(NamedTuple):
    """Values of the statistic with their intervals, and the share of resamples in which each was defined."""

    value: Floats
    low: Floats
    high: Floats
    defined: Floats


def ratio(over: Floats, under: Floats) -> Floats:
    """`over / under`, NaN where `under` is zero."""
    out: Floats = np.full(over.shape, np.nan)
    return np.divide(over, under, out=out, where=under != 0)


def group_codes(groups: Sequence[str]) -> Counts:
    """A number for each name, equal for equal names, from 0 in order of appearance."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in groups], dtype=np.intp)


def group_totals(rows: Floats, codes: Counts) -> Floats:
    """The rows of each group added up: the rows to resample where items of a group are not independent."""
    return np.stack([np.bincount(codes, weights=column) for column in rows.T], axis=1)


def resampled_totals(rows: Floats, resamples: int, seed: int, counts: Counts | None = None) -> Floats:
    """Column totals of `resamples` draws, with replacement, of as many rows as there are: (resamples, columns).

    `counts` says how often each row stands in the data; a draw is then one multinomial over the distinct rows, which is
    the same distribution and needs no pass over the items. Without it, from `MANY` rows on, totals are drawn from the
    normal distribution with their mean and covariance (central limit theorem).
    """
    random = np.random.default_rng(seed)
    if counts is not None:
        drawn = random.multinomial(counts.sum(), counts / counts.sum(), size=resamples)
        return np.asarray(drawn @ rows, dtype=np.float64)
    size = len(rows)
    if size >= MANY:
        spread = size * np.atleast_2d(np.cov(rows, rowvar=False, bias=True))
        return random.multivariate_normal(rows.sum(axis=0), spread, size=resamples, method="eigh")
    totals = np.empty((resamples, rows.shape[1]))
    step = max(1, BLOCK // size)
    for start in range(0, resamples, step):
        places = random.integers(0, size, size=(min(step, resamples - start), size))
        times = np.stack([np.bincount(row, minlength=size) for row in places])
        totals[start : start + len(places)] = times.astype(np.float64) @ rows
    return totals


def intervals(
    rows: Floats,
    statistic: Statistic,
    *,
    counts: Counts | None = None,
    resamples: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
    kind: Literal["bca", "percentile"] = "bca",
) -> Intervals:
    """`statistic` of the totals of `rows`, shape (units, columns), each value with its interval of confidence `level`.

    A row is an independent unit: an item, or a group's total (`group_totals`). For two methods on the same items, let a
    row hold both: the bootstrap is then paired. `bca` is bias-corrected and accelerated, with the jackknife's
    acceleration; where every resample lies on one side of the value it is the `percentile` interval. Resamples in which
    a value is undefined are left out of its interval. Raises ConfigError for no rows and for settings out of range.

    Source: Efron, Better bootstrap confidence intervals, JASA 82 (1987); Efron and Tibshirani, An Introduction to
    the Bootstrap (1993), chapter 14.
    """
    if not len(rows):
        raise ConfigError("an interval needs at least one item")
    if resamples < 1 or not 0 < level < 1:
        raise ConfigError(f"an interval needs resamples (not {resamples}) and a level between 0 and 1 (not {level})")
    weights = np.ones(len(rows), dtype=np.intp) if counts is None else counts
    total = weights @ rows
    value = statistic(total)
    draws = statistic(resampled_totals(rows, resamples, seed, counts))
    present = weights > 0
    jackknife = statistic(total - rows[present])
    bounds = [
        _bounds(
            draws[:, k], value[k], _acceleration(jackknife[:, k], weights[present]) if kind == "bca" else None, level
        )
        for k in range(len(value))
    ]
    low, high = np.array(bounds).T
    return Intervals(value, low, high, 1 - np.isnan(draws).mean(axis=0))


def _bounds(draws: Floats, value: float, acceleration: float | None, level: float) -> tuple[float, float]:
    draws = draws[~np.isnan(draws)]
    if not draws.size or np.isnan(value):
        return float("nan"), float("nan")
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    below = (np.mean(draws < value) + np.mean(draws <= value)) / 2
    if acceleration is not None and 0 < below < 1:
        bias = norm.ppf(below)
        shifted = bias + norm.ppf(tails)
        if (acceleration * shifted < 1).all():
            tails = norm.cdf(bias + shifted / (1 - acceleration * shifted))
    low, high = np.quantile(draws, tails)
    return float(low), float(high)


def _acceleration(left_out: Floats, weights: Counts) -> float:
    """From the values without each row in turn; a row whose absence leaves the value undefined is passed over."""
    known = ~np.isnan(left_out)
    left_out, weights = left_out[known], weights[known]
    if not left_out.size:
        return 0.0
    away = np.average(left_out, weights=weights) - left_out
    if not (furthest := np.abs(away).max()):
        return 0.0
    away /= furthest  # The third power of very small numbers is zero.
    return float((weights * away**3).sum() / (6 * (weights * away**2).sum() ** 1.5))
