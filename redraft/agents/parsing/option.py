"""One option of a search: the next step of a solution, without its number and what was written after it."""

from __future__ import annotations

import re

from redraft.agents.parsing.answer import parse_answer
from redraft.agents.parsing.visible import unread, visible
from redraft.schema import Unparsed

_LABEL = re.compile(r"[*_#> \t]*step[ \t]+\d+[*_ \t]*[:.)]?[*_ \t]*\n?", re.IGNORECASE)
_NEXT = re.compile(r"^[*_#> \t]*step[ \t]+\d+\b", re.IGNORECASE | re.MULTILINE)
_CLOSES = re.compile(r"\\(?:boxed|fbox)|^[ \t]*####|\banswer\b", re.IGNORECASE | re.MULTILINE)


def parse_option(text: str) -> str | Unparsed:
    """The first step in the reply, up to a line that begins the next one. Unparsed where nothing is in it."""
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    label = _LABEL.match(said)
    step = said[label.end() :] if label else said
    after = _NEXT.search(step)
    step = (step[: after.start()] if after else step).strip()
    return step or unread(text, "an empty step")


def closing_answer(step: str) -> str | None:
    """The final answer that `step` gives in so many words; None where the solution goes on."""
    answer = parse_answer(step) if _CLOSES.search(step) else None
    return answer if isinstance(answer, str) else None
