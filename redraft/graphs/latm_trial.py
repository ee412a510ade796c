"""What LATM's making and using share: a tool as its user sees it, the answer that a call brings, and when it counts.

A made tool is tried by calls that a model writes and redraft makes and compares: the model can write another call, and
reaches neither the right answer nor the comparison. Writing the calls, and what follows from a trial, is the methods'.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from redraft.agents.prompt import fence
from redraft.graphs.program_of_thought import same_answer
from redraft.schema import Example, Failure, ToolCall
from redraft.tools.functions.call import write
from redraft.tools.functions.catalogue import Catalogue
from redraft.tools.functions.made_library import MadeTool, UseCase
from redraft.tools.functions.run import Output

OURS = frozenset({"sandbox_unusable", "sandbox_lost"})
"""Causes of a failed call that are no fault of the function or the call."""


def shown_cases(cases: Sequence[UseCase]) -> list[dict[str, str]]:
    """Worked uses for a prompt: question and call, and not what the call brought."""
    return [{"question": case.question, "call": write([case.call])} for case in cases]


def wrapped(tool: MadeTool) -> str:
    """The tool as its users see it: the source, and worked uses."""
    uses = (f"Question:\n{case['question']}\nCall:\n{case['call']}" for case in shown_cases(tool.cases))
    return "\n\n".join((fence(tool.source.strip()), *uses))


def answer_text(value: JsonValue) -> str:
    """What a function returned as an answer: a text as it is, a number without an empty fraction, else JSON."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True)
class Trial:
    """What came of a call: whether it brought the right answer, and what a model is told of it, which never holds that
    answer unless the call brought it. `echo`: it returned one of its own arguments."""

    right: bool
    told: str
    echo: bool = False
    failure: Failure | None = None


async def attempt(call: ToolCall, example: Example, catalogue: Catalogue) -> Trial:
    """Make the call, and compare what it brings with the right answer.

    A call that brings the answer along, where the question does not say it, is refused and not made.
    """
    written = _cut(write([call]))
    if brings_along(call, example):
        return Trial(False, f"{written} was not made: it holds what the function is to find out.")
    brought = await catalogue.call(call)
    if not isinstance(brought, Output):
        return Trial(False, f"{written} failed: {brought.message}", failure=brought)
    answer = answer_text(brought.value)
    echo = any(_same(answer, answer_text(value)) for value in call.arguments.values())
    if _same(answer, example.answer):
        return Trial(True, f"{written} brought the right answer.", echo)
    return Trial(False, f"{written} brought {_cut(answer)}, which is not the right answer.", echo)


def brings_along(call: ToolCall, example: Example) -> bool:
    """Whether an argument is the right answer, which the question does not say: then the model found it, not the
    function. True and False are left out, as a question says them in many words."""
    return any(
        _same(value, example.answer) and not _says(example.question, value)
        for value in _texts(list(call.arguments.values()))
        if value
    )


def _texts(value: JsonValue) -> Iterator[str]:
    """Every text and number in `value`, and those of a list joined."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        alone = [text for each in value if not isinstance(each, dict | list) for text in _texts(each)]
        yield from (" ".join(alone), "".join(alone))
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield answer_text(value)


def _says(question: str, text: str) -> bool:
    """Whether the words and numbers of `text` stand in the question side by side; its signs, where it has no words."""
    words, said = (re.findall(r"\w+", each.lower()) for each in (text, question))
    if not words:
        return "".join(text.split()) in "".join(question.split())
    return f" {' '.join(words)} " in f" {' '.join(said)} "


def _same(one: str, other: str) -> bool:
    return same_answer(" ".join(one.split()), " ".join(other.split()))


def _cut(text: str, most: int = 500) -> str:
    return text if len(text) <= most else f"{text[:most]} [...]"
