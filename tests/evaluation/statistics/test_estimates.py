"""Estimates of any metric, with their intervals and notes."""

import numpy as np
import pytest
from scipy import stats

from redraft.errors import ConfigError
from redraft.evaluation.metrics.pass_at_k import pass_at_k
from redraft.evaluation.statistics.estimates import mean_estimate, metric_estimate


def test_a_mean_over_problems_has_its_interval():
    right = np.random.default_rng(0).integers(0, 11, 100)
    values = pass_at_k(right, np.full(100, 10), 3)
    found = mean_estimate(values, unit="problems")
    theirs = stats.bootstrap((values,), np.mean, rng=0).confidence_interval
    assert found.value == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.01)
    assert (found.n, found.note) == (100, None)


def test_any_metric_has_its_interval():
    random = np.random.default_rng(1)
    first = random.normal(size=150)
    second = first + random.normal(size=150)
    found = metric_estimate(lambda at: float(np.corrcoef(first[at], second[at])[0, 1]), 150)
    theirs = stats.pearsonr(first, second)
    assert found.value == pytest.approx(theirs.statistic)
    fisher = theirs.confidence_interval()
    assert (found.low, found.high) == pytest.approx((fisher.low, fisher.high), abs=0.04)


def test_both_resample_whole_groups():
    values = np.random.default_rng(2).normal(size=40)
    copied, groups = np.repeat(values, 5), [str(k // 5) for k in range(200)]
    alone = mean_estimate(values)
    for found in (
        mean_estimate(copied, groups),
        metric_estimate(lambda at: float(copied[at].mean()), 200, groups, resamples=4_000),
    ):
        assert (found.low, found.high) == pytest.approx((alone.low, alone.high), abs=0.05)
        assert found.n == 40


def test_what_is_missing_is_told():
    found = mean_estimate(np.array([1.0] * 30 + [float("nan")] * 10))
    assert (found.value, found.n, found.note) == (1, 30, "known for 30 of 40 items")
    assert mean_estimate(np.array([float("nan")] * 2)).note == "undefined: none of the 2 items has a value"
    assert mean_estimate(np.array([])).note == "undefined: there are no items"
    told = metric_estimate(lambda at: float("nan"), 3, why="all drafts are tied")
    assert (told.value, told.low, told.note) == (None, None, "undefined: all drafts are tied")


def test_resamples_without_a_value_are_told():
    values = np.array([1.0] + [0.0] * 39)
    found = metric_estimate(lambda at: 1.0 if values[at].any() else float("nan"), 40)
    assert (found.value, found.low, found.high) == (1, 1, 1)
    assert found.note is not None
    assert found.note.startswith("undefined in 3")


def test_too_few_are_told():
    assert mean_estimate(np.arange(4.0), unit="problems").note == "only 4 problems, too few to say much"
    grouped = metric_estimate(lambda at: float(len(at)), 40, [str(k % 2) for k in range(40)], resamples=10)
    assert grouped.note == "only 2 groups of items, too few to say much"


def test_groups_of_other_items_are_refused():
    with pytest.raises(ConfigError, match="3 items and 2 groups"):
        mean_estimate(np.arange(3.0), "ab")
