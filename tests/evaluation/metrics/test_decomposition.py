"""Confidence, critique, and the relative self-correction score."""

from math import isclose, isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from redraft.errors import ConfigError
from redraft.evaluation.metrics.decomposition import Decomposition, from_probabilities, sampled, single_shot

verdicts = st.tuples(st.integers(1, 12), st.integers(1, 6)).flatmap(
    lambda shape: st.tuples(*[arrays.arrays(np.int8, shape, elements=st.sampled_from([-1, 0, 1]))] * 2)
)


def test_one_answer_to_each_question_by_hand():
    # Of four right, three stay; of six not right (one unreadable), two are mended: Acc1 0.4, Acc2 0.5.
    first = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, -1], dtype=np.int8)
    second = np.array([1, 1, 1, 0, 1, 0, 0, 0, -1, 1], dtype=np.int8)
    found = single_shot(first, second)
    assert found == pytest.approx(Decomposition(0.4, 0.5, 3 / 4, 2 / 6, 0.16, 0.64, (0.5 - 0.16) / 0.48))


def test_several_samples_of_each_question_by_hand():
    # Question 1: P(a) 3/4, P(b|a) 2/3, P(b|not a) 1. Question 2: none right, P(b|a) is undefined and has no weight.
    first = np.array([[1, 1, 1, 0], [0, 0, 0, 0]], dtype=np.int8)
    second = np.array([[1, 1, 0, 1], [1, 0, 0, 0]], dtype=np.int8)
    found = sampled(first, second)
    assert found.acc1 == pytest.approx((3 / 4 + 0) / 2)
    assert found.cl == pytest.approx((3 / 4 * 2 / 3) / (3 / 4))
    assert found.cs == pytest.approx((1 / 4 * 1 + 1 * 1 / 4) / (1 / 4 + 1))
    assert found.acc2 == pytest.approx((3 / 4 + 1 / 4) / 2)
    nan = float("nan")
    assert from_probabilities(np.array([3 / 4, 0]), np.array([2 / 3, nan]), np.array([1, 1 / 4])) == found


@settings(deadline=None)
@given(verdicts)
def test_accuracy_after_is_made_of_both_parts(pair: tuple[np.ndarray, np.ndarray]):
    found = sampled(*pair)
    kept = found.acc1 * found.cl if found.acc1 else 0
    mended = (1 - found.acc1) * found.cs if found.acc1 < 1 else 0
    assert isclose(found.acc2, kept + mended, abs_tol=1e-12)
    assert isclose(found.acc2, (pair[1] == 1).mean(), abs_tol=1e-12)


@settings(deadline=None)
@given(verdicts)
def test_equal_numbers_of_samples_make_counting_over_all_of_them_the_same(pair: tuple[np.ndarray, np.ndarray]):
    assert sampled(*pair) == pytest.approx(single_shot(*pair), nan_ok=True)


@settings(deadline=None)
@given(verdicts)
def test_a_method_that_changes_nothing_scores_one_half(pair: tuple[np.ndarray, np.ndarray]):
    found = sampled(pair[0], pair[0])
    assert found.rss == pytest.approx(0.5) if 0 < found.acc1 < 1 else isnan(found.rss)


@pytest.mark.parametrize(
    ("acc1", "cl", "cs", "rss"), [(0.6, 0.6, 0.0, 0.0), (0.6, 1.0, 0.6, 1.0), (0.5, 1.0, 1.0, 1.5)]
)
def test_the_bounds_are_zero_and_one_and_an_oracle_passes_them(acc1: float, cl: float, cs: float, rss: float):
    found = from_probabilities(np.array([acc1]), np.array([cl]), np.array([cs]))
    assert found.rss == pytest.approx(rss)
    assert (found.lower, found.upper) == pytest.approx((acc1**2, 2 * acc1 - acc1**2))


def test_nothing_right_or_nothing_wrong_leaves_parts_undefined():
    right, wrong = np.ones(3, dtype=np.int8), np.zeros(3, dtype=np.int8)
    found = single_shot(wrong, right)
    assert (isnan(found.cl), found.cs, isnan(found.rss)) == (True, 1, True)
    found = single_shot(right, wrong)
    assert (found.cl, isnan(found.cs), isnan(found.rss)) == (0, True, True)


def test_what_are_no_probabilities_is_refused():
    half, nan = np.array([0.5]), np.array([float("nan")])
    for bad in ((half, nan, half), (half, half, nan), (nan, half, half), (half * 3, half, half), (half, half, -half)):
        with pytest.raises(ConfigError, match="NaN or outside"):
            from_probabilities(*bad)
    with pytest.raises(ConfigError, match="three probabilities"):
        from_probabilities(half, half, np.array([0.5, 0.5]))
    with pytest.raises(ConfigError, match="before and after alike"):
        single_shot(np.array([], dtype=np.int8), np.array([], dtype=np.int8))
