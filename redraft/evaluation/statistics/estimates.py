"""An `Estimate` of any metric: of a mean over items, or of whatever can be computed again from resampled items."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from redraft.errors import ConfigError
from redraft.evaluation.statistics.bootstrap import Floats, group_codes, group_totals, intervals, ratio
from redraft.evaluation.statistics.enough import too_few
from redraft.evaluation.statistics.estimate import Estimate


def stated(
    value: float, low: float, high: float, n: int, notes: Sequence[str | None] = (), level: float = 0.95
) -> Estimate:
    """The numbers as an Estimate, without an interval where a bound is NaN; `notes` that are None are passed over."""
    known = not np.isnan([low, high]).any()
    return Estimate(
        value=float(value),
        low=float(low) if known else None,
        high=float(high) if known else None,
        level=level,
        n=n,
        note="; ".join(note for note in notes if note) or None,
    )


def undefined(why: str, level: float = 0.95) -> Estimate:
    """No value, and why."""
    return Estimate(value=None, level=level, note=f"undefined: {why}")


def lost(defined: float) -> str | None:
    """A warning for an interval of which some resamples had no value."""
    return (
        None if defined > 0.999 else f"undefined in {1 - defined:.1%} of the resamples, which the interval leaves out"
    )


def mean_estimate(
    values: Floats,
    groups: Sequence[str] = (),
    *,
    resamples: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
    unit: str = "items",
) -> Estimate:
    """The mean of one number for each item, such as a score or pass@k, with its BCa interval.

    NaN is left out and told. `groups` names each item's group where items share one; whole groups are then resampled.
    `unit` is what the items are called in a note. Raises ConfigError for groups of other items.
    """
    known = ~np.isnan(values)
    if not known.any():
        return undefined(
            f"none of the {len(values)} {unit} has a value" if len(values) else f"there are no {unit}", level
        )
    rows = np.stack([np.where(known, values, 0.0), known], axis=1)
    if groups:
        rows = group_totals(rows, _codes(groups, len(values)))
    rows = rows[rows[:, 1] > 0]
    found = intervals(rows, lambda t: ratio(t[..., :1], t[..., 1:]), resamples=resamples, seed=seed, level=level)
    part = None if known.all() else f"known for {known.sum()} of {len(values)} {unit}"
    notes = [too_few(len(rows), f"groups of {unit}" if groups else unit), part]
    return stated(found.value[0], found.low[0], found.high[0], len(rows), notes, level)


def metric_estimate(
    metric: Callable[[NDArray[np.intp]], float],
    size: int,
    groups: Sequence[str] = (),
    *,
    resamples: int = 1_000,
    seed: int = 0,
    level: float = 0.95,
    unit: str = "items",
    why: str = "the metric has no value on these items",
) -> Estimate:
    """Any metric of items, such as a rank correlation, with its percentile interval.

    `metric` is given the places, in `range(size)`, of the items to compute it from, the same place several times in a
    resample; NaN where undefined, `why` then says so. It is called once for each resample: for a function of totals,
    `intervals` is far faster. Raises ConfigError for groups of other items.
    """
    value = metric(np.arange(size)) if size else float("nan")
    if np.isnan(value):
        return undefined(why if size else f"there are no {unit}", level)
    members: list[NDArray[np.intp]] | None = None
    if groups:
        codes = _codes(groups, size)
        members = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
    n = len(members) if members else size
    random = np.random.default_rng(seed)
    drawn = np.empty(resamples)
    for k in range(resamples):
        places = random.integers(0, n, n)
        drawn[k] = metric(np.concatenate([members[place] for place in places]) if members else places)
    defined = drawn[~np.isnan(drawn)]
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(defined, tails) if defined.size else (float("nan"), float("nan"))
    notes = [too_few(n, f"groups of {unit}" if groups else unit), lost(len(defined) / resamples)]
    return stated(value, float(low), float(high), n, notes, level)


def _codes(groups: Sequence[str], size: int) -> NDArray[np.intp]:
    if len(groups) != size:
        raise ConfigError(f"each item needs its group: there are {size} items and {len(groups)} groups' names")
    return group_codes(groups)
