"""The plot's axes, points, labels and front."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.evaluation.report.plot import HEIGHT, LEFT, axis, draw
from redraft.evaluation.report.scale import Scale, costs, shares
from redraft.evaluation.statistics.estimate import Estimate
from redraft.evaluation.summary import Summary
from redraft.schema import Signal


def summary(name: str, cost: float | None, accuracy: float | None, signal: Signal = "self") -> Summary:
    note = "undefined: not recorded"
    return Summary(
        method=name,
        signal=signal,
        items=10,
        estimates={
            "accuracy": Estimate(value=accuracy, low=accuracy, high=accuracy, note=note),
            "calls": Estimate(value=1.0, low=1.0, high=1.0),
            "tokens": Estimate(value=cost, low=cost, high=cost, note=note),
        },
    )


def test_a_steep_axis_is_logarithmic() -> None:
    assert costs(10, 1000, 0, 100).log
    assert costs(10, 1000, 0, 100).ticks() == [10, 30, 100, 300, 1000]
    assert costs(10, 20, 0, 100).low == 0


def test_ticks_are_round() -> None:
    assert Scale(0, 1, 0, 100).ticks(5) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert Scale(0.31, 0.58, 0, 100).ticks(5) == pytest.approx([0.4, 0.5])


@given(st.floats(0, 1), st.floats(0, 1))
@settings(deadline=None)
def test_ticks_of_shares_stand_on_the_axis(one: float, other: float) -> None:
    scale = shares(min(one, other), max(one, other), HEIGHT, 0)
    ticks = scale.ticks()
    assert 2 <= len(ticks) <= 8
    assert all(-1e-6 <= scale(tick) <= HEIGHT + 1e-6 for tick in ticks)


@given(st.floats(0, 1e9), st.floats(0, 1e9))
@settings(deadline=None)
def test_ticks_of_costs_stand_on_the_axis(one: float, other: float) -> None:
    scale = costs(min(one, other), max(one, other), 0, 500)
    assert all(-1e-6 <= scale(tick) <= 500 + 1e-6 for tick in scale.ticks())
    assert scale.ticks()


def test_the_cost_that_most_methods_know_is_drawn() -> None:
    assert axis([summary("a", 1, 0.5), summary("b", 2, 0.5)]) == "tokens"
    assert axis([summary("a", None, 0.5), summary("b", 2, 0.5)]) == "calls"
    assert axis([]) is None


def test_methods_without_a_value_are_not_drawn() -> None:
    plot = draw([summary("a", 1, 0.5), summary("b", None, 0.5)], "tokens", ["a", "b"], 800)
    assert plot is not None
    assert [point.label.text for point in plot.points] == ["a"]
    assert len(plot.front) == 1
    assert draw([summary("b", None, 0.5)], "tokens", [], 800) is None


@pytest.mark.parametrize("width", [340, 860])
def test_labels_neither_cover_each_other_nor_leave_the_plot(width: int) -> None:
    made = [summary(f"method number {number}", 100 + number, 0.5 + number / 100) for number in range(5)]
    plot = draw(made, "tokens", [], width)
    assert plot is not None
    boxes = [point.label.box for point in plot.points]
    assert all(left >= LEFT and right <= width and top >= 0 for left, top, right, _ in boxes)
    for place, a in enumerate(boxes):
        assert not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for b in boxes[:place])
