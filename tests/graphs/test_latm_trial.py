"""When a call counts: it brings the right answer, and does not bring it along."""

from __future__ import annotations

import pytest

pytest.importorskip("docstring_parser")
pytest.importorskip("jsonschema_rs")

from redraft.graphs.latm_trial import answer_text, attempt, brings_along, wrapped
from redraft.schema import Example, ToolCall
from redraft.tools.functions.catalogue import Catalogue, from_python
from tests.tools.functions.made import SORTING, made_tool


def sort_words(words: list[str]) -> str:
    return " ".join(sorted(words))


def same(answer: str) -> str:
    return answer


TOOLS = Catalogue([from_python(sort_words), from_python(same)])
SORT = Example(question="Sort: pear, apple, fig", answer="apple fig pear")


def call(name: str = "sort_words", **arguments: object) -> ToolCall:
    return ToolCall(name=name, arguments=arguments)


async def test_the_right_answer_counts() -> None:
    trial = await attempt(call(words=["pear", "apple", "fig"]), SORT, TOOLS)
    assert (trial.right, trial.echo) == (True, False)


async def test_a_wrong_one_is_told_without_the_right_one() -> None:
    trial = await attempt(call(words=["pear", "fig"]), SORT, TOOLS)
    assert not trial.right
    assert "brought fig pear, which is not the right answer" in trial.told
    assert SORT.answer not in trial.told


async def test_a_call_that_fails_is_told_why() -> None:
    trial = await attempt(call(words="pear apple"), SORT, TOOLS)
    assert trial.failure is not None
    assert "failed" in trial.told


async def test_a_call_that_brings_the_answer_along_is_not_made() -> None:
    trial = await attempt(call("same", answer="apple fig pear"), SORT, TOOLS)
    assert not trial.right
    assert "was not made" in trial.told


async def test_what_a_function_only_gives_back_is_seen() -> None:
    trial = await attempt(call("same", answer="fig"), Example(question="The word of fig?", answer="fig"), TOOLS)
    assert (trial.right, trial.echo) == (True, True)


@pytest.mark.parametrize(
    ("question", "answer", "arguments", "along"),
    [
        ("Sort: b a", "a b", {"words": ["b", "a"]}, False),
        ("Sort: b a", "a b", {"words": ["a", "b"]}, True),
        ("Sort: a b", "a b", {"words": ["a", "b"]}, False),
        ("Sort: a, b", "a b", {"words": ["a", "b"]}, False),
        ("Sort: b a", "a b", {"inner": {"x": [1, {"y": " a  b "}]}}, True),
        ("x = 2 (mod 3), x = 3 (mod 5)", "8", {"remainders": [2, 3], "moduli": [3, 5]}, False),
        ("x = 2 (mod 3), x = 3 (mod 5)", "8", {"n": 8}, True),
        ("x = 2 (mod 3), x = 3 (mod 5)", "8", {"n": 8.0}, True),
        ("x = 2 (mod 18)", "8", {"n": "8"}, True),
        ("Add 8 to 0", "8", {"a": 8, "b": 0}, False),
        ("Is it so?", "True", {"so": True}, False),
        ("Is it so?", "yes", {"so": "yes"}, True),
        ("Close: ( [", "] )", {"text": "( ["}, False),
        ("Close: ( [", "] )", {"text": "] )"}, True),
        ("Which? (A) fig (B) pear", "(B)", {"options": ["(A)", "(B)"]}, False),
        ("Nothing", "8", {}, False),
        ("Nothing", "8", {"words": []}, False),
    ],
)
def test_an_answer_that_the_question_does_not_say_is_the_models(
    question: str, answer: str, arguments: dict[str, object], along: bool
) -> None:
    assert brings_along(call(**arguments), Example(question=question, answer=answer)) is along


@pytest.mark.parametrize(
    ("value", "text"),
    [(" a b ", "a b"), (2, "2"), (2.0, "2"), (2.5, "2.5"), (True, "True"), (None, "null"), (["a", 1], '["a", 1]')],
)
def test_values_become_answers(value: object, text: str) -> None:
    assert answer_text(value) == text


def test_users_see_the_source_and_worked_calls() -> None:
    shown = wrapped(made_tool())
    assert SORTING.strip() in shown
    assert 'Sort: b a\nCall:\n[{"name": "sort_words", "arguments": {"words": ["b", "a"]}}]' in shown
