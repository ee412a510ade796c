"""eta-MCTS, branch by branch: a scripted policy and rollouts, and critics that read their scores out of the text."""

import re
from collections.abc import Iterable

import pytest

import redraft
from redraft import Draft, Failure, QuestionTask, Result, StopReason, Task, Verdict
from redraft.models.errors import BadRequest, BudgetSpent
from redraft.models.scripted import Reply, Scripted
from redraft.schema import Missing, Signal
from tests.graphs.script import lines, prompts, silent

TASK = QuestionTask(question="What is six times seven?")
SMALL: dict[str, object] = {"root_width": 2, "least": 2, "rollouts": 1, "distance": 1, "iterations": 3, "together": 2}


class Critic:
    """Scores a text by the last `[0.5]` in it."""

    name = "critic"
    signal: Signal = "tool"

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        found = re.findall(r"\[([\d.]+)\]", draft.text)
        if not found:
            return Failure(cause="no_score", message="no score")
        return Verdict(verifier=self.name, signal=self.signal, score=float(found[-1]), passed=True)

    async def aclose(self) -> None: ...


class Never(Critic):
    """Has no opinion."""

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        return Failure(cause="no_score", message="no score")


def step(score: float, word: str = "think") -> str:
    return f"Step 1: {word} [{score}]"


def end(answer: int, score: float) -> str:
    return f"So [{score}].\nThe answer is \\boxed{{{answer}}}."


async def mcts(
    steps: Iterable[Reply],
    rollouts: Iterable[Reply] = (),
    task: QuestionTask = TASK,
    critics: dict[str, Critic] | None = None,
    **more: object,
) -> tuple[Result, dict[str, Scripted]]:
    models = {"generator": lines(*steps), "rollout": lines(*rollouts)}
    roles = {**models, "value": Critic(), "prm": Critic(), "orm": Critic(), **(critics or {})}
    async with redraft.workflow("mcts", silent(), roles=roles, **{**SMALL, **more}) as flow:
        return await flow.arun(task), models


async def test_the_root_is_expanded_first_its_first_child_greedily() -> None:
    result, models = await mcts([end(41, 0.1), end(42, 0.9)])
    assert (result.final.answer, result.stop, result.signal) == ("42", StopReason.COMPLETED, "tool")
    assert [request.sampling.temperature for request in models["generator"].requests] == [0.0, 0.8]
    assert result.usage.calls == 2
    assert result.scores == {"nodes": 2, "ends": 2, "expanded": 1, "score": pytest.approx(2.7)}
    assert len(result.verdicts) == 2 + 2 + 2


async def test_unfinished_steps_are_rolled_out_and_leaves_are_expanded_together() -> None:
    steps = [step(0.5, "one"), step(0.4, "two"), end(1, 0.1), end(2, 0.2), end(3, 0.9), end(4, 0.3)]
    result, models = await mcts(steps, [end(7, 0.5), end(8, 0.6)])
    # Two leaves together are asked before either is heard: greedy 1, sampled 1, for each.
    assert (result.final.answer, result.scores["expanded"], result.usage.calls) == ("3", 3, 2 * 3 + 2)
    assert result.final.text.startswith("Step 1: two [0.4]\n\nStep 2: So [0.9].")
    assert result.stop is StopReason.ROUND_LIMIT
    asked = prompts(models["generator"])
    assert "Step 1: one [0.5]" in asked[2]
    assert "Step 1: two [0.4]" in asked[4]
    assert len(models["rollout"].requests) == 2


async def test_options_too_near_each_other_are_sampled_again_and_at_last_the_most_distant_is_kept() -> None:
    near = [step(0.5, "abcd"), step(0.5, "abcx"), step(0.5, "abxx"), step(0.5, "abcd")]
    result, models = await mcts(near, [end(1, 0.1)] * 2, distance=5, resamples=2, iterations=1, stretch=1)
    assert result.usage.calls == (2 + 2) + 2
    rolled = prompts(models["rollout"])
    assert "abcd" in rolled[0]
    assert "abxx" in rolled[1]


async def test_equal_options_are_one_but_ends_with_different_answers_are_not() -> None:
    same, _ = await mcts([end(42, 0.5)] * 7, resamples=2)
    # The root wants a second child once more, and is then left alone.
    assert (same.scores["nodes"], same.usage.calls, same.stop) == (1, (2 + 2) + (1 + 2), StopReason.COMPLETED)
    apart, _ = await mcts([end(42, 0.5), end(43, 0.4)], distance=20)
    assert (apart.scores["nodes"], apart.usage.calls) == (2, 2)


