"""Execution match: calls are right where they bring what the right ones bring."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("docstring_parser")
pytest.importorskip("jsonschema_rs")

from redraft.evaluation.metrics.tool_execution import Execution, count_executions, execution_match
from redraft.schema import ToolCall
from redraft.tools.functions.catalogue import Catalogue, from_python


def add(a: float, b: float = 0) -> float:
    return a + b


def keys(names: list[str]) -> dict[str, int]:
    return dict.fromkeys(names, 1)


def true() -> bool:
    return True


TOOLS = Catalogue([from_python(each) for each in (add, keys, true)])


def call(name: str, **arguments: object) -> ToolCall:
    return ToolCall(name=name, arguments=arguments)


FIVE, SEVEN = call("add", a=5), call("add", a=7)


@pytest.mark.parametrize(
    ("calls", "right", "ordered", "came"),
    [
        ([call("add", a=2, b=3)], [FIVE], False, Execution.SAME),
        ([call("add", a=5.0)], [FIVE], False, Execution.SAME),
        ([call("keys", names=["a", "b"])], [call("keys", names=["b", "a"])], True, Execution.SAME),
        ([SEVEN, FIVE], [FIVE, SEVEN], False, Execution.SAME),
        ([SEVEN, FIVE], [FIVE, SEVEN], True, Execution.OTHER_RESULT),
        ([], [], True, Execution.SAME),
        ([call("true")], [call("add", a=1)], False, Execution.OTHER_RESULT),
        ([FIVE, FIVE], [FIVE], False, Execution.OTHER_COUNT),
        ([FIVE, FIVE, SEVEN], [FIVE, SEVEN, SEVEN], False, Execution.OTHER_RESULT),
        ([call("add", b=5)], [FIVE], False, Execution.FAILED),
        ([call("subtract", a=5)], [FIVE], False, Execution.FAILED),
        ([FIVE], [call("subtract", a=5)], False, Execution.UNDEFINED),
        ([call("subtract", a=5)], [call("subtract", a=5)], False, Execution.UNDEFINED),
    ],
)
async def test_results_are_compared(
    calls: list[ToolCall], right: list[ToolCall], ordered: bool, came: Execution
) -> None:
    found = await execution_match(calls, right, TOOLS, ordered)
    assert found.execution is came
    assert found.matches is (came is Execution.SAME)
    assert (len(found.brought), len(found.wanted)) == (len(calls), len(right))


async def test_counts_say_how_often_each_came() -> None:
    found = [await execution_match([each], [FIVE], TOOLS) for each in (FIVE, SEVEN, call("none"), FIVE)]
    counts = count_executions(found)
    assert (counts[Execution.SAME], counts[Execution.OTHER_RESULT], counts[Execution.FAILED]) == (2, 1, 1)


@given(st.lists(st.integers(-5, 5), max_size=4), st.randoms())
@settings(deadline=None, max_examples=20)
async def test_the_order_of_calls_does_not_count(numbers: list[int], chance: object) -> None:
    calls = [call("add", a=number) for number in numbers]
    mixed = list(calls)
    chance.shuffle(mixed)
    assert (await execution_match(mixed, calls, TOOLS)).matches
