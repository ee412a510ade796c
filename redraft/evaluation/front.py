"""The cost-quality front: which methods no other beats at their price. How it is drawn belongs in `report`."""

from __future__ import annotations

from collections.abc import Iterable

from redraft.evaluation.summary import Summary
from redraft.schema import Noun, Signal


class Point(Noun):
    """A method in the plane of cost and quality. `beaten_by` names a method that is at least as good and as cheap, and
    in one of the two better; None on the front."""

    method: str
    signal: Signal | None
    cost: float
    quality: float
    beaten_by: str | None = None

    @property
    def on_front(self) -> bool:
        """Whether no other method beats it."""
        return self.beaten_by is None


def front(summaries: Iterable[Summary], *, cost: str = "calls", quality: str = "accuracy") -> list[Point]:
    """The methods by rising cost, and by falling quality where that is equal, each with what beats it (Pareto).

    `cost` and `quality` are names of estimates; a method for which either is undefined is left out. A method that used
    the oracle beats only others that did: it stands on a front of its own.
    """
    points = [
        Point(method=summary.method, signal=summary.signal, cost=price.value, quality=worth.value)
        for summary in summaries
        if (price := summary.estimates[cost]).value is not None
        and (worth := summary.estimates[quality]).value is not None
    ]
    points.sort(key=lambda point: (point.cost, -point.quality))
    best: dict[bool, Point] = {}
    told: list[Point] = []
    for point in points:
        oracle = point.signal == "oracle"
        ahead = best.get(oracle)
        if ahead is None or point.quality > ahead.quality:
            best[oracle] = point
        elif (point.cost, point.quality) != (ahead.cost, ahead.quality):
            point = point.model_copy(update={"beaten_by": ahead.method})
        told.append(point)
    return told
