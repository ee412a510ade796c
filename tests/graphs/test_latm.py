"""LATM's using, branch by branch: models that speak from a script, stored tools that really run in the sandbox."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import redraft
from redraft import ConfigError, QuestionTask, Result, StopReason, ToolMakingTask
from redraft.models.budget import Budget
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from redraft.schema import Example
from tests.graphs.sandboxed import fenced, sandbox_works
from tests.graphs.script import lines, prompts, silent, total
from tests.tools.functions.made import SORTING, made_tool

pytest.importorskip("docstring_parser")
pytest.importorskip("jsonschema_rs")

from redraft.tools.functions.made_library import ToolLibrary

__all__ = ["sandbox_works"]
pytestmark = pytest.mark.usefixtures("sandbox_works")

QUESTION = QuestionTask(question="Sort: pear apple fig")
CALL = '[{"name": "sort_words", "arguments": {"words": ["pear", "apple", "fig"]}}]'
OTHER = "def count_words(text: str) -> int:\n    '''Count the words of a text.'''\n    return len(text.split())\n"
FAILING = "def sort_words(words: list[str]) -> str:\n    '''Sort.'''\n    return words[7]\n"


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A library of two tools."""
    library = ToolLibrary(tmp_path / "tools")
    library.add(made_tool())
    library.add(made_tool(OTHER))
    return library.folder


async def latm(
    folder: Path,
    dispatched: list[Reply],
    used: list[Reply],
    solved: list[Reply],
    draft: str | None = None,
    **more: object,
) -> tuple[Result, dict[str, Scripted]]:
    roles = {"dispatcher": lines(*dispatched), "user": lines(*used), "generator": lines(*solved)}
    async with redraft.workflow("latm", silent(), roles=roles, library=folder, **more) as flow:
        result = await flow.arun(QUESTION.model_copy(update={"draft": draft}))
    return result, roles


def answered(result: Result) -> tuple[str | None, StopReason]:
    return result.final.answer if result.final else None, result.stop


async def test_the_tool_that_suits_answers(tools: Path) -> None:
    result, roles = await latm(tools, ["Tool: sort_words"], [CALL], [])
    assert answered(result) == ("apple fig pear", StopReason.COMPLETED)
    assert result.usage.calls == total(roles.values()) == 2
    assert (result.signal, result.scores) == ("tool", {"tool": 1.0})
    (asked,) = roles["dispatcher"].requests
    system = asked.messages[0].content
    assert all(part in system for part in ("sort_words", "Sort words alphabetically.", "count_words", "Sort: b a"))
    (using,) = roles["user"].requests
    assert SORTING.strip() in using.messages[0].content
    assert '{"words": ["b", "a"]}' in using.messages[0].content
    assert "count_words" not in using.messages[0].content
    assert using.sampling.temperature == 0


async def test_a_call_is_mended_where_that_needs_no_guess(tools: Path) -> None:
    result, _ = await latm(tools, ["sort_words"], [CALL.replace("sort_words", "sort_word")], [])
    assert answered(result) == ("apple fig pear", StopReason.COMPLETED)
    assert len(result.revisions) == 1


@pytest.mark.parametrize("reply", ["Tool: none", "none"])
async def test_where_none_suits_that_is_said_and_the_question_is_solved(tools: Path, reply: str) -> None:
    result, roles = await latm(tools, [reply], [], ["The answer is \\boxed{apple fig pear}."])
    assert answered(result) == ("apple fig pear", StopReason.COMPLETED)
    assert (total(roles.values()), result.scores, result.signal) == (2, {"tool": 0.0}, "self")
    assert result.verdicts[0].evidence == "no tool suits"


async def test_without_solving_none_is_said_all_the_same(tools: Path) -> None:
    result, roles = await latm(tools, ["Tool: none"], [], [], solve=False)
    assert answered(result) == (None, StopReason.FAILED)
    assert (total(roles.values()), result.final) == (1, None)
    assert [error.cause for error in result.errors] == ["no_tool"]


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("I would sort them.", "no tool call"),
        (CALL.replace('"words"', '"items"'), "words"),
        (f"[{CALL[1:-1]}, {CALL[1:-1]}]", "2 calls"),
        ('[{"name": "sort_words", "arguments": {"words": {"a": 1}}}]', "array"),
    ],
)
async def test_a_call_that_cannot_be_made_is_told_and_the_question_is_solved(tools: Path, call: str, why: str) -> None:
    result, roles = await latm(tools, ["Tool: sort_words"], [call], ["It is \\boxed{7}."])
    assert answered(result) == ("7", StopReason.COMPLETED)
    assert (total(roles.values()), result.scores) == (3, {"tool": 0.0})
    assert why in result.verdicts[1].evidence


async def test_a_tool_that_fails_is_told(tmp_path: Path) -> None:
    ToolLibrary(tmp_path).add(made_tool(FAILING))
    result, roles = await latm(tmp_path, ["Tool: sort_words"], [CALL], ["It is \\boxed{7}."])
    assert answered(result) == ("7", StopReason.COMPLETED)
    assert "IndexError" in result.verdicts[1].evidence
    result, roles = await latm(tmp_path, ["Tool: sort_words"], [CALL], [], solve=False)
    assert (answered(result), total(roles.values())) == ((None, StopReason.FAILED), 2)


