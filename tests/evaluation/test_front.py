"""The cost-quality front, by hand."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given, settings

from redraft.evaluation.front import front
from redraft.evaluation.statistics.estimate import Estimate
from redraft.evaluation.summary import Summary
from redraft.schema import Signal


def summary(method: str, calls: float | None, accuracy: float | None, signal: Signal | None = "self") -> Summary:
    estimates = {"calls": Estimate(value=calls), "accuracy": Estimate(value=accuracy)}
    return Summary(method=method, signal=signal, items=10, estimates=estimates)


def test_a_method_is_on_the_front_unless_another_is_as_good_and_as_cheap() -> None:
    points = front(
        [
            summary("refine", 5, 0.6),  # beaten by the vote: as dear, and worse
            summary("vote", 5, 0.7),
            summary("single", 1, 0.5),
            summary("cove", 7, 0.7),  # as good as the vote, and dearer
            summary("search", 40, 0.9),
        ]
    )
    assert [(point.method, point.beaten_by) for point in points] == [
        ("single", None),
        ("vote", None),
        ("refine", "vote"),
        ("cove", "vote"),
        ("search", None),
    ]


def test_equals_do_not_beat_each_other() -> None:
    points = front([summary("a", 1, 0.5), summary("b", 1, 0.5), summary("c", 1, 0.5)])
    assert all(point.on_front for point in points)


def test_who_saw_the_gold_beats_nobody_who_did_not() -> None:
    points = front([summary("oracle", 1, 1.0, "oracle"), summary("worse", 2, 0.9, "oracle"), summary("honest", 3, 0.5)])
    assert [point.beaten_by for point in points] == [None, "oracle", None]


def test_what_is_undefined_stands_nowhere() -> None:
    assert front([summary("a", None, 0.5), summary("b", 1, None)]) == []


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12))
def test_it_is_the_pareto_front(pairs: list[tuple[int, int]]) -> None:
    points = front([summary(str(n), cost, quality) for n, (cost, quality) in enumerate(pairs)])
    for point in points:
        beaten = any(
            other.cost <= point.cost
            and other.quality >= point.quality
            and (other.cost, other.quality) != (point.cost, point.quality)
            for other in points
        )
        assert point.on_front is not beaten
