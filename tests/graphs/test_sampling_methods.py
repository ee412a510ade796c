"""Self-consistency, best-of-N and debate, branch by branch: what is sampled, what votes, what wins."""

from collections.abc import Sequence

import pytest

import redraft
from redraft import Draft, Failure, QuestionTask, Result, StopReason, Task, Verdict
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from redraft.schema import Missing, Signal
from tests.graphs.script import lines, prompts, silent

TASK = QuestionTask(question="What is six times seven?")


def says(answer: object) -> str:
    return f"Step 1: think.\nThe answer is \\boxed{{{answer}}}."


async def run(method: str, replies: Sequence[Reply], task: Task = TASK, **more: object) -> tuple[Result, Scripted]:
    model = lines(*replies)
    async with redraft.workflow(method, model, **more) as flow:
        return await flow.arun(task), model


class ByLength:
    """Scores a draft by the number after `score `, step by step where there are several."""

    name = "by-number"
    signal: Signal = "tool"

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        numbers = tuple(float(word) for word in draft.text.split("score ")[1:] for word in word.split()[:1])
        if not numbers:
            return Failure(cause="no_number", message=draft.text)
        return Verdict(verifier=self.name, signal="tool", score=numbers[-1], passed=True, steps=numbers)

    async def aclose(self) -> None: ...


async def test_the_answer_most_samples_come_to_wins_and_one_without_has_no_vote() -> None:
    result, model = await run("self-consistency", [says(41), says(42), "hm", says("42.0")], k=4)
    assert (result.final.answer, result.stop) == ("42", StopReason.COMPLETED)
    assert result.scores["share"] == pytest.approx(2 / 3)
    assert result.scores["answered"] == 0.75
    assert [request.sampling.n for request in model.requests] == [4]
    assert result.usage.calls == 1


async def test_forty_samples_at_the_papers_temperature() -> None:
    _, model = await run("self-consistency", [says(42)] * 40)
    sampling = model.requests[0].sampling
    assert (sampling.n, sampling.temperature) == (40, 0.7)


async def test_without_any_answer_the_first_draft_stands_unparsed() -> None:
    result, _ = await run("self-consistency", ["hm", "so"], k=2)
    assert (result.final.text, result.stop) == ("hm", StopReason.UNPARSED)


async def test_a_request_that_fails_leaves_nothing_but_a_given_draft() -> None:
    failed, _ = await run("self-consistency", [BadRequest("gone")], k=2)
    assert (failed.final, failed.stop) == (None, StopReason.FAILED)
    given, _ = await run("self-consistency", [BadRequest("gone")], TASK.model_copy(update={"draft": says(7)}), k=2)
    assert (given.final.answer, len(given.errors)) == ("7", 1)


async def test_best_of_n_takes_the_highest_score_whose_signal_it_bears() -> None:
    replies = ["score 0.2", "score 0.9", "none", "score 0.9 again"]
    result, model = await run("best-of-n", replies, n=4, roles={"verifier": ByLength()})
    assert (result.final.text, result.stop, result.signal) == ("score 0.9", StopReason.COMPLETED, "tool")
    assert (len(result.verdicts), len(result.errors), len(model.requests)) == (4, 1, 1)


@pytest.mark.parametrize(("aggregate", "winner"), [("own", 0), ("last", 0), ("product", 1), ("min", 1), ("mean", 2)])
async def test_the_steps_scores_are_put_together_as_said(aggregate: str, winner: int) -> None:
    replies = ["score 0.1 score 0.95", "score 0.6 score 0.6", "score 0.5 score 0.5 score 0.9 score 0.9"]
    result, _ = await run("best-of-n", replies, n=3, aggregate=aggregate, roles={"verifier": ByLength()})
    assert result.final.text == replies[winner]


