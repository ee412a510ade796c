"""DeCRIM, branch by branch, with a model that speaks from a script and constraints that code checks for real."""

import re
from collections.abc import Sequence

import pytest

import redraft
from redraft import Constraint, InstructionTask, Result, StopReason, TextTask, Verdict
from redraft.models.base import ChatRequest
from redraft.models.budget import Budget
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from tests.graphs.script import lines, prompts, silent, total

LIST = "1. It praises the bridge.\n2. It rhymes."
NO_COMMA = Constraint(kind="punctuation:no_comma", text="Use no commas.")
YES, NO = "followed", "not followed"


def critic(*words: Reply) -> Scripted:
    """Says each word under the code that the request asks for; other words and errors as they are."""
    left = iter(words)

    def reply(request: ChatRequest) -> Reply:
        word = next(left)
        code = re.search(r"^Verdict (\d+):", request.messages[-1].content, re.MULTILINE)
        assert code
        return f"So it is.\nVerdict {code[1]}: {word}" if word in (YES, NO) else word

    return Scripted(reply)


async def decrim(
    drafts: Sequence[Reply],
    listed: Sequence[Reply],
    rulings: Sequence[Reply],
    rewrites: Sequence[Reply] = (),
    *,
    draft: str | None = None,
    own: tuple[Constraint, ...] = (),
    **more: object,
) -> tuple[Result, dict[str, Scripted]]:
    roles = {
        "generator": lines(*drafts),
        "decomposer": lines(*listed),
        "critic": critic(*rulings),
        "refiner": lines(*rewrites),
    }
    task = InstructionTask(instruction="Praise the bridge in rhymes.", draft=draft, constraints=own)
    return await redraft.workflow("decrim", silent(), roles=roles, **more).arun(task), roles


async def test_a_response_that_keeps_everything_is_not_refined() -> None:
    result, roles = await decrim(["Ode."], [LIST], [YES, YES])
    assert (result.final.text, result.stop, result.signal) == ("Ode.", StopReason.SATISFIED, "self")
    assert result.usage.calls == total(roles.values()) == 2 + 2
    assert result.scores == {"kept": 2.0, "constraints": 2.0}


async def test_the_refiner_is_told_what_is_violated_and_nothing_else() -> None:
    result, roles = await decrim(["Ode."], [LIST], [YES, NO, YES, YES], ["Ode, load."])
    assert (result.final.text, result.stop) == ("Ode, load.", StopReason.SATISFIED)
    (asked,) = prompts(roles["refiner"])
    assert ("violates 1 of" in asked, "It rhymes. (So it is.)" in asked, "It praises" in asked) == (True, True, False)
    (revision,) = result.revisions
    assert ([finding.explanation for finding in revision.findings], revision.accepted) == (
        ["It rhymes. (So it is.)"],
        True,
    )
    assert result.findings == ()
    assert result.usage.calls == 2 + 2 + 1 * (1 + 2)


@pytest.mark.parametrize("rounds", [1, 2, 3])
async def test_rounds_end_at_their_limit_and_each_refines_the_newest_draft(rounds: int) -> None:
    rewrites = [f"draft {n}" for n in range(1, rounds + 1)]
    result, roles = await decrim(["draft 0"], [LIST], [NO, NO] * (rounds + 1), rewrites, rounds=rounds)
    assert (result.final.text, result.stop) == ("draft 0", StopReason.ROUND_LIMIT)
    assert result.usage.calls == total(roles.values()) == 2 + 2 + rounds * (1 + 2)
    assert all(f"draft {n}" in asked for n, asked in enumerate(prompts(roles["refiner"])))


async def test_ten_rounds_by_default() -> None:
    rewrites = [f"draft {n}" for n in range(1, 11)]
    result, roles = await decrim(["draft 0"], ["1. It rhymes."], [NO] * 11, rewrites)
    assert (len(roles["refiner"].requests), result.stop) == (10, StopReason.ROUND_LIMIT)


async def test_the_draft_that_keeps_most_is_the_result_and_not_the_last() -> None:
    result, _ = await decrim(["a"], [LIST], [NO, NO, YES, NO, NO, NO, NO, YES], ["b", "c", "d"], rounds=3)
    assert (result.final.text, result.scores["kept"]) == ("b", 1.0)
    assert [revision.accepted for revision in result.revisions] == [True, False, False]
    assert [finding.explanation for finding in result.findings] == ["It rhymes. (So it is.)"]


