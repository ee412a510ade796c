"""MAgICoRe, branch by branch, with a model that speaks from a script and rewards that stand in the drafts."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

import redraft
from redraft import Draft, Failure, QuestionTask, Result, StopReason, Task, Verdict
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from redraft.schema import Missing, Signal
from tests.graphs.script import lines, prompts, total

TASK = QuestionTask(question="What is six times seven?")


class Rewards:
    """Reads `[outcome step step]` out of the draft."""

    name = "rewards"
    signal: Signal = "tool"

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        found = re.search(r"\[([\d. ]+)\]", draft.text)
        if not found:
            return Failure(cause="no_reward", message="no reward")
        outcome, *steps = map(float, found[1].split())
        return Verdict(verifier=self.name, signal="tool", score=outcome, passed=True, steps=tuple(steps))

    async def aclose(self) -> None: ...


def says(answer: int, rewards: str) -> str:
    return f"Step 1: think. [{rewards}]\nThe answer is \\boxed{{{answer}}}."


HARD = [says(1, "0.1 0.1"), says(1, "0.1 0.1"), says(2, "0.5 0.5"), says(3, "0.5 0.5"), says(4, "0.5 0.5")]
POOL = [*HARD[2:], *HARD[:2]]
"""HARD as it stands in the pool: the best rewards first."""
EASY = [says(1, "0.1 0.1"), says(42, "0.9 0.9"), says(42, "0.9 0.9")]


async def magicore(
    chains: Sequence[Reply], reviews: Sequence[Reply] = (), rewrites: Sequence[Reply] = (), **more: object
) -> tuple[Result, dict[str, Scripted]]:
    models = {"generator": lines(*chains), "critic": lines(*reviews), "refiner": lines(*rewrites)}
    roles = {**models, "orm": Rewards(), "prm": Rewards()}
    async with redraft.workflow("magicore", lines(), roles=roles, k=len(chains), **more) as flow:
        return await flow.arun(TASK), models


async def test_an_easy_question_is_voted_on_by_reward_and_refined_by_nobody() -> None:
    result, models = await magicore(EASY)
    assert (result.final.answer, result.stop, result.signal) == ("42", StopReason.COMPLETED, "tool")
    assert result.scores["hard"] == 0.0
    assert result.usage.calls == total(models.values()) == 1


async def test_a_heavy_chain_outweighs_the_majority() -> None:
    result, _ = await magicore([says(1, "0.1 0.1"), says(1, "0.1 0.1"), says(42, "0.9 0.9")])
    assert result.final.answer == "42"


async def test_a_hard_question_is_refined_and_the_best_of_old_and_new_vote() -> None:
    better = [says(42, "0.9 0.9")] * 5
    result, models = await magicore(HARD, ["Look at step 1."] * 5, better)
    assert (result.final.answer, result.stop) == ("42", StopReason.COMPLETED)
    assert result.usage.calls == total(models.values()) == 1 + 2 * 5
    assert [revision.accepted for revision in result.revisions] == [True] * 5
    assert "(Score: 1/10)" in prompts(models["critic"])[-1]


@pytest.mark.parametrize("rounds", [1, 2, 3])
async def test_worse_chains_leave_the_pool_and_what_stays_hard_ends_at_the_round_limit(rounds: int) -> None:
    worse = [says(n, "0.0 0.0") for n in range(5 * rounds)]
    result, models = await magicore(HARD, ["Hm."] * 5 * rounds, worse, rounds=rounds)
    assert (result.stop, result.scores["hard"], result.final.answer) == (StopReason.ROUND_LIMIT, 1.0, "2")
    assert result.usage.calls == total(models.values()) == 1 + 2 * 5 * rounds


async def test_reviews_and_refinements_that_fail_leave_their_chains_alone() -> None:
    reviews = [BadRequest("gone"), "Hm.", "Hm.", "Hm.", "Hm."]
    rewrites = [BadRequest("gone"), says(42, "0.9 0.9"), says(42, "0.9 0.9"), POOL[4]]
    result, models = await magicore(HARD, reviews, rewrites)
    assert (result.final.answer, len(models["refiner"].requests)) == ("42", 4)
    assert [revision.accepted for revision in result.revisions] == [False, True, True, False]


async def test_when_refining_changes_nothing_the_vote_stands() -> None:
    result, _ = await magicore(HARD, ["Hm."] * 5, POOL)
    assert (result.final.answer, result.stop) == ("2", StopReason.UNCHANGED)


async def test_a_chain_that_cannot_be_scored_leaves_the_pool_and_is_told() -> None:
    result, _ = await magicore([says(1, "0.1 0.1"), "The answer is 7.", says(42, "0.9 0.9"), says(42, "0.9 0.9")])
    assert result.final.answer == "42"
    assert {error.cause for error in result.errors} == {"no_reward"}


async def test_nothing_to_score_and_nothing_to_begin_with() -> None:
    unscored, _ = await magicore(["The answer is 7."])
    assert (unscored.final.text, unscored.stop) == ("The answer is 7.", StopReason.FAILED)
    failed, _ = await magicore([BadRequest("gone")])
    assert (failed.final, failed.stop) == (None, StopReason.FAILED)


async def test_an_earlier_run_gives_the_measure(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text('{"result":{"scores":{"first_reward":0.01}}}\n{"result":{"scores":{"first_reward":0.02}}}\n')
    result, _ = await magicore(HARD, calibration=str(out))
    assert (result.scores["hard"], result.scores["first_reward"]) == (0.0, pytest.approx(0.2))


async def test_forty_chains_by_default() -> None:
    model = lines(*[says(42, "0.9 0.9")] * 40)
    roles = {"generator": model, "orm": Rewards(), "prm": Rewards()}
    async with redraft.workflow("magicore", lines(), roles=roles) as flow:
        result = await flow.arun(TASK)
    assert (len(result.drafts), model.requests[0].sampling.temperature) == (40, 0.8)
