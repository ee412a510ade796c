"""GLoRe, branch by branch, with a model that speaks from a script and rewards that stand in the texts."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

import redraft
from redraft import Draft, Failure, QuestionTask, Result, StopReason, Task, Verdict
from redraft.graphs.glore import cut, joined
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from redraft.schema import Missing, Signal
from redraft.verifiers.steps import split_steps
from tests.graphs.script import lines, prompts, silent, total

WRONG = "Step 1: six sevens. {good}\n\nStep 2: that is 40. {bad}\n\nThe answer is \\boxed{40}. (outcome 0.2)"
RIGHT = "Step 1: six sevens. {good}\n\nStep 2: that is 42. {good}\n\nThe answer is \\boxed{42}. (outcome 0.9)"
MENDED = "Step 2: that is 42. {good}\n\nThe answer is \\boxed{42}. (outcome 0.8)"


class Steps:
    """A step is bad where it says so."""

    name = "steps"
    signal: Signal = "tool"

    def __init__(self, bad: float = 0.1) -> None:
        self.bad = bad

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        if "{none}" in draft.text:
            return Failure(cause="no_reward", message="no reward")
        steps = tuple(self.bad if "{bad}" in step else 0.9 for step in split_steps(draft.text) if "{odd}" not in step)
        return Verdict(verifier=self.name, signal="tool", score=min(steps), passed=True, steps=steps)

    async def aclose(self) -> None: ...


class Outcome:
    """Reads `(outcome SCORE)`, and keeps what it was asked."""

    name = "outcome"
    signal: Signal = "tool"

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        self.asked.append(draft.text)
        found = re.search(r"\(outcome ([\d.]+)\)", draft.text)
        if not found:
            return Failure(cause="no_reward", message="no reward")
        return Verdict(verifier=self.name, signal="tool", score=float(found[1]), passed=True)

    async def aclose(self) -> None: ...


async def glore(
    drafts: Sequence[Reply],
    whole: Sequence[Reply],
    local: Sequence[Reply] = (),
    *,
    draft: str | None = None,
    orm: Outcome | None = None,
    prm: Steps | None = None,
    **more: object,
) -> tuple[Result, dict[str, Scripted]]:
    models = {"generator": lines(*drafts), "global_refiner": lines(*whole), "local_refiner": lines(*local)}
    roles = {**models, "orm": orm or Outcome(), "prm": prm or Steps()}
    task = QuestionTask(question="What is six times seven?", draft=draft)
    return await redraft.workflow("glore", silent(), roles=roles, **more).arun(task), models


async def test_draft_global_and_local_are_ranked_and_the_best_wins() -> None:
    orm = Outcome()
    result, models = await glore([WRONG], [RIGHT], [MENDED], orm=orm)
    assert (result.final.node, result.final.answer, result.stop) == ("global", "42", StopReason.ACCEPTED)
    assert result.usage.calls == total(models.values()) == 3
    assert len(orm.asked) == 3
    assert [revision.accepted for revision in result.revisions] == [True, False]
    assert (result.signal, result.scores) == ("tool", {"draft": 0.2, "final": 0.9})


async def test_the_local_refiner_sees_the_mark_and_writes_on_from_it() -> None:
    result, models = await glore([WRONG], [WRONG.replace("0.2", "0.1")], [MENDED])
    (asked,) = prompts(models["local_refiner"])
    assert "six sevens. {good}\n\n[BAD] Step 2: that is 40. {bad}" in asked
    assert result.final.node == "local"
    assert result.final.text == WRONG[: WRONG.index("\n\nStep 2")] + "\n\n" + MENDED
    assert result.revisions[1].feedback == "[BAD] before step 2"


async def test_a_local_refinement_that_repeats_the_right_steps_does_not_double_them() -> None:
    result, _ = await glore([WRONG], [BadRequest("gone")], [RIGHT])
    assert (result.final.text, result.final.node) == (RIGHT, "local")


async def test_without_a_bad_step_there_is_no_local_refinement() -> None:
    result, models = await glore([RIGHT], [WRONG])
    assert (result.final.text, result.stop) == (RIGHT, StopReason.REJECTED)
    assert result.usage.calls == total(models.values()) == 2
    assert [revision.accepted for revision in result.revisions] == [False]


@pytest.mark.parametrize(("score", "calls"), [(0.49, 3), (0.5, 2)])
async def test_a_step_is_bad_below_the_threshold(score: float, calls: int) -> None:
    result, _ = await glore([WRONG], [RIGHT], [MENDED], prm=Steps(score))
    assert result.usage.calls == calls


async def test_a_tie_keeps_the_draft() -> None:
    same = WRONG.replace("six sevens", "seven sixes")
    result, _ = await glore([WRONG], [same], [BadRequest("gone")])
    assert (result.final.text, result.stop) == (WRONG, StopReason.REJECTED)


async def test_what_cannot_be_scored_does_not_win_and_does_not_lose_the_draft() -> None:
    unscored, _ = await glore([WRONG], ["It is 42."], [MENDED])
    assert unscored.final.node == "local"
    unknown, _ = await glore([WRONG.replace("(outcome 0.2)", "")], [RIGHT], [MENDED])
    assert (unknown.final.node, unknown.stop) == ("draft", StopReason.FAILED)
    neither, _ = await glore([WRONG], ["It is 42."], ["Step 2: 42."])
    assert (neither.final.text, neither.stop) == (WRONG, StopReason.FAILED)


@pytest.mark.parametrize(("mark", "cause"), [("{none}", "no_reward"), ("{odd}", "no_steps")])
async def test_without_a_score_for_each_step_there_is_no_local_refinement_and_it_is_told(mark: str, cause: str) -> None:
    result, models = await glore([WRONG.replace("{good}", mark)], [RIGHT])
    assert (result.final.node, result.errors[0].cause) == ("global", cause)
    assert models["local_refiner"].requests == []


@pytest.mark.parametrize(
    ("replies", "stop", "final"),
    [
        (([BadRequest("gone")], [], []), StopReason.FAILED, None),
        ((["<think>hm"], [], []), StopReason.UNPARSED, None),
        (([WRONG], [BadRequest("gone")], [BadRequest("gone")]), StopReason.FAILED, WRONG),
        (([WRONG], ["<think>hm"], ["<think>hm"]), StopReason.UNPARSED, WRONG),
        (([RIGHT], [RIGHT], []), StopReason.UNCHANGED, RIGHT),
        (([WRONG], ["<think>hm"], [MENDED]), StopReason.ACCEPTED, WRONG[: WRONG.index("Step 2")] + MENDED),
    ],
)
async def test_whatever_is_missing_the_best_draft_stands(
    replies: tuple[Sequence[Reply], ...], stop: StopReason, final: str | None
) -> None:
    result, _ = await glore(*replies)
    assert (result.final.text if result.final else None, result.stop) == (final, stop)


async def test_two_refinements_that_say_the_same_are_judged_once_and_the_first_is_chosen() -> None:
    orm = Outcome()
    result, _ = await glore([WRONG], [RIGHT], [RIGHT], orm=orm)
    assert (len(orm.asked), [revision.accepted for revision in result.revisions]) == (2, [True, False])


async def test_nothing_new_is_not_ranked() -> None:
    orm = Outcome()
    await glore([RIGHT], [RIGHT], orm=orm)
    assert orm.asked == []


async def test_a_given_draft_is_not_written_again() -> None:
    result, models = await glore([], [RIGHT], [MENDED], draft=WRONG)
    assert (result.drafts[0].node, total(models.values())) == ("input", 2)


@given(st.text(alphabet="ab 12.\n\r#", min_size=1) | st.text(min_size=1), st.integers(0, 20))
def test_a_cut_loses_nothing_but_the_white_space_between(text: str, at: int) -> None:
    steps = split_steps(text)
    if at < len(steps):
        right, wrong = cut(text, at)
        assert "".join((right + wrong).split()) == "".join(text.split())
        assert wrong.startswith(steps[at])


@pytest.mark.parametrize(
    ("right", "text", "whole"), [("", "a", "a"), ("a", "b", "a\n\nb"), ("a\n\nb", "a\n\nc", "a\n\nc")]
)
def test_what_is_written_on_stands_after_what_was_right(right: str, text: str, whole: str) -> None:
    assert joined(right, text) == whole
