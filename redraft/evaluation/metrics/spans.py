"""Did a critic mark the right characters: precision, recall and F1 of error spans.

Characters are counted, once however often they are marked, over all items together. Whether an item has an error at
all, and which step is the first wrong one, are metrics of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redraft.errors import ConfigError
from redraft.schema import Finding, Severity

Ints = NDArray[np.int64]
MAJOR: frozenset[Severity] = frozenset({"critical", "major"})


class Marks(NamedTuple):
    """Marked ranges [start, end) of characters in texts that are numbered from 0, one entry for each mark."""

    text: Ints
    start: Ints
    end: Ints


class SpanScores(NamedTuple):
    """Shares of characters, and the characters that were counted. Precision is NaN where nothing is predicted, recall
    where nothing is in the gold, F1 where neither is."""

    precision: float
    recall: float
    f1: float
    both: int
    predicted: int
    gold: int


def marks(items: Sequence[Iterable[Finding]], severities: Collection[Severity] | None = None) -> Marks:
    """The spans of each item's findings: of all severities, or of `severities` alone (`MAJOR`: critical and major).

    An item has two texts, its draft and its source. A finding without a span marks no character.
    """
    found = [
        (2 * item + (finding.span.text == "source"), finding.span.start, finding.span.end)
        for item, findings in enumerate(items)
        for finding in findings
        if finding.span and (severities is None or finding.severity in severities)
    ]
    table = np.array(found, dtype=np.int64).reshape(-1, 3)
    return Marks(table[:, 0], table[:, 1], table[:, 2])


def span_scores(predicted: Marks, gold: Marks) -> SpanScores:
    """With P and G the characters marked by the critic and in the gold: |P & G| / |P|, |P & G| / |G| and
    2 |P & G| / (|P| + |G|), summed over all texts before they are divided. Source: the span precision and recall of
    Fernandes et al., The Devil Is in the Errors (AutoMQM), WMT 2023.

    For major errors only, both sides are made with `MAJOR`. Raises ConfigError for a mark that ends before it starts.
    """
    of_predicted, of_gold = _covered(predicted), _covered(gold)
    together = _covered(Marks(*(np.concatenate(columns) for columns in zip(predicted, gold, strict=True))))
    both = of_predicted + of_gold - together
    return SpanScores(
        precision=both / of_predicted if of_predicted else np.nan,
        recall=both / of_gold if of_gold else np.nan,
        f1=2 * both / (of_predicted + of_gold) if of_predicted + of_gold else np.nan,
        both=both,
        predicted=of_predicted,
        gold=of_gold,
    )


def _covered(marked: Marks) -> int:
    """How many characters lie in at least one of the ranges."""
    text, start, end = (np.asarray(column, dtype=np.int64) for column in marked)
    if not len(text):
        return 0
    if (start < 0).any() or (end < start).any():
        raise ConfigError("a marked span must start at 0 or later, and not end before it starts")
    # All texts in one row, each in a place of its own.
    place = np.unique(text, return_inverse=True)[1] * (int(end.max()) + 1)
    order = np.argsort(place + start)
    start, end = (place + start)[order], (place + end)[order]
    reached = np.maximum.accumulate(end)
    before = np.append(np.int64(0), reached[:-1])
    return int(np.maximum(reached - np.maximum(start, before), 0).sum())
