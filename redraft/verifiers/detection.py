"""How well a critic finds errors: precision, recall and F1 of its calls, as ReaLMistake counts (arXiv 2404.03602)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Detection:
    """Figures of a critic, each from 0 to 1; `error` is the positive class.

    Precision is 0 where no error was called, recall 0 where there was none, F1 0 where both are.
    """

    precision: float
    recall: float
    f1: float
    parse_rate: float
    items: int


def detection(calls: Iterable[tuple[bool, bool | None]]) -> Detection:
    """Score pairs of (there is an error, the critic called one); None where its reply could not be read.

    A reply that could not be read counts as no call of an error, as with the authors; `parse_rate` stands beside it,
    because that flatters precision and hides in recall.
    """
    pairs = list(calls)
    hits = sum(truth and call is True for truth, call in pairs)
    called = sum(call is True for _, call in pairs)
    wrong = sum(truth for truth, _ in pairs)
    return Detection(
        precision=hits / called if called else 0.0,
        recall=hits / wrong if wrong else 0.0,
        f1=2 * hits / (called + wrong) if called + wrong else 0.0,
        parse_rate=sum(call is not None for _, call in pairs) / len(pairs) if pairs else 0.0,
        items=len(pairs),
    )
