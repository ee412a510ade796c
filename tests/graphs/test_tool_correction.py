"""Tool-call correction, branch by branch, with a model that speaks from a script."""

from __future__ import annotations

import json

import pytest

import redraft
from redraft import Draft, Result, StopReason, ToolCallTask
from redraft.graphs.tool_calls import guide
from redraft.models.base import JsonSchema
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from tests.graphs.script import lines, prompts, silent, total

PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
}
TASK = ToolCallTask(request="Will it rain in Bonn?", functions=[{"name": "weather", "parameters": PARAMETERS}])
GOOD = '[{"name": "weather", "arguments": {"city": "Bonn"}}]'
EMPTY = '[{"name": "weather", "arguments": {}}]'
WORSE = '[{"name": "rain", "arguments": {}}, {"name": "snow", "arguments": {}}]'


async def correct(
    drafts: list[Reply], again: list[Reply] | None = None, task: ToolCallTask = TASK, **settings: object
) -> tuple[Result, dict[str, Scripted]]:
    roles = {"generator": lines(*drafts), "refiner": lines(*(again or []))}
    return await redraft.workflow("tool-correction", silent(), roles=roles, **settings).arun(task), roles


async def test_calls_that_can_be_made_are_left_alone() -> None:
    result, roles = await correct([GOOD])
    assert (result.final.text, result.stop, total(roles.values())) == (GOOD, StopReason.SATISFIED, 1)
    assert json.loads(result.final.answer) == json.loads(GOOD)
    assert result.verdicts[0].passed
    assert result.signal == "tool"


async def test_what_is_unambiguous_is_repaired_without_a_model_and_each_repair_is_a_revision() -> None:
    result, roles = await correct(["functions.weather(city='Bonn', days='2')"])
    assert json.loads(result.final.text) == [{"name": "weather", "arguments": {"city": "Bonn", "days": 2}}]
    assert (result.stop, total(roles.values())) == (StopReason.SATISFIED, 1)
    name, days = result.revisions
    assert (name.feedback, name.findings[0].category) == (
        "functions.weather is a misspelling of weather",
        "unknown_function",
    )
    assert (days.feedback, days.findings[0].category) == ("days: the number 2 in quotes", "ill_typed_argument")
    assert name.after == days.before
    assert all(isinstance(each.after, Draft) and each.accepted for each in result.revisions)
    assert days.verdicts[0].passed


async def test_what_is_not_is_asked_for_again_with_the_precise_error() -> None:
    result, roles = await correct([EMPTY], [GOOD])
    assert (result.final.text, result.stop) == (GOOD, StopReason.SATISFIED)
    assert "call 1: the argument city is missing" in prompts(roles["refiner"])[0]
    assert result.revisions[0].findings[0].category == "missing_argument"
    assert result.findings == ()


async def test_a_reply_without_calls_is_asked_again_too() -> None:
    result, roles = await correct(["It will rain."], [GOOD])
    assert (result.final.text, result.stop) == (GOOD, StopReason.SATISFIED)
    assert result.revisions[0].findings[0].category == "unparsable"
    assert "no tool call" in prompts(roles["refiner"])[0]


async def test_the_answer_to_an_error_is_repaired_as_well() -> None:
    result, _ = await correct([EMPTY], ["[wether(city='Bonn')]"])
    assert json.loads(result.final.text) == json.loads(GOOD)
    assert [each.after.node for each in result.revisions] == ["ask_again", "repair"]


async def test_calls_with_more_faults_do_not_replace_those_before() -> None:
    result, _ = await correct([EMPTY], [WORSE])
    assert (result.final.text, result.stop) == (EMPTY, StopReason.REJECTED)
    assert [finding.category for finding in result.findings] == ["missing_argument"]


async def test_the_same_reply_ends_the_rounds() -> None:
    result, _ = await correct([EMPTY], [EMPTY], rounds=5)
    assert (result.final.text, result.stop) == (EMPTY, StopReason.UNCHANGED)


async def test_the_rounds_end() -> None:
    result, roles = await correct([WORSE], [EMPTY], rounds=1)
    assert (result.final.text, result.stop, total(roles.values())) == (EMPTY, StopReason.ROUND_LIMIT, 2)


