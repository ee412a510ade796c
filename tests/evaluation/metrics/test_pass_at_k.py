"""Any of k right, all of k right."""

from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.errors import ConfigError
from redraft.evaluation.metrics.pass_at_k import pass_at_k, pass_hat_k


def test_five_samples_two_right_by_hand():
    right, samples = np.array([2]), np.array([5])
    assert pass_at_k(right, samples, 1) == pytest.approx(2 / 5)
    assert pass_at_k(right, samples, 2) == pytest.approx(1 - 3 / 10)
    assert pass_at_k(right, samples, 4) == 1
    assert pass_hat_k(right, samples, 2) == pytest.approx(1 / 10)
    assert pass_hat_k(right, samples, 3) == 0


@settings(deadline=None)
@given(st.data())
def test_both_are_the_share_of_all_choices_of_k_samples(data: st.DataObject):
    verdicts = data.draw(st.lists(st.booleans(), min_size=1, max_size=8))
    k = data.draw(st.integers(1, len(verdicts)))
    choices = list(combinations(verdicts, k))
    right, samples = np.array([sum(verdicts)]), np.array([len(verdicts)])
    assert pass_at_k(right, samples, k)[0] == pytest.approx(np.mean([any(chosen) for chosen in choices]))
    assert pass_hat_k(right, samples, k)[0] == pytest.approx(np.mean([all(chosen) for chosen in choices]))


def test_many_samples_do_not_overflow():
    found = pass_at_k(np.array([3]), np.array([100_000]), 1_000)
    exact = 1 - comb(99_997, 1_000) * 10**30 // comb(100_000, 1_000) / 10**30
    assert found[0] == pytest.approx(exact, rel=1e-12)


def test_each_problem_may_have_its_own_number_of_samples():
    assert pass_at_k(np.array([0, 1, 4]), np.array([2, 2, 4]), 2).tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("right", "samples", "k", "told"),
    [
        ([1, 1], [2, 5], 3, "3 samples of each problem are needed; 1 of 2"),
        ([3], [2], 1, "right ones"),
        ([1], [2], 0, "k"),
    ],
)
def test_too_few_samples_are_refused(right: list[int], samples: list[int], k: int, told: str):
    with pytest.raises(ConfigError, match=told):
        pass_at_k(np.array(right), np.array(samples), k)
