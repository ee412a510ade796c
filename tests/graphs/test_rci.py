"""RCI, branch by branch, with a model that speaks from a script."""

import pytest

import redraft
from redraft import QuestionTask, Result, StopReason
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from tests.graphs.script import lines, silent, total


async def rci(
    drafts: list[Reply], critiques: list[Reply], rewrites: list[Reply], verdicts: tuple[Reply, ...] = (), **more: object
) -> tuple[Result, dict[str, Scripted]]:
    roles = {
        "generator": lines(*drafts),
        "critic": lines(*critiques),
        "refiner": lines(*rewrites),
        "verifier": lines(*verdicts),
    }
    task = QuestionTask(question="What is six times seven?", draft=more.pop("draft", None))
    return await redraft.workflow("rci", silent(), roles=roles, **more).arun(task), roles


async def test_one_round_finds_problems_and_improves() -> None:
    result, roles = await rci(["40"], ["Too low by two."], ["42"])
    assert (result.final.text, result.stop) == ("42", StopReason.ROUND_LIMIT)
    assert result.revisions[0].feedback == "Too low by two."
    assert result.usage.calls == total(roles.values()) == 1 + 2


async def test_the_chat_grows_as_the_paper_has_it() -> None:
    _, roles = await rci(["40"], ["Too low."], ["42"])
    (criticize,), (improve,) = roles["critic"].requests, roles["refiner"].requests
    assert [message.role for message in improve.messages] == ["user", "assistant", "user", "assistant", "user"]
    assert improve.messages[:3] == criticize.messages
    assert [message.content for message in improve.messages[1::2]] == ["40", "Too low."]


@pytest.mark.parametrize("rounds", [1, 2, 3])
async def test_every_round_criticizes_the_draft_that_stands(rounds: int) -> None:
    texts = ["1", "2", "3", "4"]
    result, roles = await rci(texts[:1], ["no"] * rounds, texts[1 : rounds + 1], rounds=rounds)
    assert (result.final.text, result.stop) == (texts[rounds], StopReason.ROUND_LIMIT)
    assert [request.messages[1].content for request in roles["critic"].requests] == texts[:rounds]
    assert result.usage.calls == 1 + 2 * rounds


async def test_an_unchanged_answer_ends_the_rounds() -> None:
    result, _ = await rci(["42"], ["None."], ["42"], rounds=3)
    assert (result.final.text, result.stop) == ("42", StopReason.UNCHANGED)


async def test_a_given_draft_is_not_written_again() -> None:
    result, roles = await rci([], ["no"], ["42"], draft="40")
    assert (result.drafts[0].node, total(roles.values())) == ("input", 2)


@pytest.mark.parametrize(
    ("replies", "stop", "final"),
    [
        ((["<think>hm"], [], []), StopReason.UNPARSED, None),
        ((["40"], ["<think>hm"], []), StopReason.UNPARSED, "40"),
        ((["40"], [BadRequest("gone")], []), StopReason.FAILED, "40"),
        ((["40"], ["no"], [BadRequest("gone")]), StopReason.FAILED, "40"),
        ((["40"], ["no", BadRequest("gone")], ["41"]), StopReason.FAILED, "41"),
    ],
)
async def test_a_missing_reply_keeps_the_best_draft(
    replies: tuple[list[Reply], ...], stop: StopReason, final: str | None
) -> None:
    result, _ = await rci(*replies, rounds=2)
    assert (result.final.text if result.final else None, result.stop) == (final, stop)


async def test_verify_keeps_the_draft_unless_the_improvement_is_preferred() -> None:
    rejected, _ = await rci(["40"], ["no"], ["41"], ("A", "B"), verify=True)
    accepted, roles = await rci(["40"], ["no"], ["42"], ("B", "A"), verify=True)
    assert (rejected.final.text, rejected.stop) == ("40", StopReason.REJECTED)
    assert (accepted.final.text, total(roles.values())) == ("42", 1 + 2 + 2)
