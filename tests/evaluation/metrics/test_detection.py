"""A critic's figures, worked by hand, and mistake location."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.errors import ConfigError
from redraft.evaluation.metrics.detection import detection, location

NAN = float("nan")


def test_a_critic_by_hand() -> None:
    """Errors in the first three of six: called, missed, unreadable. The 4th is called wrongly."""
    figures = detection([1, 1, 1, 0, 0, 0], [1, 0, -1, 1, 0, 0])
    assert figures == (1 / 2, 1 / 3, 2 / 5, 3 / 6, 5 / 6)


@pytest.mark.parametrize(
    ("errors", "calls", "figures"),
    [
        ([], [], (NAN, NAN, NAN, NAN, NAN)),
        ([0], [0], (NAN, NAN, NAN, 1, 1)),
        ([1], [0], (NAN, 0, 0, 0, 1)),
        ([0], [1], (0, NAN, 0, 0, 1)),
        ([0], [-1], (NAN, NAN, NAN, 0, 0)),
    ],
)
def test_what_cannot_be_divided_is_undefined(errors: list[int], calls: list[int], figures: tuple[float, ...]) -> None:
    assert detection(errors, calls) == pytest.approx(figures, nan_ok=True)


CALLS = st.lists(st.tuples(st.integers(0, 1), st.integers(-1, 1)), min_size=1)


@settings(deadline=None, max_examples=50)
@given(CALLS)
def test_f1_is_the_harmonic_mean(pairs: list[tuple[int, int]]) -> None:
    figures = detection(*np.array(pairs).T)
    if figures.precision > 0 and figures.recall > 0:
        assert figures.f1 == pytest.approx(2 / (1 / figures.precision + 1 / figures.recall))
    else:
        assert isnan(figures.f1) or figures.f1 == 0


@settings(deadline=None, max_examples=50)
@given(CALLS, st.randoms())
def test_the_order_of_the_items_decides_nothing(pairs: list[tuple[int, int]], random) -> None:
    shuffled = random.sample(pairs, len(pairs))
    assert detection(*np.array(pairs).T) == pytest.approx(detection(*np.array(shuffled).T), nan_ok=True)


def test_mistakes_located_by_hand() -> None:
    """Mistakes at 2, 0, 3 and 1, then none; found: exactly, one late, missed, far off, rightly none."""
    found = location([2, 0, 3, 1, -1], [2, 1, -1, 5, -1])
    assert found == (2 / 5, 1 / 4, 1 / 1, 2 / 4)


def test_no_mistake_found_is_not_beside_the_first_step() -> None:
    assert location([0], [-1]).within_one == 0
    assert isnan(location([0], [0]).of_right)
    assert isnan(location([-1], [-1]).of_mistaken)


def test_other_values_and_lengths_are_refused() -> None:
    with pytest.raises(ConfigError, match="errors of 1 and 0"):
        detection([2], [1])
    with pytest.raises(ConfigError, match=r"errors has shape \(2,\), calls has shape \(1,\)"):
        detection([1, 0], [1])
    with pytest.raises(ConfigError, match="calls: 1 of 2 are NaN"):
        detection([1, 0], [NAN, 1])
    with pytest.raises(ConfigError, match="a step from 0"):
        location([0.5], [1])
