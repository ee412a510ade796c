"""Chain-of-Verification, branch by branch, with a model that speaks from a script."""

import pytest

import redraft
from redraft import QuestionTask, Result, StopReason
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from tests.graphs.script import lines, prompts, silent, total

PLAN = "1. Where was Ada born?\n2. When was she born?"


async def cove(
    drafts: list[Reply],
    plans: list[Reply],
    answers: list[Reply],
    finals: list[Reply],
    verdicts: tuple[Reply, ...] = (),
    **more: object,
) -> tuple[Result, dict[str, Scripted]]:
    roles = {
        "generator": lines(*drafts),
        "critic": lines(*plans),
        "answerer": lines(*answers),
        "refiner": lines(*finals),
        "verifier": lines(*verdicts),
    }
    task = QuestionTask(question="Who was Ada?", draft=more.pop("draft", None))
    return await redraft.workflow("cove", silent(), roles=roles, **more).arun(task), roles


async def test_baseline_plan_execute_final() -> None:
    result, roles = await cove(["Born in Paris, 1815."], [PLAN], ["London.", "1815."], ["Born in London, 1815."])
    assert (result.final.text, result.stop) == ("Born in London, 1815.", StopReason.COMPLETED)
    assert result.usage.calls == total(roles.values()) == 3 + 2
    assert result.revisions[0].feedback == "Where was Ada born? London.\nWhen was she born? 1815."


async def test_questions_are_answered_without_sight_of_the_draft_or_each_other() -> None:
    _, roles = await cove(["Born in Paris."], [PLAN], ["London.", "1815."], ["x"])
    first, second = prompts(roles["answerer"])
    assert ("Where" in first, "Where" in second, "Paris" in first + second) == (True, False, False)


async def test_no_more_questions_than_allowed_are_asked() -> None:
    plan = "\n".join(f"{n}) Is {n} so?" for n in range(1, 20))
    result, roles = await cove(["x"], [plan], ["yes"] * 3, ["y"], questions=3)
    assert (len(roles["answerer"].requests), result.usage.calls) == (3, 6)


async def test_a_check_that_brought_no_answer_is_left_out() -> None:
    result, roles = await cove(["x"], [PLAN], [BadRequest("gone"), "1815."], ["y"])
    (final,) = prompts(roles["refiner"])
    assert ("Where was" in final, "1815." in final) == (False, True)
    assert (result.final.text, len(result.errors)) == ("y", 1)


@pytest.mark.parametrize(
    ("replies", "stop", "final"),
    [
        (([BadRequest("gone")], [], [], []), StopReason.FAILED, None),
        ((["x"], ["It seems fine to me."], [], []), StopReason.UNPARSED, "x"),
        ((["x"], [BadRequest("gone")], [], []), StopReason.FAILED, "x"),
        ((["x"], [PLAN], [BadRequest("gone")] * 2, []), StopReason.FAILED, "x"),
        ((["x"], [PLAN], ["a", "b"], [BadRequest("gone")]), StopReason.FAILED, "x"),
        ((["x"], [PLAN], ["a", "b"], ["x"]), StopReason.UNCHANGED, "x"),
    ],
)
async def test_whatever_is_missing_the_best_draft_stands(
    replies: tuple[list[Reply], ...], stop: StopReason, final: str | None
) -> None:
    result, _ = await cove(*replies)
    assert (result.final.text if result.final else None, result.stop) == (final, stop)


async def test_a_given_draft_is_not_written_again() -> None:
    result, roles = await cove([], [PLAN], ["a", "b"], ["y"], draft="x")
    assert (result.drafts[0].node, total(roles.values())) == ("input", 2 + 2)


async def test_verify_keeps_the_draft_unless_the_final_answer_is_preferred() -> None:
    rejected, _ = await cove(["x"], [PLAN], ["a", "b"], ["y"], ("A", "B"), verify=True)
    accepted, _ = await cove(["x"], [PLAN], ["a", "b"], ["y"], ("B", "A"), verify=True)
    assert (rejected.final.text, rejected.stop) == ("x", StopReason.REJECTED)
    assert (accepted.final.text, accepted.stop) == ("y", StopReason.ACCEPTED)
