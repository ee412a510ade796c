"""How far a metric's scores go with human ones: Pearson over single scores (Kendall's tau-b is `grading.kendall`).

Comparisons that go pair by pair, as MT meta-evaluation does, are in `ties` (segments) and `systems`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from redraft.evaluation.metrics.rated import rated


def pearson(metric: ArrayLike, human: ArrayLike) -> float:
    """Pearson's r = cov(metric, human) / (sd(metric) sd(human)) over all scores at once, whatever the arrays' shape
    ("no grouping" in the WMT metrics tasks). What has no human score (NaN) is left out.

    NaN where fewer than two are rated or either side is constant. Raises ConfigError (`rated`).
    """
    given, people = rated(metric, human)
    known = ~np.isnan(people)
    given, people = given[known], people[known]
    if people.size < 2 or not np.ptp(given) or not np.ptp(people):
        return float("nan")
    return float(stats.pearsonr(given, people).statistic)
