"""Graders beside people, worked by hand."""

from __future__ import annotations

from math import isnan, sqrt

import pytest

from redraft.errors import ConfigError
from redraft.evaluation.metrics.grading import kendall, mean_absolute_error


def test_mean_absolute_error_by_hand() -> None:
    assert mean_absolute_error([1, 5, 3], [2, 5, 6]) == pytest.approx(4 / 3)


def test_kendall_by_hand() -> None:
    """Of six pairs four agree, one disagrees (2nd and 4th), one is tied in the gold (3rd and 4th)."""
    assert kendall([1, 3, 2, 4], [1, 3, 2, 2]) == pytest.approx((4 - 1) / sqrt(6 * 5))


def test_all_ties_have_no_tau() -> None:
    assert isnan(kendall([3, 3, 3], [1, 2, 3]))
    assert isnan(kendall([1, 2, 3], [3, 3, 3]))
    assert isnan(kendall([1], [1]))
    assert isnan(mean_absolute_error([], []))


def test_nan_and_other_items_are_refused() -> None:
    with pytest.raises(ConfigError, match="gold: 1 of 2 are NaN"):
        mean_absolute_error([1, 2], [1, float("nan")])
    with pytest.raises(ConfigError, match="one number an item"):
        kendall([1, 2], [1])
