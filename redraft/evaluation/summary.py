"""Every number that is told of a method, and of a method beside another, each with its interval.

The formulas are in `redraft.evaluation.metrics`; here they are written over totals, which the bootstrap resamples. How
it looks belongs in `redraft.evaluation.report`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from redraft.errors import ConfigError
from redraft.evaluation.outcomes import Outcomes, paired
from redraft.evaluation.statistics.bootstrap import (
    Counts,
    Floats,
    Intervals,
    group_codes,
    group_totals,
    intervals,
    ratio,
)
from redraft.evaluation.statistics.enough import too_alike, too_few
from redraft.evaluation.statistics.estimate import Estimate
from redraft.evaluation.statistics.estimates import lost, stated, undefined
from redraft.evaluation.statistics.tests import holm, mcnemar, sign_flip
from redraft.schema import Noun, Signal

SHARES = (
    "accuracy",
    "parse_rate",
    "accuracy_of_parsed",
    "first_accuracy",
    "wrong_to_right",
    "right_to_wrong",
    "cl",
    "cs",
    "rss",
)
COSTS = ("calls", "tokens", "seconds", "money")
LEVEL = 0.95
SCARCE = 5
"""With fewer right or fewer wrong items than this, a share's interval is the exact binomial one."""


class Summary(Noun):
    """A method in numbers. `estimates` has, in this order: `accuracy` (right over all items, an unreadable draft being
    not right), `parse_rate`, `accuracy_of_parsed`, `first_accuracy`, `wrong_to_right` and `right_to_wrong` (shares of
    all items, first draft to last), `cl`, `cs`, `rss`, and the means over items of `calls`, `tokens`, `seconds`,
    `money`. What is undefined has no value and a note that says why."""

    method: str
    signal: Signal | None = None
    items: int
    estimates: dict[str, Estimate]


class Test(Noun):
    """Two methods on the same items. `difference` is the accuracy of `first` less that of `second`. `mcnemar` and
    `permutation` are p-values, None where they do not apply (`mcnemar` where items share a group); `holm` is the
    adjusted p over all tests made together, of `mcnemar` where there is one and else of `permutation`."""

    __test__ = False  # pytest takes the name for a class of tests.

    first: str
    second: str
    difference: Estimate
    mcnemar: float | None = None
    permutation: float | None = None
    holm: float | None = None
    note: str | None = None


def summarise(methods: Mapping[str, Outcomes], *, resamples: int = 10_000, seed: int = 0) -> list[Summary]:
    """A summary of each method, with bootstrap (BCa) intervals over items, or over groups where items share them.

    Where fewer than `SCARCE` items are right or wrong, a share over independent items has the exact (Clopper-Pearson)
    interval instead: the bootstrap of 100 right items out of 100 would claim certainty.
    """
    return [
        Summary(
            method=name,
            signal=outcomes.signal,
            items=len(outcomes.ids),
            estimates=_shares(outcomes, resamples, seed) | _costs(outcomes, resamples, seed),
        )
        for name, outcomes in methods.items()
    ]


def test_against(
    methods: Mapping[str, Outcomes],
    baseline: str,
    *,
    resamples: int = 10_000,  # noqa: PT028 (pytest takes it for a test)
    seed: int = 0,  # noqa: PT028
) -> list[Test]:
    """Every other method beside `baseline`, on the same items, with Holm's correction over all of them.

    Raises ConfigError for a baseline that is not there, and where items or their groups are not the same.
    """
    if baseline not in methods:
        raise ConfigError(f"no method is named {baseline!r}; there are {', '.join(methods)}")
    made = [
        _test(name, outcomes, baseline, methods[baseline], resamples, seed)
        for name, outcomes in methods.items()
        if name != baseline
    ]
    p = [test.permutation if test.mcnemar is None else test.mcnemar for test in made]
    adjusted = holm([float("nan") if value is None else value for value in p])
    return [test.model_copy(update={"holm": value}) for test, value in zip(made, adjusted, strict=True)]


# ---- shares of items -------------------------------------------------------------------------------------------

_FIRST, _FINAL = np.repeat([-1, 0, 1], 3), np.tile([-1, 0, 1], 3)
_STATES: Floats = np.stack(
    [
        np.ones(9),
        _FINAL == 1,
        _FINAL >= 0,
        _FIRST == 1,
        (_FIRST == 0) & (_FINAL == 1),
        (_FIRST == 1) & (_FINAL == 0),
        (_FIRST == 1) & (_FINAL == 1),
    ],
    axis=1,
).astype(np.float64)
"""What each of the nine pairs of first and last verdict adds to the totals that `_parts` names."""


def _parts(totals: Floats) -> tuple[Floats, Floats]:
    """Numerators and denominators of all `SHARES`; the last, RSS, is (Acc2 - Acc1^2) / (2 Acc1 (1 - Acc1))."""
    items, right, parsed, first, mended, broken, kept = np.moveaxis(totals, -1, 0)
    over = (right, parsed, right, first, mended, broken, kept, right - kept, items * right - first**2)
    under = (items, items, parsed, items, items, items, first, items - first, 2 * first * (items - first))
    return np.stack(over, axis=-1), np.stack(under, axis=-1)


def _ratios(totals: Floats) -> Floats:
    over, under = _parts(totals)
    return ratio(over, under)


