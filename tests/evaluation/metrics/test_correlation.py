"""Pearson, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from redraft.errors import ConfigError
from redraft.evaluation.metrics.correlation import pearson

NAN = np.nan


def test_pearson_by_hand():
    # Deviations (-1, 0, 1) and (-1, 1, 0): 1 / sqrt(2 * 2).
    assert pearson([1, 2, 3], [1, 3, 2]) == pytest.approx(0.5)


def test_all_scores_count_at_once_and_unrated_ones_not_at_all():
    assert pearson([[1, 2], [3, 99]], [[1, 3], [2, NAN]]) == pytest.approx(0.5)


@pytest.mark.parametrize(("metric", "human"), [([1, 2], [3, 3]), ([1, 1], [1, 2]), ([1, 2], [1, NAN]), ([], [])])
def test_it_is_undefined_where_one_side_does_not_vary(metric, human):
    assert np.isnan(pearson(metric, human))


def test_a_missing_score_is_no_score():
    with pytest.raises(ConfigError, match="no finite score"):
        pearson([1, NAN, 2], [1, 2, 3])