async def test_a_node_with_scores_far_apart_is_expanded_further() -> None:
    steps = [end(1, 0.0), end(2, 1.0), end(3, 0.2)]
    result, models = await mcts([step(0.5), *steps], [end(9, 0.1)], root_width=1, least=2, alpha=1.4, iterations=4)
    # The children's sums are 0 and 3: I = 1.5, so floor(1.4 * 1.5) + 1 = 3 children are wanted.
    assert (result.scores["ends"], result.final.answer) == (3, "2")
    assert len(models["generator"].requests) == 1 + 2 + 1


@pytest.mark.parametrize(
    ("limit", "stop", "calls"),
    [
        ({"terminals": 1}, StopReason.COMPLETED, 3),
        ({"iterations": 1}, StopReason.ROUND_LIMIT, 3),
        ({"depth": 1}, StopReason.COMPLETED, 3),
    ],
)
async def test_the_search_ends_by_each_of_its_limits(limit: dict[str, object], stop: StopReason, calls: int) -> None:
    result, _ = await mcts([step(0.9), end(42, 0.5)], [end(7, 0.4)], **limit)
    assert (result.final.answer, result.stop, result.usage.calls) == ("42", stop, calls)


async def test_without_an_end_the_search_goes_on_and_the_best_rollout_stands() -> None:
    steps = [step(0.5, f"{n}") for n in range(6)]
    result, _ = await mcts(steps, [end(n, 0.1 * n) for n in range(6)], iterations=1, stretch=3, together=2)
    assert (result.scores["expanded"], result.stop) == (3, StopReason.ROUND_LIMIT)
    assert (result.final.answer, result.final.node) == ("5", "rollout")


@pytest.mark.parametrize(("choose", "answer"), [("greedy", "2"), ("leaf", "1"), ("orm", "1"), ("vote", "2")])
async def test_the_final_answer_is_chosen_as_asked(choose: str, answer: str) -> None:
    steps = [step(1.0, "one"), end(1, 0.5), "So.[0.4] The answer is 2", "Thus [0.3]! The answer is 2"]
    result, _ = await mcts(steps, [end(9, 0.9)], choose=choose)
    assert result.final.answer == answer


async def test_a_critic_that_says_nothing_is_made_up_for_and_a_node_none_speaks_of_is_left_out() -> None:
    one, _ = await mcts([end(1, 0.2), end(42, 0.8)], critics={"prm": Never()})
    assert one.scores["score"] == pytest.approx(3 * 0.8)
    assert [error.cause for error in one.errors] == ["no_score"]
    none, _ = await mcts([end(1, 0.2), "The answer is 5."], iterations=1)
    assert (none.scores["nodes"], none.final.answer) == (1, "1")


async def test_a_given_draft_is_one_more_end() -> None:
    task = TASK.model_copy(update={"draft": "It is [0.95]. The answer is 42."})
    kept, _ = await mcts([end(1, 0.2), end(2, 0.8)], task=task)
    assert (kept.final.text, kept.final.node, kept.scores["ends"]) == (task.draft, "input", 3)
    assert [draft.node for draft in kept.drafts] == ["input", "expand", "expand"]
    failed, _ = await mcts([BadRequest("gone")] * 2, task=task)
    assert (failed.final.text, failed.stop) == (task.draft, StopReason.FAILED)


@pytest.mark.parametrize(
    ("reply", "stop"),
    [
        (BadRequest("gone"), StopReason.FAILED),
        (BudgetSpent("spent"), StopReason.BUDGET),
        ("<think>hm", StopReason.UNPARSED),
    ],
)
async def test_where_no_step_comes_what_there_is_stands(reply: Reply, stop: StopReason) -> None:
    nothing, _ = await mcts([reply, reply])
    assert (nothing.final, nothing.stop) == (None, stop)
    later, _ = await mcts([step(0.5), end(42, 0.4), reply, reply], [end(7, 0.4)])
    assert (later.final.answer, later.stop) == ("42", stop)


async def test_one_branch_that_fails_costs_the_others_nothing() -> None:
    result, _ = await mcts([BadRequest("gone"), end(42, 0.4), *[end(42, 0.4)] * 9], iterations=1)
    assert (result.final.answer, result.stop) == ("42", StopReason.ROUND_LIMIT)
    assert result.errors[0].cause == "bad_request"


async def test_rollouts_that_fail_leave_the_steps_score_to_the_other_critics() -> None:
    result, _ = await mcts([step(0.5), step(0.4, "two")], [BadRequest("gone")] * 2, depth=1)
    assert (result.scores["nodes"], result.final.text) == (2, "Step 1: think [0.5]")


def test_the_papers_numbers_are_the_defaults() -> None:
    config = redraft.METHODS["mcts"].config()
    assert (config.iterations, config.terminals, config.depth, config.rollouts, config.c) == (40, 40, 10, 4, 1.0)
    assert (config.alpha, config.root_width, config.least, config.most, config.resamples) == (2.0, 40, 3, 10, 5)
    assert (config.beta_value, config.beta_process, config.beta_outcome, config.distance) == (1.0, 1.0, 1.0, 20)
