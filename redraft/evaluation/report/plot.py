"""Accuracy over cost, as SVG: a point for each method with its intervals, and the front if there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from redraft.evaluation.report.scale import Scale, costs, shares
from redraft.evaluation.report.words import number
from redraft.evaluation.statistics.estimate import Estimate
from redraft.evaluation.summary import COSTS, Summary

HEIGHT = 380
TOP, RIGHT, BOTTOM, LEFT = 16, 20, 52, 56
LETTER, LINE = 6.8, 15


@dataclass(frozen=True)
class Label:
    """A method's name beside its point; `anchor` is SVG's."""

    text: str
    x: float
    y: float
    anchor: str

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        width = LETTER * len(self.text)
        left = self.x - {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        return left, self.y - LINE + 4, left + width, self.y + 4


@dataclass(frozen=True)
class Point:
    """A method's place, the ends of its intervals, and its label; all in pixels."""

    x: float
    y: float
    left: float
    right: float
    high: float
    low: float
    oracle: bool
    label: Label


@dataclass(frozen=True)
class Plot:
    """All that the template draws, `width` by `HEIGHT` pixels. `front` is the points of its line."""

    cost: str
    log: bool
    width: int
    points: list[Point]
    across: list[tuple[float, str]]
    upward: list[tuple[float, str]]
    front: list[tuple[float, float]]


def axis(summaries: Sequence[Summary]) -> str | None:
    """The cost to draw: of tokens, calls, seconds and money the first that the most methods know."""
    known = {
        cost: sum(one.estimates[cost].value is not None for one in summaries if cost in one.estimates)
        for cost in ("tokens", *(cost for cost in COSTS if cost != "tokens"))
    }
    best = max(known, key=lambda cost: known[cost])
    return best if known[best] else None


def draw(summaries: Sequence[Summary], cost: str, front: Sequence[str], width: int) -> Plot | None:
    """The plot of accuracy over `cost`, None where no method has both. `front` names methods, cheapest first."""
    there = [one for one in summaries if _known(one, cost) and _known(one, "accuracy")]
    if not there:
        return None
    spent = [bound for one in there for bound in _bounds(one.estimates[cost])]
    right = [bound for one in there for bound in _bounds(one.estimates["accuracy"])]
    across = costs(min(spent), max(spent), LEFT, width - RIGHT)
    upward = shares(min(right), max(right), HEIGHT - BOTTOM, TOP)
    places = [(across(_value(one, cost)), upward(_value(one, "accuracy"))) for one in there]
    labels = _labels([one.method for one in there], places, width)
    names = [one.method for one in there]
    return Plot(
        cost=cost,
        log=across.log,
        width=width,
        points=[_point(one, cost, across, upward, label) for one, label in zip(there, labels, strict=True)],
        across=[(across(tick), number(tick).removesuffix(".00")) for tick in across.ticks(5 if width < 500 else 7)],
        upward=[(upward(tick), f"{100 * tick:.3g} %") for tick in upward.ticks()],
        front=[places[names.index(name)] for name in front if name in names],
    )


def _known(summary: Summary, key: str) -> bool:
    return key in summary.estimates and summary.estimates[key].value is not None


def _value(summary: Summary, key: str) -> float:
    value = summary.estimates[key].value
    assert value is not None
    return value


def _bounds(estimate: Estimate) -> list[float]:
    return [bound for bound in (estimate.low, estimate.value, estimate.high) if bound is not None]


def _point(summary: Summary, cost: str, across: Scale, upward: Scale, label: Label) -> Point:
    spent, right = _bounds(summary.estimates[cost]), _bounds(summary.estimates["accuracy"])
    return Point(
        x=across(_value(summary, cost)),
        y=upward(_value(summary, "accuracy")),
        left=across(min(spent)),
        right=across(max(spent)),
        high=upward(max(right)),
        low=upward(min(right)),
        oracle=summary.signal == "oracle",
        label=label,
    )


def _labels(names: Sequence[str], places: Sequence[tuple[float, float]], width: int) -> list[Label]:
    """A label for each point, where it covers no other label and no point, and does not leave the plot, if possible."""
    labels: list[Label] = []
    most = 18 if width < 500 else 36
    for name, (x, y) in zip(names, places, strict=True):
        text = name if len(name) <= most else name[: most - 1] + "…"
        tries = [
            Label(text, x + dx, y + dy, anchor)
            for dy in (-8, 16, -24, 32, -40, 48)
            for dx, anchor in ((9.0, "start"), (-9.0, "end"))
        ]
        labels.append(min(tries, key=lambda label: _crowding(label, labels, places, width)))
    return labels


def _crowding(label: Label, others: Sequence[Label], places: Sequence[tuple[float, float]], width: int) -> int:
    left, top, right, bottom = label.box
    outside = left < LEFT or right > width or top < 0 or bottom > HEIGHT - BOTTOM
    covered = sum(left < x + 6 and x - 6 < right and top < y + 6 and y - 6 < bottom for x, y in places)
    boxes = [other.box for other in others]
    crossed = sum(left < b[2] and b[0] < right and top < b[3] and b[1] < bottom for b in boxes)
    return 3 * outside + 2 * crossed + covered
