"""Bootstrap intervals: beside SciPy's, over groups, over distinct rows, over very many rows."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from redraft.errors import ConfigError
from redraft.evaluation.statistics.bootstrap import (
    MANY,
    Floats,
    group_codes,
    group_totals,
    intervals,
    ratio,
    resampled_totals,
)


def means(totals: Floats) -> Floats:
    return ratio(totals[..., :1], totals[..., 1:])


def beside_one(values: Floats) -> Floats:
    return np.stack([values, np.ones_like(values)], axis=1)


@pytest.mark.parametrize("kind", ["bca", "percentile"])
def test_a_skewed_mean_has_the_interval_that_scipy_gives_it(kind: str):
    values = np.random.default_rng(0).lognormal(0, 1, 200)
    found = intervals(beside_one(values), means, resamples=40_000, kind="bca" if kind == "bca" else "percentile")
    theirs = stats.bootstrap((values,), np.mean, n_resamples=40_000, method=kind, rng=1).confidence_interval
    assert found.value[0] == pytest.approx(values.mean())
    assert (found.low[0], found.high[0]) == pytest.approx(
        (theirs.low, theirs.high), abs=0.02 * (theirs.high - theirs.low)
    )


def test_a_paired_ratio_has_the_interval_that_scipy_gives_it():
    random = np.random.default_rng(1)
    under = random.gamma(4, 1, 80)
    over = under * random.gamma(2, 1, 80)
    found = intervals(np.stack([over, under], axis=1), means, resamples=40_000)
    theirs = stats.bootstrap(
        (over, under),
        lambda a, b, axis: a.sum(axis) / b.sum(axis),
        paired=True,
        n_resamples=40_000,
        rng=1,
    ).confidence_interval
    assert (found.low[0], found.high[0]) == pytest.approx(
        (theirs.low, theirs.high), abs=0.02 * (theirs.high - theirs.low)
    )


def test_counting_distinct_rows_resamples_the_same_data():
    verdicts = np.repeat([0.0, 1.0], [37, 63])
    long = intervals(beside_one(verdicts), means, resamples=40_000)
    short = intervals(np.array([[0.0, 1], [1, 1], [7, 1]]), means, counts=np.array([37, 63, 0]), resamples=40_000)
    assert short.value == long.value
    assert (short.low[0], short.high[0]) == pytest.approx((long.low[0], long.high[0]), abs=0.0101)


def test_whole_groups_are_resampled():
    # Ten copies of each of 50 items say no more than the 50 do.
    values = np.random.default_rng(2).normal(size=50)
    rows, codes = beside_one(np.repeat(values, 10)), group_codes([f"question {k // 10}" for k in range(500)])
    found, single = intervals(group_totals(rows, codes), means), intervals(beside_one(values), means)
    assert (found.low[0], found.high[0]) == pytest.approx((single.low[0], single.high[0]))
    alone = intervals(rows, means)
    assert found.high[0] - found.low[0] > 2.5 * (alone.high[0] - alone.low[0])


def test_intervals_hold_what_they_promise():
    covered = 0
    for seed in range(300):
        values = np.random.default_rng(seed).exponential(1, 60)
        found = intervals(beside_one(values), means, resamples=1_000, seed=seed)
        covered += found.low[0] <= 1 <= found.high[0]
    assert 0.90 <= covered / 300 <= 0.97


def test_the_totals_of_very_many_rows_are_as_spread_as_those_of_resamples():
    random = np.random.default_rng(3)
    rows = np.stack([random.gamma(2, 1, MANY), np.ones(MANY)], axis=1)
    totals = resampled_totals(rows, 10_000, 0)
    assert totals[:, 1] == pytest.approx(MANY)
    assert totals[:, 0].mean() == pytest.approx(rows[:, 0].sum(), rel=1e-4)
    assert totals[:, 0].std() == pytest.approx(rows[:, 0].std() * MANY**0.5, rel=0.03)


def test_a_seed_gives_the_same_interval_again():
    rows = beside_one(np.random.default_rng(4).normal(size=40))
    first, again, other = (intervals(rows, means, seed=seed, resamples=500) for seed in (5, 5, 6))
    assert first.low == again.low
    assert first.low != other.low


def test_resamples_without_a_value_are_left_out_and_told():
    # One item alone counts: some 36 % of resamples miss it.
    found = intervals(np.array([[1.0, 1.0]] + [[0.0, 0.0]] * 99), means)
    assert (found.value[0], found.low[0], found.high[0]) == (1, 1, 1)
    assert found.defined[0] == pytest.approx(1 - 0.99**100, abs=0.02)


def test_an_undefined_value_has_no_interval():
    found = intervals(np.zeros((5, 2)), means)
    assert np.isnan([found.value[0], found.low[0], found.high[0]]).all()


def test_nothing_and_nonsense_are_refused():
    with pytest.raises(ConfigError, match="at least one item"):
        intervals(np.empty((0, 2)), means)
    for settings_ in ({"resamples": 0}, {"level": 1.0}):
        with pytest.raises(ConfigError, match="resamples"):
            intervals(np.ones((2, 2)), means, **settings_)


@settings(deadline=None, max_examples=50)
@example([0.0, 4e-128], 0.5)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.sampled_from([0.5, 0.9, 0.999]))
def test_an_interval_lies_within_the_data_in_order(values: list[float], level: float):
    found = intervals(beside_one(np.array(values)), means, resamples=200, level=level)
    slack = 1e-6
    assert min(values) - slack <= found.low[0] <= found.high[0] <= max(values) + slack
