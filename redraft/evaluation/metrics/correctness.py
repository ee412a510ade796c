"""How often a draft is right, and how often it could be read. A grade or a judge's agreement belongs elsewhere.

A verdict is 1 (right), 0 (wrong) or -1 (none); all three numbers are needed, for a method that drops what it cannot
read looks better on `accuracy_of_parsed` alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def accuracy(verdicts: NDArray[np.int8]) -> float:
    """Right over all, where a draft without a verdict is not right; NaN for no items."""
    return _over((verdicts == 1).sum(), verdicts.size)


def parse_rate(verdicts: NDArray[np.int8]) -> float:
    """With a verdict over all; NaN for no items."""
    return _over((verdicts >= 0).sum(), verdicts.size)


def accuracy_of_parsed(verdicts: NDArray[np.int8]) -> float:
    """Right over those with a verdict, `accuracy / parse_rate`; NaN where none has one."""
    return _over((verdicts == 1).sum(), (verdicts >= 0).sum())


def _over(part: int, whole: int) -> float:
    return float(part / whole) if whole else float("nan")