async def test_a_given_draft_stands_until_a_tool_answers(tools: Path) -> None:
    draft = "It is \\boxed{pear}."
    result, roles = await latm(tools, ["Tool: none"], [], [], draft)
    assert (answered(result), total(roles.values())) == (("pear", StopReason.COMPLETED), 1)
    result, roles = await latm(tools, ["Tool: sort_words"], ["Hm."], [], draft)
    assert (answered(result), total(roles.values())) == (("pear", StopReason.COMPLETED), 2)
    result, roles = await latm(tools, ["Tool: sort_words"], [CALL], [], draft)
    assert (answered(result), total(roles.values())) == (("apple fig pear", StopReason.COMPLETED), 2)
    (revision,) = result.revisions
    assert (revision.before.answer, revision.accepted) == ("pear", True)


@pytest.mark.parametrize(
    ("dispatched", "used", "solved", "stop"),
    [
        (["I wonder."], [], [], StopReason.UNPARSED),
        (["Tool: reverse"], [], [], StopReason.UNPARSED),
        ([BadRequest("gone")], [], [], StopReason.FAILED),
        (["Tool: sort_words"], [BadRequest("gone")], [], StopReason.FAILED),
        (["Tool: none"], [], [BadRequest("gone")], StopReason.FAILED),
        (["Tool: none"], [], [""], StopReason.UNPARSED),
    ],
)
async def test_a_missing_reply_ends_it(
    tools: Path, dispatched: list[Reply], used: list[Reply], solved: list[Reply], stop: StopReason
) -> None:
    result, _ = await latm(tools, dispatched, used, solved)
    assert answered(result) == (None, stop)


@pytest.mark.parametrize("calls", [1, 2])
async def test_a_spent_budget_ends_it(tools: Path, calls: int) -> None:
    result, _ = await latm(tools, ["Tool: sort_words"], ["Hm."], ["7"], budget=Budget(max_calls=calls))
    assert answered(result)[1] is StopReason.BUDGET


async def test_guided_dispatchers_are_held_to_the_names(tools: Path) -> None:
    _, roles = await latm(tools, ["none"], [], ["7"], guided=True)
    (request,) = roles["dispatcher"].requests
    assert request.constraint.options == ("count_words", "sort_words", "none")


def test_a_library_is_needed_and_holds_something(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="library"):
        redraft.workflow("latm", silent())
    with pytest.raises(ConfigError, match="no tools"):
        redraft.workflow("latm", silent(), library=tmp_path)
    ToolLibrary(tmp_path).add(made_tool())
    text = (tmp_path / "sort_words-v1.json").read_text()
    (tmp_path / "sort_words-v1.json").write_text(text.replace("def sort_words", "def other"))
    with pytest.raises(ConfigError, match="defines no function sort_words"):
        redraft.workflow("latm", silent(), library=tmp_path)


CRT = '''def solve_remainders(remainders: list[int], moduli: list[int]) -> int:
    """Find the smallest number that leaves given remainders.

    Args:
        remainders: what is left, in order
        moduli: what is divided by, in the same order
    """
    number = 0
    while any(number % m != r for r, m in zip(remainders, moduli)):
        number += 1
    return number
'''


def crt(*pairs: tuple[int, int]) -> Example:
    said = ", ".join(f"{rest} left in rows of {rows}" for rest, rows in pairs)
    number = next(n for n in range(10_000) if all(n % rows == rest for rest, rows in pairs))
    return Example(question=f"How many soldiers at least, with {said}?", answer=str(number))


async def test_made_stored_dispatched_and_used(tmp_path: Path) -> None:
    """From examples to answers: one model makes two tools, a cheaper one uses each on another day."""
    pairs = [
        [(2, 3), (3, 5)],
        [(1, 4), (5, 7)],
        [(3, 8), (4, 9)],
        [(6, 7), (2, 11)],
        [(1, 5), (9, 13)],
        [(4, 6), (3, 7)],
    ]
    items = [crt(*each) for each in pairs]

    def calls(of: list[list[tuple[int, int]]]) -> str:
        return json.dumps(
            [
                {
                    "name": "solve_remainders",
                    "arguments": {"remainders": [r for r, _ in each], "moduli": [m for _, m in each]},
                }
                for each in of
            ]
        )

    task = ToolMakingTask(examples=tuple(items[:3]), held_out=tuple(items[3:]))
    maker = lines(fenced(CRT.replace("!= r", "!= m")), calls(pairs[3:]), calls(pairs[3:]), calls(pairs[3:]))
    async with redraft.workflow("latm-make", maker, library=tmp_path, seconds=1) as flow:
        assert (await flow.arun(task)).stop is StopReason.ROUND_LIMIT
    maker = lines(fenced(CRT), calls(pairs[3:]))
    async with redraft.workflow("latm-make", maker) as flow:
        ToolLibrary(tmp_path).add(await flow.arun(task))
    ToolLibrary(tmp_path).add(made_tool())

    roles = {
        "dispatcher": lines("Tool: solve_remainders", "Tool: sort_words"),
        "user": lines(calls([[(2, 5), (3, 17)]]), CALL),
    }
    async with redraft.workflow("latm", silent(), roles=roles, library=tmp_path) as flow:
        first = await flow.arun(QuestionTask(question=crt((2, 5), (3, 17)).question))
        second = await flow.arun(QUESTION)
    assert answered(first) == (crt((2, 5), (3, 17)).answer, StopReason.COMPLETED)
    assert answered(second) == ("apple fig pear", StopReason.COMPLETED)
    assert "solve_remainders" in roles["user"].requests[0].messages[0].content
    assert (
        items[3].question in prompts(roles["dispatcher"])[0]
        or items[3].question in roles["dispatcher"].requests[0].messages[0].content
    )
