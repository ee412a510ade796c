"""How well a critic finds errors, and the place of the first one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from redraft.errors import ConfigError
from redraft.evaluation.metrics.columns import aligned


class Detection(NamedTuple):
    """Figures of a critic, each from 0 to 1, NaN where undefined; an error is the positive class."""

    precision: float
    """Errors called rightly / errors called; undefined where none was called."""
    recall: float
    """Errors called rightly / errors that there are; undefined where there is none."""
    f1: float
    """2 x errors called rightly / (errors called + errors that there are); undefined where both are none."""
    accuracy: float
    """Items called rightly / items, where a reply that could not be read is wrong."""
    parse_rate: float
    """Replies that could be read / items."""


def detection(errors: ArrayLike, calls: ArrayLike) -> Detection:
    """From whether each item has an error (1, 0) and whether the critic called one (1, 0; -1: its reply is unreadable).

    An unreadable reply calls no error, as in ReaLMistake (Kamoi et al., arXiv 2404.03602, section 5): that leaves
    precision alone and lowers recall, so read them beside `parse_rate`. The authors print 0 where precision is
    undefined. Raises ConfigError for other values and for unequal lengths.
    """
    truth, called = aligned(errors=errors, calls=calls)
    if not (np.isin(truth, (0, 1)).all() and np.isin(called, (-1, 0, 1)).all()):
        raise ConfigError("detection takes errors of 1 and 0, and calls of 1, 0 and -1 (unreadable)")
    hits = int(((truth == 1) & (called == 1)).sum())
    calling, wrong, items = int((called == 1).sum()), int(truth.sum()), truth.size
    return Detection(
        precision=_share(hits, calling),
        recall=_share(hits, wrong),
        f1=_share(2 * hits, calling + wrong),
        accuracy=_share(int((truth == called).sum()), items),
        parse_rate=_share(int((called >= 0).sum()), items),
    )


class Location(NamedTuple):
    """How often the first mistake is found where it is; NaN where there is no such item."""

    accuracy: float
    """Over all items: the exact step, or rightly none."""
    of_mistaken: float
    """Over items with a mistake: the exact step."""
    of_right: float
    """Over items without one: rightly none."""
    within_one: float
    """Over items with a mistake: that step or one beside it."""


def location(mistakes: ArrayLike, found: ArrayLike) -> Location:
    """From the 0-based step of each item's first mistake and the step that a critic found; -1 for none.

    Source: mistake location in BIG-Bench Mistake (Tyen et al., arXiv 2311.08516, section 3), which asks for the exact
    step; `within_one` is ours. Raises ConfigError for unequal lengths and for what is no step.
    """
    truth, named = aligned(mistakes=mistakes, found=found)
    if not all((steps == np.rint(steps)).all() and (steps >= -1).all() for steps in (truth, named)):
        raise ConfigError("a mistake's location is a step from 0, or -1 for none")
    exact, mistaken = truth == named, truth >= 0
    near = (np.abs(truth - named) <= 1) & (named >= 0)
    return Location(
        accuracy=_share(int(exact.sum()), truth.size),
        of_mistaken=_share(int(exact[mistaken].sum()), int(mistaken.sum())),
        of_right=_share(int(exact[~mistaken].sum()), int((~mistaken).sum())),
        within_one=_share(int(near[mistaken].sum()), int(mistaken.sum())),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
