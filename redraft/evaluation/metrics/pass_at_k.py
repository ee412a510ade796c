"""Chances over several samples of one problem: that any of k is right (pass@k), that all k are (pass^k).

Each is a number for every problem; the mean over problems is what papers report, and problems are what to resample.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from redraft.errors import ConfigError


def pass_at_k(right: NDArray[np.intp], samples: NDArray[np.intp], k: int) -> NDArray[np.float64]:
    """The unbiased 1 - C(n - c, k) / C(n, k) of each problem, `right` (c) of `samples` (n) having passed.

    As a product of k ratios, so that no binomial coefficient overflows. Source: Chen et al., Evaluating Large Language
    Models Trained on Code (arXiv 2107.03374), equation 1. Raises ConfigError where a problem has fewer than k samples.
    """
    return 1 - _all_among(samples - right, right, samples, k)


def pass_hat_k(right: NDArray[np.intp], samples: NDArray[np.intp], k: int) -> NDArray[np.float64]:
    """The unbiased C(c, k) / C(n, k) of each problem: the chance that k samples are all right, written pass^k.

    Source: Yao et al., tau-bench (arXiv 2406.12045). Raises ConfigError as `pass_at_k`.
    """
    return _all_among(right, right, samples, k)


def _all_among(
    among: NDArray[np.intp], right: NDArray[np.intp], samples: NDArray[np.intp], k: int
) -> NDArray[np.float64]:
    """C(among, k) / C(samples, k): the chance that k samples are all of the `among`."""
    if right.shape != samples.shape or ((right < 0) | (right > samples)).any():
        raise ConfigError("each problem needs a count of samples and of right ones among them")
    if k < 1:
        raise ConfigError(f"k must be at least 1, not {k}")
    if short := int((samples < k).sum()):
        raise ConfigError(f"{k} samples of each problem are needed; {short} of {samples.size} have fewer")
    chance = np.ones(samples.shape)
    for taken in range(k):
        chance *= np.maximum(among - taken, 0) / (samples - taken)
    return chance
