"""Rankings of systems, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from redraft.errors import ConfigError
from redraft.evaluation.metrics.systems import pairwise_accuracy, soft_pairwise_accuracy

NAN = np.nan


def test_pairs_are_pooled_over_language_pairs():
    # 2 of 3 pairs in the first set, 1 of 1 in the second.
    found = pairwise_accuracy([([3, 1, 2], [3, 2, 1]), ([0.1, 0.2], [-5, -4])])
    assert found == (3 / 4, 3, 4)


def test_a_metric_that_ties_what_people_order_is_wrong_and_the_other_way_round():
    assert pairwise_accuracy([([1, 1, 2], [1, 2, 2])]) == (1 / 3, 1, 3)


def test_a_system_without_a_human_score_is_in_no_pair():
    assert pairwise_accuracy([([1, 2, 9], [1, 2, NAN])]).pairs == 1


@pytest.mark.parametrize("sets", [[], [([1, 2], [3, 3])], [([1], [3])]])
def test_without_two_systems_that_people_tell_apart_it_is_undefined(sets):
    assert np.isnan(pairwise_accuracy(sets).accuracy)


def test_a_metric_that_did_not_score_a_rated_system_is_refused():
    with pytest.raises(ConfigError, match="no finite score for 1 of 2 rated"):
        pairwise_accuracy([([1, NAN], [1, 2])])


def test_soft_accuracy_sees_how_sure_both_are():
    # Of the two systems, people always prefer the second: no swap of some segments is as good, p(1 > 2) = 1.
    # The metric prefers the first as surely: p = 2**-20 or so, that is 0. They differ by all there is.
    human = np.column_stack([np.zeros(20), np.ones(20)])
    assert soft_pairwise_accuracy(human, human) == 1
    assert soft_pairwise_accuracy(-human, human) == pytest.approx(0, abs=0.01)


def test_soft_accuracy_of_two_segments_by_hand():
    # Human differences (1 - 2) are 1 and 1: of the four swaps (2, 0, 0, -2) one is >= 2, so p is 1/4.
    # The metric's are 2 and -1: of (1, 3, -3, -1) two are >= 1, so p is 1/2. 1 - |1/4 - 1/2| = 3/4.
    human, metric = [[1, 0], [1, 0]], [[2, 0], [0, 1]]
    assert soft_pairwise_accuracy(metric, human, permutations=40_000) == pytest.approx(0.75, abs=0.01)


def test_soft_accuracy_leaves_out_segments_that_are_not_rated_for_every_system():
    metric, human = np.random.default_rng(1).normal(size=(2, 30, 3))
    part = human.copy()
    part[20:, 1] = NAN
    assert soft_pairwise_accuracy(metric, part) == soft_pairwise_accuracy(metric[:20], human[:20])


@pytest.mark.parametrize("human", [np.ones((5, 3)), np.full((5, 3), NAN), np.ones((5, 1)), np.empty((0, 3))])
def test_soft_accuracy_is_undefined_where_people_tell_no_systems_apart(human):
    assert np.isnan(soft_pairwise_accuracy(np.zeros(human.shape), human))


@settings(max_examples=50, deadline=None)
@given(
    arrays(np.float64, (6, 3), elements=st.integers(-5, 0).map(float)),
    arrays(np.float64, (6, 3), elements=st.integers(-5, 0).map(float)),
    st.integers(1, 9),
)
def test_soft_accuracy_is_a_share_and_needs_no_unit(metric, human, unit):
    found = soft_pairwise_accuracy(metric, human, permutations=50)
    assert np.isnan(found) or 0 <= found <= 1
    assert soft_pairwise_accuracy(metric * unit / 3, human, permutations=50) == pytest.approx(found, nan_ok=True)
