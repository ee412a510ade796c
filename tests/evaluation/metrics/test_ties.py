"""acc_eq against hand-worked tables and against the formula written down pair by pair."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from redraft.errors import ConfigError
from redraft.evaluation.metrics.ties import acc_eq, segment_accuracies

NAN = np.nan


def by_hand(metric, human, epsilon):
    shares = []
    for m, h in zip(metric, human, strict=True):
        right = [
            np.sign(h[i] - h[j]) == (0 if abs(m[i] - m[j]) <= epsilon else np.sign(m[i] - m[j]))
            for i, j in combinations(range(len(m)), 2)
            if not np.isnan(h[i]) and not np.isnan(h[j])
        ]
        if right:
            shares.append(np.mean(right))
    return np.mean(shares)


def test_a_tie_of_people_is_right_only_where_the_metric_ties_too():
    # Pairs of the segment: (0, 1) tied by people, (0, 2) and (1, 2) ordered as the metric orders them.
    found = acc_eq([[0.9, 0.8, 0.1]], [[0, 0, -5]])
    assert found.uncalibrated == pytest.approx(2 / 3)
    assert found.accuracy == 1
    assert found.epsilon == pytest.approx(0.1)


def test_a_larger_threshold_costs_pairs_that_were_ordered_rightly():
    # At 0.3 the tie is won and one ordered pair is lost: no better than at 0, and the smallest threshold is kept.
    found = acc_eq([[0.0, 0.3, 0.6]], [[-1, -1, 0]])
    assert (found.accuracy, found.epsilon) == (pytest.approx(2 / 3), 0)


def test_segments_count_alike_whatever_the_number_of_their_rated_pairs():
    metric, human = [[1, 2, 3], [2, 1, 9]], [[1, 2, 3], [1, 2, NAN]]
    assert acc_eq(metric, human).uncalibrated == pytest.approx((1 + 0) / 2)
    assert segment_accuracies(metric, human).tolist() == [1, 0]


def test_a_threshold_from_elsewhere_is_used_as_it_is():
    assert acc_eq([[0.9, 0.8, 0.1]], [[0, 0, -5]], epsilon=1).accuracy == pytest.approx(1 / 3)


def test_a_metric_that_always_ties_is_right_about_the_ties_of_people():
    assert acc_eq([[7, 7, 7]], [[0, 0, -5]]) == (pytest.approx(1 / 3), 0, pytest.approx(1 / 3))


@pytest.mark.parametrize("human", [[[0, 0, 0], [-1, -1, -1]], [[NAN, NAN, 1]], [[NAN, NAN, NAN]]])
def test_it_is_undefined_where_people_tell_nothing_apart(human):
    assert np.isnan(acc_eq(np.arange(3.0 * len(human)).reshape(-1, 3), human)).all()


def test_a_segment_without_a_pair_has_no_accuracy():
    assert np.isnan(segment_accuracies([[1, 2], [1, 2]], [[NAN, 1], [0, 1]])).tolist() == [True, False]


def test_a_metric_may_not_leave_out_what_people_rated():
    with pytest.raises(ConfigError, match="no finite score for 1 of 2 rated"):
        acc_eq([[NAN, 1.0]], [[0, 1]])
    assert acc_eq([[NAN, 1.0, 2.0]], [[NAN, 1, 2]]).accuracy == 1


@pytest.mark.parametrize(
    ("metric", "human", "told"),
    [([[1, 2]], [[1, 2, 3]], "do not fit"), ([1, 2], [1, 2], "2 dimension"), ([[1, 2]], [[1, np.inf]], "infinite")],
)
def test_scores_that_do_not_fit_are_refused(metric, human, told):
    with pytest.raises(ConfigError, match=told):
        acc_eq(metric, human)


SCORES = arrays(np.float64, (4, 5), elements=st.sampled_from([-5.0, -1.0, -0.1, 0.0, 0.5]))
HUMAN = arrays(np.float64, (4, 5), elements=st.sampled_from([NAN, -5.0, -1.0, 0.0]))


@settings(max_examples=150, deadline=None)
@given(SCORES, HUMAN)
def test_the_sweep_finds_the_best_of_all_thresholds(metric, human):
    found = acc_eq(metric, human)
    if np.isnan(found.accuracy):
        return
    occur = sorted({0.0, *np.abs(metric[:, :, None] - metric[:, None, :]).ravel()})
    every = [by_hand(metric, human, epsilon) for epsilon in occur]
    assert found.accuracy == pytest.approx(max(every))
    assert found.uncalibrated == pytest.approx(every[0])
    assert by_hand(metric, human, found.epsilon) == pytest.approx(found.accuracy)
    assert all(value < max(every) for value, epsilon in zip(every, occur, strict=True) if epsilon < found.epsilon)
    assert np.nanmean(segment_accuracies(metric, human, found.epsilon)) == pytest.approx(found.accuracy)
