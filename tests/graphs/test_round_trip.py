"""Round-trip translation, branch by branch: a model that speaks from a script, and programs that really run."""

from pathlib import Path

import pytest

import redraft
from redraft import CodeTask, ConfigError, Result, StopReason
from redraft.models.budget import Budget
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from tests.graphs.sandboxed import fenced, sandbox_works
from tests.graphs.script import lines, prompts, silent, total

__all__ = ["sandbox_works"]
pytestmark = pytest.mark.usefixtures("sandbox_works")

TESTS = ("assert double(0) == 0", "assert double(2) == 4", "assert double(3) == 6")
RIGHT, NONE, TWO = (f"def double(n):\n    return {body}" for body in ("2 * n", "n + 1", "n * n"))
"""Of the three tests they pass all, none, and two."""


async def round_trip(
    words: list[Reply], back: list[Reply], draft: str | None = NONE, program: list[Reply] | None = None, **more: object
) -> tuple[Result, dict[str, Scripted]]:
    """As many trips as words; all ways there are asked for in one request."""
    roles = {"generator": lines(*(program or [])), "translator": lines(*words, *back)}
    settings = {"n": max(len(words), 1), **more}
    tests = settings.pop("tests", TESTS)
    task = CodeTask(specification="Double a number.", tests=tests, entry_point="double", draft=draft)
    async with redraft.workflow("round-trip", silent(), roles=roles, **settings) as flow:
        return await flow.arun(task), roles


def stood(result: Result) -> tuple[str, StopReason]:
    return result.final.text.strip(), result.stop


async def test_a_program_that_passes_makes_no_trip() -> None:
    result, roles = await round_trip([], [], draft=RIGHT)
    assert (stood(result), total(roles.values())) == ((RIGHT, StopReason.SATISFIED), 0)
    assert (result.verdicts[0].verifier, result.signal) == ("tests", "tool")


@pytest.mark.parametrize("n", [1, 2, 5])
async def test_n_trips_are_one_request_of_n_samples_and_n_more(n: int) -> None:
    words = [f"words {k}" for k in range(n)]
    result, roles = await round_trip(words, [fenced(f"{NONE} + {k}") for k in range(1, n)] + [fenced(RIGHT)])
    assert stood(result) == (RIGHT, StopReason.SATISFIED)
    assert result.usage.calls == total(roles.values()) == 1 + n
    assert roles["translator"].requests[0].sampling.n == n
    assert len(result.revisions) == n
    assert [revision.accepted for revision in result.revisions] == [False] * (n - 1) + [True]
    assert len(result.verdicts) + sum(len(revision.verdicts) for revision in result.revisions) == 1 + n


async def test_a_program_is_written_where_none_is_given() -> None:
    result, roles = await round_trip(["words"], [fenced(RIGHT)], draft=None, program=[fenced(NONE)])
    assert (stood(result), total(roles.values())) == ((RIGHT, StopReason.SATISFIED), 1 + 1 + 1)


async def test_nobody_on_the_way_is_told_what_the_program_is_for_or_that_it_is_wrong() -> None:
    _, roles = await round_trip(["it adds 1 to n"], [fenced(RIGHT)])
    there, back = prompts(roles["translator"])
    assert NONE in there
    assert "English" in there
    assert "it adds 1 to n" in back
    assert "The tests call double." in back
    assert NONE not in back
    assert not any(secret in there + back for secret in ("Double a number", "assert", "passed"))


async def test_the_way_may_lead_through_another_programming_language() -> None:
    _, roles = await round_trip(["int twice(int n)"], [fenced(RIGHT)], via="Java")
    there, back = prompts(roles["translator"])
    assert "Translate the Python program between the bars into Java" in there
    assert "Translate the Java program between the bars into Python" in back


async def test_the_candidate_that_passes_most_stands_among_equals_the_first() -> None:
    also_two = f"{TWO}  # the same"
    result, _ = await round_trip(["a", "b", "c"], [*map(fenced, (f"{NONE} + 1", TWO, also_two))])
    assert stood(result) == (TWO, StopReason.ACCEPTED)
    assert [revision.accepted for revision in result.revisions] == [False, True, False]


async def test_a_draft_stands_unless_a_candidate_passes_more() -> None:
    result, _ = await round_trip(["a", "b"], [fenced(f"{TWO}  # the same"), fenced(NONE)], draft=TWO)
    assert stood(result) == (TWO, StopReason.REJECTED)
    assert not any(revision.accepted for revision in result.revisions)


async def test_trips_that_end_where_they_began_change_nothing_and_are_not_tested() -> None:
    result, _ = await round_trip(["a", "b"], [NONE, NONE])
    assert stood(result) == (NONE, StopReason.UNCHANGED)
    assert (len(result.drafts), result.revisions) == (3, ())


async def test_candidates_that_are_the_same_are_tested_once() -> None:
    result, roles = await round_trip(["a", "b", "c"], [fenced(RIGHT)] * 3)
    assert (len(result.revisions), total(roles.values())) == (1, 1 + 3)


async def test_a_trip_that_is_lost_costs_no_other() -> None:
    result, _ = await round_trip(["<think>hm", "b", "c", "d"], ["no program", BadRequest("gone"), fenced(RIGHT)])
    assert stood(result) == (RIGHT, StopReason.SATISFIED)
    assert (len(result.unparsed), len(result.errors)) == (2, 1)
    assert sum(revision.accepted for revision in result.revisions) == 1


@pytest.mark.parametrize(
    ("words", "back", "stop"),
    [
        (["<think>hm"], [], StopReason.UNPARSED),
        ([BadRequest("gone")], [], StopReason.FAILED),
        (["a"], ["no program"], StopReason.UNPARSED),
        (["a"], [BadRequest("gone")], StopReason.FAILED),
    ],
)
async def test_a_way_that_nobody_came_keeps_the_draft(words: list[Reply], back: list[Reply], stop: StopReason) -> None:
    result, _ = await round_trip(words, back)
    assert stood(result) == (NONE, stop)


@pytest.mark.parametrize(
    ("reply", "stop"), [("I cannot.", StopReason.UNPARSED), (BadRequest("gone"), StopReason.FAILED)]
)
async def test_without_a_program_there_is_no_trip(reply: Reply, stop: StopReason) -> None:
    result, _ = await round_trip([], [], draft=None, program=[reply])
    assert (result.final, result.stop) == (None, stop)


async def test_a_draft_without_a_program_makes_no_trip() -> None:
    result, roles = await round_trip([], [], draft="I cannot write that.")
    assert (stood(result), total(roles.values())) == (("I cannot write that.", StopReason.UNPARSED), 0)


async def test_a_spent_budget_keeps_the_draft() -> None:
    result, _ = await round_trip(["a", "b"], [], budget=Budget(max_calls=1))
    assert stood(result) == (NONE, StopReason.BUDGET)


async def test_a_task_without_tests_has_nothing_to_choose_by() -> None:
    result, roles = await round_trip([], [], tests=())
    assert (stood(result), total(roles.values())) == ((NONE, StopReason.FAILED), 0)
    assert result.errors[0].cause == "no_tests"


def test_a_verifier_that_knows_the_hidden_tests_is_refused(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden.jsonl"
    hidden.write_text('{"specification": "Double a number.", "tests": ["assert double(9) == 18"]}\n')
    with pytest.raises(ConfigError, match="knows the right answers"):
        redraft.workflow("round-trip", silent(), roles={"verifier": f"hidden-tests:{hidden}"})