async def test_the_weighted_vote_adds_up_the_scores_of_an_answer() -> None:
    replies = [f"{says(41)} score 0.9", f"{says(42)} score 0.5", f"{says(42)} score 0.6", f"{says(43)} score -3"]
    best, _ = await run("best-of-n", replies, n=4, roles={"verifier": ByLength()})
    vote, _ = await run("best-of-n", replies, n=4, choose="vote", roles={"verifier": ByLength()})
    assert (best.final.answer, vote.final.answer) == ("41", "42")
    assert vote.scores["share"] == pytest.approx(1.1 / 2.0)


async def test_where_nothing_could_be_scored_the_first_draft_stands() -> None:
    result, _ = await run("best-of-n", ["a", "b"], n=2, roles={"verifier": ByLength()})
    assert (result.final.text, result.stop) == ("a", StopReason.FAILED)


async def test_a_task_that_is_no_question_is_not_asked_for_steps() -> None:
    _, model = await run(
        "best-of-n", ["score 1"], redraft.TextTask(text="A haiku."), n=1, roles={"verifier": ByLength()}
    )
    assert "Step 1" not in prompts(model)[0]


async def test_a_language_model_in_the_verifiers_role_grades_by_a_rubric() -> None:
    judge = lines('{"reason":"no","verdict":"2"}', '{"reason":"yes","verdict":"9"}')
    result, _ = await run("best-of-n", ["a", "b"], n=2, guided=True, roles={"verifier": judge})
    assert (result.final.text, result.scores, result.signal) == ("b", {"score": 9.0}, "self")
    assert result.usage.calls == 1 + 2


@pytest.mark.parametrize("verifier", ["vote", "pairwise"])
def test_what_judges_pairs_or_groups_scores_no_draft(verifier: str) -> None:
    with pytest.raises(redraft.ConfigError, match="the role verifier scores one draft"):
        redraft.workflow("best-of-n", silent(), roles={"verifier": verifier})


async def test_agents_read_the_others_and_the_majority_of_the_last_round_decides() -> None:
    opening, second = [says(41), says(42), says(40)], [says(42), says(42), says(40)]
    result, model = await run("debate", [*opening, *second])
    assert (result.final.answer, result.stop) == ("42", StopReason.ROUND_LIMIT)
    assert result.usage.calls == len(model.requests) == 1 + 3
    asked = model.requests[2]
    assert asked.messages[1].content == opening[1]
    assert opening[0] in asked.messages[2].content
    assert opening[2] in asked.messages[2].content
    assert opening[1] not in asked.messages[2].content


async def test_a_debate_in_which_all_agree_is_over() -> None:
    result, model = await run("debate", [says(42), says("42.0"), says(42)])
    assert (result.stop, result.scores["agreed"], len(model.requests)) == (StopReason.COMPLETED, 1.0, 1)
    _, model = await run("debate", [says(42)] * 6, early_stop=False)
    assert len(model.requests) == 1 + 3


async def test_an_agent_that_falls_silent_keeps_its_answer_and_one_without_has_no_vote() -> None:
    replies = ["hm", says(41), says(42), BadRequest("gone"), says(42), "hm"]
    result, _ = await run("debate", replies)
    assert (result.final.answer, result.scores["answered"]) == ("42", pytest.approx(1 / 3))
    assert len(result.errors) == 1


@pytest.mark.parametrize(("agents", "rounds"), [(2, 2), (3, 3), (4, 2)])
async def test_a_debate_costs_what_its_formula_says(agents: int, rounds: int) -> None:
    answers = [says(number) for number in range(agents)] * rounds
    result, _ = await run("debate", answers, agents=agents, rounds=rounds)
    assert result.usage.calls == 1 + agents * (rounds - 1)
    assert result.stop is StopReason.ROUND_LIMIT


async def test_a_debate_that_nobody_opens_has_failed() -> None:
    result, _ = await run("debate", [BadRequest("gone")])
    assert (result.final, result.stop) == (None, StopReason.FAILED)
