"""What a round of correction mends and what it breaks, as counts and shares of all items.

How likely a right draft is to stay right, and what that means, belongs in `decomposition`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from redraft.errors import ConfigError

STATES = (1, 0, -1)
"""The order of rows and columns: right, wrong, no verdict."""


def transitions(before: NDArray[np.int8], after: NDArray[np.int8]) -> NDArray[np.intp]:
    """How many items went from each state to each: (3, 3), a row for `before` and a column for `after`, as `STATES`.

    Raises ConfigError where the two are not of the same items, and for a verdict that is none of `STATES`.
    """
    if before.shape != after.shape:
        raise ConfigError(f"flips need the same items before and after: {before.shape} and {after.shape} differ")
    for verdicts in (before, after):
        if verdicts.size and not -1 <= verdicts.min() <= verdicts.max() <= 1:
            raise ConfigError("a verdict is 1 (right), 0 (wrong) or -1 (none)")
    pairs = 3 * (1 - before.astype(np.intp)) + 1 - after
    return np.bincount(pairs.ravel(), minlength=9).reshape(3, 3)


def transitions_by_round(verdicts: NDArray[np.int8]) -> NDArray[np.intp]:
    """`transitions` from each round to the next, (rounds - 1, 3, 3), of verdicts (items, rounds)."""
    steps = [transitions(*verdicts[:, [k, k + 1]].T) for k in range(verdicts.shape[1] - 1)]
    return np.array(steps, dtype=np.intp).reshape(-1, 3, 3)


def wrong_to_right(before: NDArray[np.int8], after: NDArray[np.int8]) -> float:
    """Share of all items that went from wrong to right; NaN for no items.

    Source: Kumar et al., Training Language Models to Self-Correct via Reinforcement Learning (arXiv 2409.12917),
    there a Delta with i -> c. A draft without a verdict is neither wrong nor right.
    """
    return _share(before, after, 1, 0)


def right_to_wrong(before: NDArray[np.int8], after: NDArray[np.int8]) -> float:
    """Share of all items that went from right to wrong; NaN for no items. Source: as `wrong_to_right`, c -> i."""
    return _share(before, after, 0, 1)


def _share(before: NDArray[np.int8], after: NDArray[np.int8], row: int, column: int) -> float:
    return float(transitions(before, after)[row, column] / before.size) if before.size else float("nan")
