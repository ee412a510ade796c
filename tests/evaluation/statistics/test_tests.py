"""McNemar's exact test, the sign-flip permutation test, Holm's correction."""

from itertools import product
from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from redraft.errors import ConfigError
from redraft.evaluation.statistics.tests import EXACT, holm, mcnemar, sign_flip


def right(pattern: str) -> np.ndarray:
    return np.array([letter == "r" for letter in pattern])


def test_mcnemar_by_hand():
    # Alone right on 1 and on 7 items: 2 * (1 + 8) / 2**8.
    assert mcnemar(right("rrrw" + "w" * 7), right("rrwr" + "r" * 6 + "w")) == pytest.approx(2 * (1 + 8) / 2**8)


def test_methods_that_agree_do_not_differ():
    same = right("rwrwrw")
    assert mcnemar(same, same) == 1
    assert sign_flip(np.zeros(6)) == 1


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_on_single_verdicts_both_tests_are_one(pairs: list[tuple[bool, bool]]):
    first, second = np.array(pairs).T
    assert sign_flip(first.astype(float) - second) == pytest.approx(mcnemar(first, second))


@settings(deadline=None)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=9))
def test_whole_differences_are_tested_over_every_choice_of_signs(differences: list[int]):
    values = np.array(differences, dtype=float)
    sums = [abs(float(np.dot(signs, values))) for signs in product((-1, 1), repeat=len(values))]
    assert sign_flip(values) == pytest.approx(np.mean([total >= abs(values.sum()) for total in sums]))


@pytest.mark.parametrize("make", ["each its own", "few sizes, large", "a great many"])
def test_random_signs_agree_with_the_normal_distribution(make: str):
    random = np.random.default_rng(0)
    values = {
        "each its own": random.normal(0.1, 1, 300),
        "few sizes, large": random.choice([-300.0, -100, 100, 330], 300),
        "a great many": random.normal(0.004, 1, 150_000),
    }[make]
    assert make != "few sizes, large" or np.abs(values).sum() > EXACT
    expected = 2 * stats.norm.sf(abs(values.sum()) / np.sqrt((values**2).sum()))
    assert 0.02 < expected < 0.98
    assert sign_flip(values, resamples=40_000) == pytest.approx(expected, abs=0.02)


def test_random_signs_agree_with_scipy():
    values = np.random.default_rng(1).gamma(2, 1, 40) - 1.6
    theirs = stats.permutation_test(
        (values,), np.mean, permutation_type="samples", n_resamples=20_000, vectorized=True, rng=2
    )
    assert sign_flip(values, resamples=20_000) == pytest.approx(theirs.pvalue, abs=0.015)


def test_p_is_never_zero_by_chance():
    assert sign_flip(np.linspace(1, 2, 60) + 0.01, resamples=99) == 1 / 100


def test_holm_by_hand():
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.5, 0.9]) == [1, 1]
    assert holm([]) == []


def test_what_was_not_tested_does_not_count():
    first, second = holm([float("nan"), 0.02])
    assert isnan(first)
    assert second == 0.02


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_lies_between_the_raw_p_and_bonferronis_and_keeps_their_order(p: list[float]):
    adjusted = holm(p)
    bonferroni = [min(1, raw * len(p)) for raw in p]
    assert all(raw <= new <= top for raw, new, top in zip(p, adjusted, bonferroni, strict=True))
    assert [adjusted[k] for k in np.argsort(p, kind="stable")] == sorted(adjusted)
    assert min(adjusted) == pytest.approx(min(1, min(p) * len(p)))


def test_other_items_and_missing_numbers_are_refused():
    with pytest.raises(ConfigError, match="the same items"):
        mcnemar(right("rw"), right("rwr"))
    with pytest.raises(ConfigError, match="NaN"):
        sign_flip(np.array([1.0, float("nan")]))
