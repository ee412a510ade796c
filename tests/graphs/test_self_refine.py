"""Self-Refine, branch by branch, with a model that speaks from a script."""

import redraft
from redraft import QuestionTask, Result, StopReason, TranslationTask
from redraft.graphs.self_refine import FEEDBACK_SCHEMA
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from tests.graphs.script import lines, prompts, silent, total

GOOD = "Nothing to mend.\nVerdict: good"


def work(what: str) -> str:
    return f"{what}\nVerdict: needs work"


async def refine(
    drafts: list[Reply], reviews: list[Reply], rewrites: list[Reply], verdicts: tuple[Reply, ...] = (), **more: object
) -> tuple[Result, dict[str, Scripted]]:
    roles = {
        "generator": lines(*drafts),
        "critic": lines(*reviews),
        "refiner": lines(*rewrites),
        "verifier": lines(*verdicts),
    }
    draft = more.pop("draft", None)
    task = QuestionTask(question="What is six times seven?", draft=draft)
    return await redraft.workflow("self-refine", silent(), roles=roles, **more).arun(task), roles


async def test_stops_on_the_models_own_verdict() -> None:
    result, roles = await refine(["42"], [GOOD], [])
    assert (result.final.text, result.stop) == ("42", StopReason.SATISFIED)
    assert total(roles.values()) == 2


async def test_refines_until_satisfied() -> None:
    result, _ = await refine(["40"], [work("Too low."), GOOD], ["42"])
    assert (result.final.text, result.stop) == ("42", StopReason.SATISFIED)
    assert result.revisions[0].feedback == "Too low."


async def test_ends_after_the_papers_four_attempts() -> None:
    result, roles = await refine(["1"], [work("no")] * 4, ["2", "3", "4", "5"])
    assert (result.final.text, result.stop) == ("5", StopReason.ROUND_LIMIT)
    assert result.usage.calls == total(roles.values()) == 1 + 2 * 4


async def test_the_refiner_sees_every_draft_and_review_in_order() -> None:
    _, roles = await refine(["one"], [work("first"), work("second"), GOOD], ["two", "three"])
    last = prompts(roles["refiner"])[-1]
    assert last.index("one") < last.index("first") < last.index("two") < last.index("second")


async def test_history_only_grows_at_its_end() -> None:
    _, roles = await refine(["one"], [work("first"), work("second"), GOOD], ["two", "three"])
    earlier, later = (prompt.removesuffix("Better answer:").rstrip() for prompt in prompts(roles["refiner"]))
    assert later.startswith(earlier)


async def test_an_unchanged_rewrite_ends_the_rounds() -> None:
    result, _ = await refine(["42"], [work("hm")], ["42"])
    assert (result.final.text, result.stop) == ("42", StopReason.UNCHANGED)


async def test_a_review_without_a_verdict_is_feedback_all_the_same_and_counted() -> None:
    result, roles = await refine(["40"], ["It is too low.", GOOD], ["42"])
    assert result.final.text == "42"
    assert len(result.unparsed) == 1
    assert "It is too low." in prompts(roles["refiner"])[0]


async def test_a_critic_that_refuses_keeps_the_draft() -> None:
    result, _ = await refine(["42"], [BadRequest("gone")], [])
    assert (result.final.text, result.stop) == ("42", StopReason.FAILED)


async def test_a_given_draft_is_not_written_again() -> None:
    result, roles = await refine([], [GOOD], [], draft="42")
    assert result.drafts[0].node == "input"
    assert total(roles.values()) == 1


async def test_verify_keeps_the_draft_unless_the_rewrite_is_preferred() -> None:
    rejected, _ = await refine(["40"], [work("no")], ["41"], ("A", "B"), verify=True)
    accepted, _ = await refine(["40"], [work("no"), GOOD], ["42"], ("B", "A"), verify=True)
    assert (rejected.final.text, rejected.stop) == ("40", StopReason.REJECTED)
    assert (accepted.final.text, accepted.stop) == ("42", StopReason.SATISFIED)


async def test_guided_reads_the_verdict_from_json() -> None:
    result, roles = await refine(["42"], ['{"feedback":"fine","satisfied":true}'], [], guided=True)
    assert result.stop is StopReason.SATISFIED
    assert roles["critic"].requests[0].constraint == FEEDBACK_SCHEMA


async def test_it_takes_any_kind_of_task() -> None:
    model = lines("Hallo.", GOOD)
    task = TranslationTask(source="Hello.", source_lang="en", target_lang="de")
    result = await redraft.workflow("self-refine", model).arun(task)
    assert result.final.text == "Hallo."
    assert "from English into German" in prompts(model)[0]