async def test_without_repair_the_model_is_asked_for_everything() -> None:
    result, roles = await correct(["wether(city='Bonn')"], [GOOD], repair=False)
    assert (result.stop, total(roles.values())) == (StopReason.SATISFIED, 2)


async def test_a_given_draft_is_not_written_again() -> None:
    result, roles = await correct([], task=TASK.model_copy(update={"draft": GOOD}))
    assert (result.final.node, total(roles.values())) == ("input", 0)


@pytest.mark.parametrize(
    ("replies", "stop", "final"),
    [
        (([BadRequest("gone")], []), StopReason.FAILED, None),
        ((["<think>"], []), StopReason.UNPARSED, None),
        (([EMPTY], [BadRequest("gone")]), StopReason.FAILED, EMPTY),
        (([EMPTY], ["<think>"]), StopReason.UNPARSED, EMPTY),
    ],
)
async def test_a_missing_reply_keeps_the_best_draft(
    replies: tuple[list[Reply], list[Reply]], stop: StopReason, final: str | None
) -> None:
    result, _ = await correct(*replies)
    assert (result.final.text if result.final else None, result.stop) == (final, stop)


async def test_where_no_call_is_needed_talking_is_an_answer() -> None:
    result, _ = await correct(["None of these can sing."], task=TASK.model_copy(update={"least": 0}))
    assert (result.stop, result.final.answer) == (StopReason.SATISFIED, "[]")


async def test_too_many_calls_are_asked_for_again() -> None:
    twice = json.dumps(json.loads(GOOD) * 2)
    result, _ = await correct([twice], [GOOD], task=TASK.model_copy(update={"most": 1}))
    assert result.revisions[0].findings[0].category == "wrong_count"
    assert result.final.text == GOOD


@pytest.mark.parametrize(
    ("functions", "cause"),
    [
        ([{"name": "weather", "parameters": {"type": "nonsense"}}], "bad_schema"),
        ([{"name": "weather"}, {"name": "weather"}], "bad_functions"),
    ],
)
async def test_functions_that_cannot_be_checked_fail_the_item_not_the_model(
    functions: list[dict[str, object]], cause: str
) -> None:
    task = ToolCallTask(request="Rain?", functions=functions)
    result, _ = await correct([GOOD], task=task)
    assert (result.stop, [error.cause for error in result.errors]) == (StopReason.FAILED, [cause])


async def test_guided_decoding_holds_replies_to_the_functions() -> None:
    _, roles = await correct([EMPTY], [GOOD], guided=True)
    (asked,), (again,) = roles["generator"].requests, roles["refiner"].requests
    assert asked.constraint == again.constraint == guide(TASK)


def test_the_guide_admits_exactly_the_calls_that_can_be_made() -> None:
    jsonschema_rs = pytest.importorskip("jsonschema_rs")
    tree = {
        "properties": {"root": {"$ref": "#/$defs/node"}},
        "$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}},
    }
    functions = [{"name": "weather", "parameters": PARAMETERS}, {"name": "walk", "parameters": tree}]
    constraint = guide(ToolCallTask(request="Rain?", functions=functions, most=1))
    assert isinstance(constraint, JsonSchema)
    admits = jsonschema_rs.validator_for(json.loads(constraint.schema)).is_valid
    assert admits(json.loads(GOOD))
    assert admits([{"name": "walk", "arguments": {"root": {"next": {"next": {}}}}}])
    assert not admits([{"name": "walk", "arguments": {"root": {"next": {"next": 1}}}}])
    assert not any(map(admits, (json.loads(EMPTY), json.loads(WORSE), [], json.loads(GOOD) * 2)))


async def test_it_stands_in_a_row_with_other_methods() -> None:
    roles = {"generator": lines("wether(city='Bonn')"), "refiner": lines("wether(city='Bonn')")}
    result = await redraft.workflow("toolace-r+tool-correction", silent(), roles=roles).arun(TASK)
    assert json.loads(result.final.text) == json.loads(GOOD)
    assert result.stages == {"toolace-r": StopReason.UNCHANGED, "tool-correction": StopReason.SATISFIED}
