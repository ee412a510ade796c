"""ToolACE-R, branch by branch, with a model that speaks from a script."""

from __future__ import annotations

import pytest

import redraft
from redraft import Result, StopReason, ToolCallTask
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from tests.graphs.script import lines, silent, total

PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "number"}},
    "required": ["city"],
}
TASK = ToolCallTask(request="Will it rain in Bonn?", functions=[{"name": "weather", "parameters": PARAMETERS}])


def bonn(days: object) -> str:
    return f'[{{"name": "weather", "arguments": {{"city": "Bonn", "days": {days}}}}}]'


async def refine(
    drafts: list[Reply], refined: list[Reply], verdicts: tuple[Reply, ...] = (), **settings: object
) -> tuple[Result, dict[str, Scripted]]:
    roles = {"generator": lines(*drafts), "refiner": lines(*refined), "verifier": lines(*verdicts)}
    return await redraft.workflow("toolace-r", silent(), roles=roles, **settings).arun(TASK), roles


async def test_it_ends_when_two_in_a_row_are_the_same() -> None:
    result, roles = await refine([bonn(1)], [bonn(2), bonn(2)])
    assert (result.final.text, result.stop) == (bonn(2), StopReason.UNCHANGED)
    assert [each.accepted for each in result.revisions] == [True, False]
    assert total(roles.values()) == 3
    assert [request.messages[-2].content for request in roles["refiner"].requests] == [bonn(1), bonn(2)]


@pytest.mark.parametrize(
    "again",
    ["weather(days=1, city='Bonn')", bonn("1.0"), '{"name": "weather", "parameters": {"days": 1, "city": "Bonn"}}'],
)
async def test_calls_are_compared_not_texts(again: str) -> None:
    result, _ = await refine([bonn(1)], [again])
    assert (result.final.text, result.stop) == (bonn(1), StopReason.UNCHANGED)


async def test_calls_that_cannot_be_made_do_not_stand_but_the_loop_goes_on_from_them() -> None:
    result, roles = await refine([bonn(1)], [bonn('"two"'), bonn(2), bonn(2)])
    assert (result.final.text, result.stop) == (bonn(2), StopReason.UNCHANGED)
    first, second, _ = result.revisions
    assert (first.accepted, first.findings[0].category) == (False, "ill_typed_argument")
    assert second.before.text == bonn(1)
    assert roles["refiner"].requests[1].messages[-2].content == bonn('"two"')
    assert result.signal == "tool"


async def test_as_the_paper_the_last_output_stands() -> None:
    result, _ = await refine([bonn(1)], [bonn('"two"'), bonn('"two"')], accept=False)
    assert (result.final.text, result.signal) == (bonn('"two"'), "self")


async def test_the_rounds_end() -> None:
    result, roles = await refine([bonn(1)], [bonn(2), bonn(3)], rounds=2)
    assert (result.final.text, result.stop, total(roles.values())) == (bonn(3), StopReason.ROUND_LIMIT, 3)


async def test_verify_keeps_the_calls_unless_the_refined_ones_are_preferred() -> None:
    rejected, _ = await refine([bonn(1)], [bonn(2), bonn(2)], ("A", "B"), verify=True)
    accepted, roles = await refine([bonn(1)], [bonn(2), bonn(2)], ("B", "A"), verify=True)
    assert (rejected.final.text, accepted.final.text) == (bonn(1), bonn(2))
    assert total(roles.values()) == 3 + 2


@pytest.mark.parametrize(
    ("replies", "stop", "final"),
    [
        (([BadRequest("gone")], []), StopReason.FAILED, None),
        (([bonn(1)], [BadRequest("gone")]), StopReason.FAILED, bonn(1)),
        (([bonn(1)], ["All is well."]), StopReason.UNPARSED, bonn(1)),
        (([bonn(1)], ["<think>"]), StopReason.UNPARSED, bonn(1)),
    ],
)
async def test_a_missing_reply_keeps_the_best_draft(
    replies: tuple[list[Reply], list[Reply]], stop: StopReason, final: str | None
) -> None:
    result, _ = await refine(*replies)
    assert (result.final.text if result.final else None, result.stop) == (final, stop)