def _shares(outcomes: Outcomes, resamples: int, seed: int) -> dict[str, Estimate]:
    states = 3 * (outcomes.first.astype(np.intp) + 1) + outcomes.final + 1
    codes = _grouped(outcomes)
    rows, counts = (_STATES, np.bincount(states, minlength=9)) if codes is None else (_by_group(states, codes), None)
    found = intervals(rows, _ratios, counts=counts, resamples=resamples, seed=seed, level=LEVEL)
    totals = rows.sum(axis=0) if counts is None else counts @ rows
    over, under = _parts(totals)
    single = _parts(rows)[1]
    units = (single > 0).sum(axis=0) if counts is None else under.astype(np.intp)
    units[-1] = len(outcomes.ids) if counts is not None else len(rows)
    corrected = outcomes.verdicts.shape[1] > 1
    return {
        name: _share(name, found, k, over[k], under[k], int(units[k]), grouped=counts is None, corrected=corrected)
        for k, name in enumerate(SHARES)
    }


def _grouped(outcomes: Outcomes) -> Counts | None:
    """A number for each item's group, None where every item stands alone."""
    codes = group_codes(outcomes.groups)
    return None if not codes.size or codes.max() + 1 == len(outcomes.ids) else codes


def _by_group(states: NDArray[np.intp], codes: Counts) -> Floats:
    held = np.bincount(9 * codes + states, minlength=9 * (int(codes.max()) + 1))
    return held.reshape(-1, 9) @ _STATES


def _share(
    name: str, found: Intervals, k: int, over: float, under: float, n: int, *, grouped: bool, corrected: bool
) -> Estimate:
    if not corrected and SHARES.index(name) >= SHARES.index("wrong_to_right"):
        return undefined("there is one round, so nothing was corrected")
    if under == 0:
        return undefined(_UNDEFINED[name])
    low, high = found.low[k], found.high[k]
    if name != "rss":
        on_one_side = min(over, under - over)
        if not grouped and on_one_side < SCARCE:
            low, high = binomtest(int(over), int(under)).proportion_ci(LEVEL)
        elif on_one_side == 0:
            low, high = binomtest(n if over else 0, n).proportion_ci(LEVEL)
    notes = [too_few(n, _BEHIND.get(name, "items") if not grouped else "groups of items"), lost(found.defined[k])]
    return stated(found.value[k], low, high, n, notes)


_BEHIND = {"accuracy_of_parsed": "readable drafts", "cl": "right first drafts", "cs": "wrong first drafts"}
_UNDEFINED = {
    "accuracy_of_parsed": "no draft could be read",
    "cl": "no right first draft",
    "cs": "no wrong first draft",
    "rss": "first drafts are all right or all wrong",
}


# ---- costs -----------------------------------------------------------------------------------------------------


def _costs(outcomes: Outcomes, resamples: int, seed: int) -> dict[str, Estimate]:
    columns = {name: getattr(outcomes, name) for name in COSTS}
    known = {name: ~np.isnan(column) for name, column in columns.items()}
    told = [name for name in COSTS if known[name].any()]
    estimates = {name: undefined("not recorded") for name in COSTS}
    if not told:
        return estimates
    items = len(outcomes.ids)
    rows = np.stack([np.nan_to_num(columns[name]) for name in told] + [known[name] for name in told], axis=1)
    codes = _grouped(outcomes)
    if codes is not None:
        rows = group_totals(rows, codes)
    unit = "items" if codes is None else "groups of items"
    found = intervals(rows, _means, resamples=resamples, seed=seed, level=LEVEL)
    for k, name in enumerate(told):
        count, n = int(known[name].sum()), int((rows[:, len(told) + k] > 0).sum())
        notes = [too_few(n, unit), None if count == items else f"known for {count} of {items} items"]
        estimates[name] = stated(found.value[k], found.low[k], found.high[k], n, notes)
    return estimates


def _means(totals: Floats) -> Floats:
    sums, counts = np.split(totals, 2, axis=-1)
    return ratio(sums, counts)


# ---- one method beside another ---------------------------------------------------------------------------------


def _test(name: str, outcomes: Outcomes, baseline: str, other: Outcomes, resamples: int, seed: int) -> Test:
    here, there = paired(outcomes, other)
    codes = _grouped(outcomes)
    shared = codes is not None or _grouped(other) is not None
    if shared and [outcomes.groups[k] for k in here] != [other.groups[k] for k in there]:
        raise ConfigError(f"{name} and {baseline} put the same items into different groups")
    right, base = outcomes.final[here] == 1, other.final[there] == 1
    differences = right.astype(np.float64) - base
    rows = np.stack([differences, np.ones(len(differences))], axis=1)
    counts: Counts | None = None
    if codes is None:
        steps = np.array([-1.0, 0.0, 1.0])
        counts = np.array([(differences == step).sum() for step in steps], dtype=np.intp)
        rows = np.stack([steps, np.ones(3)], axis=1)
    else:
        rows = group_totals(rows, codes)
        differences = rows[:, 0]
    unit = "items" if codes is None else "groups of items"
    n = len(differences)
    found = intervals(rows, _means, counts=counts, resamples=resamples, seed=seed, level=LEVEL)
    differing = int((differences != 0).sum())
    low, high = found.low[0], found.high[0]
    if not differing:
        high = binomtest(0, n).proportion_ci(LEVEL).high
        low = -high
    return Test(
        first=name,
        second=baseline,
        difference=stated(found.value[0], low, high, n, [too_few(n, unit)]),
        mcnemar=mcnemar(right, base) if codes is None else None,
        permutation=sign_flip(differences, resamples=resamples, seed=seed),
        note=too_alike(differing, unit),
    )
