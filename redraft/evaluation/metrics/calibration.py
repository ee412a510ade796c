"""Does a verifier's score mean what it says: confidences beside what turned out right.

Everywhere `confidences` are from 0 to 1 (for `auroc` and `risk_coverage` any scale will do) and `right` is 1 or 0, one
of each an item. All raise ConfigError for NaN, other values and unequal lengths, and give NaN for no items.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from redraft.errors import ConfigError
from redraft.evaluation.metrics.columns import aligned

Floats = NDArray[np.float64]


def ece(confidences: ArrayLike, right: ArrayLike, bins: int = 15) -> float:
    """Expected calibration error: sum over bins of (n_b / n) |accuracy_b - mean confidence_b|.

    `bins` intervals of equal width, each closed above. Biased upwards where bins hold few items, so compare only at
    equal numbers. Source: Guo et al., ICML 2017 (arXiv 1706.04599), equation 3.
    """
    sure, truth = _probabilities(confidences, right)
    if bins < 1:
        raise ConfigError(f"ECE needs at least one bin, not {bins}")
    if not sure.size:
        return float("nan")
    place = np.searchsorted(np.arange(1, bins) / bins, sure, side="left")
    gaps = np.bincount(place, weights=truth - sure, minlength=bins)
    return float(np.abs(gaps).sum() / sure.size)


def brier(confidences: ArrayLike, right: ArrayLike) -> float:
    """Mean of (confidence - right)^2; 0 is best. Source: Brier, Monthly Weather Review 78 (1950), for two classes."""
    sure, truth = _probabilities(confidences, right)
    return float(np.mean((sure - truth) ** 2)) if sure.size else float("nan")


def auroc(confidences: ArrayLike, right: ArrayLike) -> float:
    """The chance that a right item has a higher confidence than a wrong one, a tie counting half.

    (R - m (m + 1) / 2) / (m k) for m right and k wrong items and R the sum of the right ones' ranks (ties: mid-ranks).
    NaN where all items are right or all are wrong. Source: Hanley and McNeil, Radiology 143 (1982).
    """
    sure, truth = _scored(confidences, right)
    good = int(truth.sum())
    bad = truth.size - good
    if not good or not bad:
        return float("nan")
    ranks = rankdata(sure)[truth == 1].sum()
    return float((ranks - good * (good + 1) / 2) / (good * bad))


def risk_coverage(confidences: ArrayLike, right: ArrayLike) -> tuple[Floats, Floats]:
    """Coverages 1/n ... 1 and, for each, the share of wrong items among the most confident ones.

    Items of one confidence are taken in no order: their risk is what a random one would give on average. Source:
    El-Yaniv and Wiener, JMLR 11 (2010), section 2.
    """
    sure, truth = _scored(confidences, right)
    order = np.argsort(-sure, kind="stable")
    kept = np.arange(1, sure.size + 1)
    if not sure.size:
        return np.empty(0), np.empty(0)
    wrong = np.concatenate([[0.0], np.cumsum(1 - truth[order])])
    ends = np.concatenate([[0], np.flatnonzero(np.diff(sure[order])) + 1, [sure.size]])
    return kept / sure.size, np.interp(kept, ends, wrong[ends]) / kept


def aurc(confidences: ArrayLike, right: ArrayLike) -> float:
    """Area under the risk-coverage curve: the mean risk over all coverages; 0 is best, the error rate is chance.

    Source: Geifman, Uziel and El-Yaniv, ICLR 2019 (arXiv 1805.08206), section 3.
    """
    _, risks = risk_coverage(confidences, right)
    return float(risks.mean()) if risks.size else float("nan")


def _scored(confidences: ArrayLike, right: ArrayLike) -> tuple[Floats, Floats]:
    sure, truth = aligned(confidences=confidences, right=right)
    if not np.isin(truth, (0, 1)).all():
        raise ConfigError("right is 1 or 0 for each item")
    return sure, truth


def _probabilities(confidences: ArrayLike, right: ArrayLike) -> tuple[Floats, Floats]:
    sure, truth = _scored(confidences, right)
    if sure.size and not (sure.min() >= 0 and sure.max() <= 1):
        raise ConfigError(f"confidences must lie from 0 to 1; these go from {sure.min():g} to {sure.max():g}")
    return sure, truth