class TestAVerdictThatIsMissing:
    async def test_is_no_violation_and_no_satisfaction(self) -> None:
        result, roles = await decrim(["a"], [LIST], [YES, "I cannot say."])
        assert (result.final.text, result.stop, len(result.unparsed)) == ("a", StopReason.UNPARSED, 1)
        assert roles["refiner"].requests == []

    async def test_is_kept_from_the_refiner(self) -> None:
        _, roles = await decrim(["a"], [LIST], ["I cannot say.", NO, YES, YES], ["b"])
        (asked,) = prompts(roles["refiner"])
        assert ("It praises" in asked, "It rhymes" in asked) == (False, True)

    async def test_makes_no_draft_better_or_worse(self) -> None:
        better, _ = await decrim(["a"], [LIST], [YES, NO, "Well.", YES], ["b"], rounds=1)
        neither, _ = await decrim(["a"], [LIST], ["Well.", NO, YES, NO], ["b"], rounds=1)
        assert (better.final.text, neither.final.text) == ("b", "a")

    async def test_is_a_failure_where_the_call_was(self) -> None:
        result, _ = await decrim(["a"], [LIST], [YES, BadRequest("gone")])
        assert (result.final.text, result.stop, len(result.errors)) == ("a", StopReason.FAILED, 1)


class TestTheTasksOwnConstraints:
    async def test_are_checked_by_code(self) -> None:
        result, roles = await decrim(["O, bridge"], ["NONE"], [], ["O bridge"], own=(NO_COMMA,))
        assert (result.final.text, result.stop, result.signal) == ("O bridge", StopReason.SATISFIED, "tool")
        assert result.usage.calls == total(roles.values()) == 2 + 1
        assert "Use no commas. (" in prompts(roles["refiner"])[0]

    async def test_stand_beside_those_that_are_listed_without_them(self) -> None:
        result, roles = await decrim(["O bridge"], ["1. It rhymes.\n2. Use no commas."], [YES], own=(NO_COMMA,))
        assert "Use no commas." in prompts(roles["decomposer"])[0]
        assert (result.stop, result.scores["constraints"]) == (StopReason.SATISFIED, 2.0)
        assert [verdict.signal for verdict in result.verdicts if isinstance(verdict, Verdict)] == ["tool", "self"]

    async def test_stand_alone_where_the_list_cannot_be_read(self) -> None:
        result, _ = await decrim(["O bridge"], ["It is all about rhymes."], [], own=(NO_COMMA,))
        assert (result.stop, len(result.unparsed)) == (StopReason.SATISFIED, 1)

    async def test_are_judged_where_code_cannot_check_them_and_that_is_told(self) -> None:
        odd = Constraint(kind="house:cheerful", text="Be cheerful.")
        result, roles = await decrim(["O, bridge"], ["none."], [YES, YES], ["O bridge"], own=(NO_COMMA, odd), rounds=1)
        assert "Be cheerful." in prompts(roles["critic"])[0]
        assert {error.cause for error in result.errors} == {"unknown_kind"}

    async def test_are_judged_with_check_off(self) -> None:
        result, _ = await decrim(["O, bridge"], ["NONE"], [YES], own=(NO_COMMA,), check=False)
        assert (result.stop, result.signal) == (StopReason.SATISFIED, "self")


@pytest.mark.parametrize(
    ("replies", "stop", "final"),
    [
        (([BadRequest("gone")], [LIST], []), StopReason.FAILED, None),
        ((["a"], [BadRequest("gone")], []), StopReason.FAILED, "a"),
        ((["a"], ["It is about a bridge."], []), StopReason.UNPARSED, "a"),
        ((["a"], ["NONE"], []), StopReason.NO_FINDINGS, "a"),
        ((["a"], [LIST], [NO, NO], [BadRequest("gone")]), StopReason.FAILED, "a"),
        ((["a"], [LIST], [NO, NO], ["a"]), StopReason.UNCHANGED, "a"),
        ((["a"], [LIST], [NO, NO, NO, YES], ["b", "<think>hm"]), StopReason.UNPARSED, "b"),
    ],
)
async def test_whatever_is_missing_the_best_draft_stands(
    replies: tuple[Sequence[Reply], ...], stop: StopReason, final: str | None
) -> None:
    result, _ = await decrim(*replies)
    assert (result.final.text if result.final else None, result.stop) == (final, stop)


async def test_a_spent_budget_ends_it_with_the_best_draft() -> None:
    roles = {"generator": lines("a"), "decomposer": lines(LIST), "critic": critic(NO, NO), "refiner": lines("b")}
    budget = Budget(max_calls=4)
    result = await redraft.workflow("decrim", silent(), roles=roles, budget=budget).arun(TextTask(text="Praise it."))
    assert (result.final.text, result.stop) == ("a", StopReason.BUDGET)


async def test_a_given_draft_is_not_written_again_and_no_more_than_so_many_constraints_are_judged() -> None:
    listed = "\n".join(f"{n}. It has {n} lines." for n in range(1, 50))
    result, roles = await decrim([], [listed], [YES] * 3, draft="Ode.", constraints=3)
    assert (result.drafts[0].node, total(roles.values())) == ("input", 1 + 3)
