"""Where each item began and where it ended."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from redraft.evaluation.outcomes import Outcomes

STATES = ("right", "wrong", "unparsed")
"""In the order of the matrix's rows (first drafts) and columns (final drafts). `unparsed` stands for every draft
without a verdict: one that could not be read, or not be judged."""


def states(verdicts: NDArray[np.int8]) -> NDArray[np.intp]:
    """Verdicts (1, 0, -1) as places in `STATES`."""
    return (1 - verdicts).astype(np.intp)


def flips(outcomes: Outcomes) -> NDArray[np.intp]:
    """Counts of items, shape (3, 3): first draft by final draft, in the order of `STATES`."""
    places = 3 * states(outcomes.first) + states(outcomes.final)
    return np.bincount(places, minlength=9).reshape(3, 3)
