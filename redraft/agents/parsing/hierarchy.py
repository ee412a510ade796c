"""Solutions in SuperCorrect's tags (arXiv 2410.09008), and what a teacher says of one in tags of redraft's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from redraft.agents.parsing.visible import unread, visible
from redraft.schema import Unparsed

_STEP = re.compile(r"<step[ _]?(\d{1,3})>", re.IGNORECASE)
_STEP_END = re.compile(r"</step|<(?:step[ _]?\d|generalized>|answer>)", re.IGNORECASE)
_PARTS = {
    name: re.compile(rf"<{name}>((?:(?!<{name}>).)*?)</{name}>", re.I | re.S) for name in ("generalized", "answer")
}
_ERROR = re.compile(
    r"<error>[ \t]*(?:step[ \t]*)?(?P<step>\d{1,3}|none)[.]?[ \t]*</error>"
    r"(?:\s*<cause>(?P<cause>(?:(?!</?(?:error|cause)>).)*)</cause>"
    r"\s*<correction>(?P<correction>(?:(?!</?(?:error|correction)>).)*)</correction>)?",
    re.IGNORECASE | re.DOTALL,
)


class Solution(NamedTuple):
    """The steps, of which the first is number `first`, each with its `<Key>` notes; the general way; the answer."""

    first: int
    steps: tuple[str, ...]
    generalized: str
    answer: str


class Correction(NamedTuple):
    """The number of the first wrong step, from 1, why it is wrong, and what is right. `step` 0: no step is wrong."""

    step: int
    cause: str = ""
    correction: str = ""


def parse_solution(text: str) -> Solution | Unparsed:
    """Read `<Step1>..</Step1> ... <Generalized>..</Generalized> <Answer>..</Answer>`; of the last two the last counts.

    A step whose tag is not closed ends where the next part begins. Unparsed without a step, or without an answer.
    """
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    opened = list(_STEP.finditer(said))
    ends = (_STEP_END.search(said, tag.end()) for tag in opened)
    steps = [said[tag.end() : end.start() if end else None].strip() for tag, end in zip(opened, ends, strict=True)]
    if not opened or not all(steps):
        return unread(text, "an empty step" if opened else "no <Step1>")
    answer = _last("answer", said)
    return (
        Solution(int(opened[0][1]), tuple(steps), _last("generalized", said), answer)
        if answer
        else unread(text, "nothing in <Answer>")
    )


def write_solution(steps: Sequence[str], generalized: str, answer: str) -> str:
    """The text that `parse_solution` reads, its steps numbered from 1."""
    parts = [f"<Step{number}>\n{step}\n</Step{number}>" for number, step in enumerate(steps, start=1)]
    parts += [f"<Generalized>\n{generalized}\n</Generalized>"] if generalized else []
    return "\n".join([*parts, f"<Answer>{answer}</Answer>"])


def parse_correction(text: str) -> Correction | Unparsed:
    """Read `<Error>3</Error> <Cause>..</Cause> <Correction>..</Correction>`, or `<Error>none</Error>`; the last counts.

    Unparsed where there is neither, and where an error is named without its cause and correction.
    """
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    found = list(_ERROR.finditer(said))
    if not found:
        return unread(text, "no <Error>")
    last = found[-1]
    if last["step"].lower() == "none":
        return Correction(0)
    if not int(last["step"]) or not (last["cause"] or "").strip() or not (last["correction"] or "").strip():
        return unread(text, "an error without a step, a cause or a correction")
    return Correction(int(last["step"]), last["cause"].strip(), last["correction"].strip())


def _last(part: str, said: str) -> str:
    found = _PARTS[part].findall(said)
    return found[-1].strip() if found else ""
