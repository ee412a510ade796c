"""How near a grader comes to people's grades of the same items, in any unit, one grade an item."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import kendalltau

from redraft.evaluation.metrics.columns import aligned


def mean_absolute_error(grades: ArrayLike, gold: ArrayLike) -> float:
    """Mean of |grade - gold|, in the grades' own unit; NaN for no items. ConfigError for NaN and unequal lengths."""
    given, right = aligned(grades=grades, gold=gold)
    return float(np.abs(given - right).mean()) if given.size else float("nan")


def kendall(grades: ArrayLike, gold: ArrayLike) -> float:
    """Kendall's tau-b: (C - D) / sqrt((P - T_grades) (P - T_gold)) over all P pairs of items, T being tied pairs.

    From -1 to 1; NaN where either side is all ties, or there are fewer than two items. Source: Kendall, Biometrika 33
    (1945). Raises ConfigError for NaN and unequal lengths.
    """
    given, right = aligned(grades=grades, gold=gold)
    if given.size < 2 or np.ptp(given) == 0 or np.ptp(right) == 0:
        return float("nan")
    return float(kendalltau(given, right).statistic)
