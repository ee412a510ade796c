"""What every comparison of a metric with human scores asks of the two arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from redraft.errors import ConfigError

Floats = NDArray[np.float64]


def rated(metric: ArrayLike, human: ArrayLike, dimensions: int | None = None) -> tuple[Floats, Floats]:
    """Both as arrays of one shape. A human score of NaN was not given, and what it belongs to counts nowhere.

    Raises ConfigError where the shapes differ, are not of as many `dimensions`, or a rated translation has no finite
    metric score: a metric is not compared on the part of the data that it chose.
    """
    metric, human = np.asarray(metric, dtype=np.float64), np.asarray(human, dtype=np.float64)
    if metric.shape != human.shape:
        raise ConfigError(f"metric scores of shape {metric.shape} do not fit human scores of shape {human.shape}")
    if dimensions is not None and metric.ndim != dimensions:
        raise ConfigError(f"scores must have {dimensions} dimension(s), not {metric.ndim}")
    known = ~np.isnan(human)
    if endless := int(np.isinf(human).sum()):
        raise ConfigError(f"{endless} human scores are infinite")
    if lacking := int((known & ~np.isfinite(metric)).sum()):
        raise ConfigError(f"the metric has no finite score for {lacking:,} of {int(known.sum()):,} rated translations")
    return metric, human
