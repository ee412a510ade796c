"""Calibration, worked by hand."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.errors import ConfigError
from redraft.evaluation.metrics.calibration import aurc, auroc, brier, ece, risk_coverage


def test_ece_by_hand() -> None:
    """Two bins. (0, .5]: confidences .2 and .4, one right: |.5 - .3|. (.5, 1]: .9 and .7, both right: |1 - .8|."""
    assert ece([0.2, 0.4, 0.9, 0.7], [0, 1, 1, 1], bins=2) == pytest.approx(0.5 * 0.2 + 0.5 * 0.2)


def test_a_bin_is_closed_above_and_the_first_holds_zero() -> None:
    """.5 lies with 0 in the lower of two bins: sure 0.25 on average, right on 1 of 2."""
    assert ece([0.0, 0.5, 1.0], [0, 1, 1], bins=2) == pytest.approx(abs(0.5 - 0.25) * 2 / 3)


@pytest.mark.parametrize("bins", [3, 7, 10, 15])
def test_edges_of_bins_are_exact(bins: int) -> None:
    """Every edge alone in the bin that it closes: each gap counts whole, none cancels another."""
    edges = np.arange(1, bins + 1) / bins
    right = np.arange(bins) % 2
    assert ece(edges, right, bins=bins) == pytest.approx(np.abs(right - edges).mean())


def test_brier_by_hand() -> None:
    assert brier([1.0, 0.8, 0.3], [1, 0, 0]) == pytest.approx((0 + 0.64 + 0.09) / 3)


def test_auroc_by_hand() -> None:
    """Right: .9, .5; wrong: .5, .1. Pairs: .9>.5, .9>.1, .5=.5 (half), .5>.1."""
    assert auroc([0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0]) == 3.5 / 4
    assert isnan(auroc([0.9, 0.5], [1, 1]))
    assert auroc([3, 3, 3], [1, 0, 1]) == 0.5, "all ties"


def test_risk_by_coverage_by_hand() -> None:
    """From the most confident: right, wrong, right, wrong."""
    coverage, risk = risk_coverage([9, 7, 5, 3], [1, 0, 1, 0])
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert risk.tolist() == [0.0, 1 / 2, 1 / 3, 2 / 4]
    assert aurc([9, 7, 5, 3], [1, 0, 1, 0]) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 1), min_size=1))
def test_ties_are_taken_in_no_order(right: list[int]) -> None:
    """A verifier that says the same of everything has everywhere the risk of the whole."""
    _, risk = risk_coverage([0.5] * len(right), right)
    assert risk == pytest.approx(1 - np.mean(right))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 1)), min_size=1))
def test_only_the_order_of_confidences_counts(pairs: list[tuple[int, int]]) -> None:
    sure, right = np.array(pairs).T
    assert aurc(sure, right) == pytest.approx(aurc(sure**3 / 7 - 20, right))
    assert auroc(sure, right) == pytest.approx(1 - auroc(-sure, right), nan_ok=True)


@pytest.mark.parametrize("metric", [ece, brier, auroc, aurc])
def test_no_items_no_number_and_bad_ones_are_named(metric) -> None:
    assert isnan(metric([], []))
    with pytest.raises(ConfigError, match="confidences: 1 of 1 are NaN"):
        metric([float("nan")], [1])
    with pytest.raises(ConfigError, match="1 or 0"):
        metric([0.5], [2])


def test_confidences_beyond_one_are_refused() -> None:
    with pytest.raises(ConfigError, match="from 20 to 90"):
        ece([20, 90], [0, 1])
