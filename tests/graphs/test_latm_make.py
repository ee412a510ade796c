"""LATM's making, branch by branch: a maker that speaks from a script, and its functions really run in the sandbox."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

import redraft
from redraft import Result, StopReason, ToolMakingTask
from redraft.models.budget import Budget
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from redraft.schema import Example, Verdict
from tests.graphs.sandboxed import fenced, sandbox_works
from tests.graphs.script import lines
from tests.tools.functions.made import SORTING

pytest.importorskip("docstring_parser")
pytest.importorskip("jsonschema_rs")

from redraft.graphs.latm_make import ECHO
from redraft.tools.functions.made_library import MadeTool, ToolLibrary

__all__ = ["sandbox_works"]
pytestmark = pytest.mark.usefixtures("sandbox_works")


def example(words: str) -> Example:
    return Example(question=f"Sort these: {words}", answer=" ".join(sorted(words.split())))


TASK = ToolMakingTask(
    examples=(example("b a"), example("sun moon day"), example("oak ash elm fir")),
    held_out=(example("pear fig apple"), example("two one three"), example("q z y x")),
)
BACKWARDS = SORTING.replace("sorted(words)", "sorted(words)[::-1]")
BROKEN = SORTING.replace("import", "") + "\nnothing_of_the_kind()\n"
IDENTITY = "def give(answer: str) -> str:\n    return answer\n"


def call(words: str, name: str = "sort_words") -> dict[str, object]:
    return {"name": name, "arguments": {"words": words.split()}}


RIGHT = [call("pear fig apple"), call("two one three"), call("q z y x")]
SHORT = [RIGHT[0], call("two one"), RIGHT[2]]


def says(*calls: dict[str, object]) -> str:
    return json.dumps(calls)


async def make(*replies: Reply, task: ToolMakingTask = TASK, **more: object) -> tuple[Result, Scripted]:
    maker = lines(*replies)
    async with redraft.workflow("latm-make", maker, **more) as flow:
        result = await flow.arun(task)
    assert result.usage.calls == len(maker.requests)
    for request in maker.requests:
        told = "\n".join(message.content for message in request.messages)
        assert not [each.answer for each in task.held_out if each.answer in told], "a held-out answer in a prompt"
    return result, maker


def ends(result: Result) -> tuple[StopReason, bool]:
    """Why it ended, and whether with a tool."""
    return result.stop, result.final is not None and result.final.answer is not None


def seen(maker: Scripted, place: int) -> str:
    return "\n".join(message.content for message in maker.requests[place].messages)


async def test_a_right_function_is_verified_and_wrapped() -> None:
    result, maker = await make(fenced(SORTING), says(*RIGHT))
    assert (ends(result), len(maker.requests)) == ((StopReason.SATISFIED, True), 1 + 1)
    assert result.signal == "tool"
    tool = MadeTool.model_validate_json(result.final.answer)
    assert (tool.source.strip(), tool.name) == (SORTING.strip(), "sort_words")
    assert (tool.passed, tool.held_out, tool.proposals, tool.verifications) == (3, 3, 1, 1)
    assert [case.call.arguments["words"] for case in tool.cases] == [
        [*w.split()] for w in ("pear fig apple", "two one three", "q z y x")
    ]
    assert SORTING.strip() in result.final.text
    assert all(each.question in seen(maker, 0) and each.answer in seen(maker, 0) for each in TASK.examples)
    assert not [each for each in TASK.held_out if each.question in seen(maker, 0)]
    assert maker.requests[0].sampling.temperature == 0.3


@pytest.mark.parametrize(
    ("proposal", "why"),
    [
        (fenced(BROKEN), "nothing_of_the_kind"),
        (fenced("def f(:"), "no Python"),
        (fenced("answer = 5"), "defines no function"),
        (fenced("def f(*words): return 1"), "without a name"),
        (fenced("def none(x): return 1"), "cannot be called"),
        (fenced("import time\ntime.sleep(60)\ndef f(x): return 1"), "longer than 1 s"),
        ("I cannot.", "no code in the reply"),
    ],
)
async def test_what_is_wrong_with_a_proposal_goes_back(proposal: str, why: str) -> None:
    result, maker = await make(proposal, fenced(SORTING), says(*RIGHT), seconds=1)
    assert (ends(result), len(maker.requests)) == ((StopReason.SATISFIED, True), 2 + 1)
    assert why in seen(maker, 1)
    assert [revision.accepted for revision in result.revisions] == [True]
    assert why in result.revisions[0].feedback


@pytest.mark.parametrize(("most", "stop"), [(1, StopReason.ROUND_LIMIT), (3, StopReason.ROUND_LIMIT)])
async def test_proposals_end_and_nothing_broken_is_verified(most: int, stop: StopReason) -> None:
    result, maker = await make(*[fenced(BROKEN)] * most, proposals=most)
    assert (ends(result), len(maker.requests)) == ((stop, False), most)
    assert result.final is not None


async def test_three_replies_without_code_are_unparsed() -> None:
    result, maker = await make("I cannot.", "Sorry.", "No.")
    assert (ends(result), len(maker.requests)) == ((StopReason.UNPARSED, False), 3)
    assert len(result.unparsed) == 3


async def test_the_calls_are_mended_and_the_function_is_not() -> None:
    result, maker = await make(fenced(SORTING), says(*SHORT), says(RIGHT[1]))
    assert (ends(result), len(maker.requests)) == ((StopReason.SATISFIED, True), 1 + 2)
    again = seen(maker, 2)
    assert "brought one two, which is not the right answer" in again
    assert TASK.held_out[1].question in again
    assert TASK.held_out[0].question not in again
    tool = MadeTool.model_validate_json(result.final.answer)
    assert (tool.source.strip(), tool.verifications, len(tool.cases)) == (SORTING.strip(), 2, 3)


async def test_a_wrong_function_is_never_verified(tmp_path: Path) -> None:
    result, maker = await make(fenced(BACKWARDS), *[says(*RIGHT)] * 3)
    assert (ends(result), len(maker.requests)) == ((StopReason.ROUND_LIMIT, False), 1 + 3)
    verdict = result.verdicts[-1]
    assert isinstance(verdict, Verdict)
    assert (verdict.verifier, verdict.score, verdict.passed, verdict.signal) == ("held-out", 0.0, False, "tool")
    with pytest.raises(redraft.ConfigError, match="round_limit"):
        ToolLibrary(tmp_path).add(result)


@pytest.mark.parametrize(
    ("reply", "why", "rest"),
    [
        (says(*RIGHT[:2]), "2 calls, where at least 3 are wanted", RIGHT),
        (says(*RIGHT, RIGHT[0]), "4 calls, where at most 3 are wanted", RIGHT),
        ("They are sorted.", "no tool call", RIGHT),
        (says(*RIGHT[:2], {"name": "sort_words", "arguments": {"items": "q z y x", "more": 1}}), "failed", RIGHT[2:]),
        (says(*RIGHT[:2], call("q z y x", "count")), "there is no function", RIGHT[2:]),
    ],
)
async def test_calls_that_cannot_be_made_go_back(reply: str, why: str, rest: list[dict[str, object]]) -> None:
    result, maker = await make(fenced(SORTING), reply, says(*rest))
    assert (ends(result), len(maker.requests)) == ((StopReason.SATISFIED, True), 1 + 2)
    assert why in seen(maker, 2)


async def test_a_call_is_mended_where_that_needs_no_guess() -> None:
    result, maker = await make(fenced(SORTING), says(*RIGHT).replace("sort_words", "sortwords"))
    assert (ends(result), len(maker.requests)) == ((StopReason.SATISFIED, True), 2)


async def test_replies_without_calls_end_it() -> None:
    result, maker = await make(fenced(SORTING), *["They are sorted."] * 3)
    assert (ends(result), len(maker.requests)) == ((StopReason.ROUND_LIMIT, False), 1 + 3)


CHEAT = ToolMakingTask(
    examples=(Example(question="Capital of France?", answer="Paris"),),
    held_out=(
        Example(question="Capital of Italy?", answer="Rome"),
        Example(question="Capital of Spain?", answer="Madrid"),
    ),
)


async def test_a_call_with_the_answer_in_it_is_refused() -> None:
    cheating = says(*({"name": "give", "arguments": {"answer": each}} for each in ("Rome", "Madrid")))
    maker = lines(fenced(IDENTITY), *[cheating] * 3)
    async with redraft.workflow("latm-make", maker) as flow:
        result = await flow.arun(CHEAT)
    assert (ends(result), len(maker.requests)) == ((StopReason.ROUND_LIMIT, False), 1 + 3)
    assert "was not made" in result.verdicts[-1].evidence


async def test_a_function_that_gives_an_argument_back_is_refused() -> None:
    named = ToolMakingTask(
        examples=(Example(question="A or B? The first.", answer="A"),),
        held_out=(
            Example(question="C or D? The first.", answer="C"),
            Example(question="E or F? The second.", answer="F"),
        ),
    )
    calls = json.dumps([{"name": "give", "arguments": {"answer": each}} for each in ("C", "F")])
    maker = lines(fenced(IDENTITY), calls)
    async with redraft.workflow("latm-make", maker) as flow:
        result = await flow.arun(named)
    assert (ends(result), len(maker.requests)) == ((StopReason.REJECTED, False), 2)
    assert ECHO in result.verdicts[-1].evidence


async def test_a_made_tool_that_attacks_reaches_nothing() -> None:
    nosy = (
        "import os\ndef sort_words(words: list[str]) -> str:\n    return open('/etc/passwd').read() + str(os.environ)\n"
    )
    result, maker = await make(fenced(nosy), *[says(*RIGHT)] * 3)
    assert ends(result) == (StopReason.ROUND_LIMIT, False)
    assert "FileNotFoundError" in seen(maker, 2) or "PermissionError" in seen(maker, 2)


async def test_a_given_draft_is_verified_first() -> None:
    given = TASK.model_copy(update={"draft": fenced(SORTING)})
    result, maker = await make(says(*RIGHT), task=given)
    assert (ends(result), len(maker.requests)) == ((StopReason.SATISFIED, True), 0 + 1)
    given = TASK.model_copy(update={"draft": BROKEN})
    result, maker = await make(*[fenced(BROKEN)] * 3, task=given)
    assert (ends(result), len(maker.requests)) == ((StopReason.ROUND_LIMIT, False), 3)


async def test_a_name_that_is_asked_for_is_the_tools() -> None:
    named = TASK.model_copy(update={"name": "put_in_order"})
    right = fenced(SORTING.replace("sort_words", "put_in_order"))
    calls = says(*(call(" ".join(each["arguments"]["words"]), "put_in_order") for each in RIGHT))
    result, maker = await make(fenced(SORTING), right, calls, task=named)
    assert ends(result) == (StopReason.SATISFIED, True)
    assert "Call the function put_in_order." in seen(maker, 0)
    assert "defines no function put_in_order" in seen(maker, 1)


@pytest.mark.parametrize(
    ("replies", "stop"),
    [
        ([BadRequest("gone")], StopReason.FAILED),
        ([fenced(BROKEN), BadRequest("gone")], StopReason.FAILED),
        ([fenced(SORTING), BadRequest("gone")], StopReason.FAILED),
        ([fenced(SORTING), says(*SHORT), BadRequest("gone")], StopReason.FAILED),
    ],
)
async def test_a_model_that_is_gone_ends_it(replies: list[Reply], stop: StopReason) -> None:
    maker = lines(*replies)
    async with redraft.workflow("latm-make", maker) as flow:
        result = await flow.arun(TASK)
    assert ends(result) == (stop, False)
    assert len(maker.requests) == len(replies)


async def test_a_spent_budget_ends_it() -> None:
    result, _ = await make(fenced(SORTING), says(*RIGHT), budget=Budget(max_calls=1))
    assert ends(result) == (StopReason.BUDGET, False)
    assert result.final is not None


async def test_the_library_gets_what_was_verified(tmp_path: Path) -> None:
    await make(fenced(BACKWARDS), *[says(*RIGHT)] * 3, library=tmp_path)
    assert ToolLibrary(tmp_path).latest() == []
    result, _ = await make(fenced(SORTING), says(*RIGHT), library=tmp_path)
    (stored,) = ToolLibrary(tmp_path).latest()
    assert ToolLibrary(tmp_path).add(result) == stored
    assert (stored.made_by, stored.method, stored.version) == ("scripted", "latm-make", 1)


@pytest.mark.parametrize("name", ["word_sorting"])
async def test_a_recorded_task_is_made_from_its_own_items(name: str, data: Path, tmp_path: Path) -> None:
    with gzip.open(data / "bigbench-mistake" / f"{name}.jsonl.gz", "rt") as file:
        rows = [json.loads(line) for line in file][:60]
    words = [row["input"] for row in rows]
    items = [Example(question=f"List: {row['input']}", answer=row["target"]) for row in rows]
    task = ToolMakingTask(examples=tuple(items[:3]), held_out=tuple(items[10:]))
    result, _ = await make(fenced(SORTING), says(*map(call, words[10:])), task=task, library=tmp_path)
    assert ends(result) == (StopReason.SATISFIED, True)
    (stored,) = ToolLibrary(tmp_path).latest()
    assert (stored.passed, stored.held_out) == (50, 50)


def test_held_out_questions_are_others_and_no_constant_answers_them() -> None:
    with pytest.raises(ValueError, match="among the examples"):
        ToolMakingTask(examples=TASK.examples, held_out=TASK.examples[:1])
    same = (Example(question="One?", answer="yes"), Example(question="Two?", answer="yes"))
    with pytest.raises(ValueError, match="a constant would pass"):
        ToolMakingTask(examples=TASK.examples, held_out=same)
