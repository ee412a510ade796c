"""A reviewer's feedback and its verdict: whether the draft is good as it is."""

from __future__ import annotations

import re
from typing import NamedTuple

from redraft.agents.parsing.json_text import find_json, plain_key
from redraft.agents.parsing.visible import unread, visible
from redraft.schema import Unparsed


class Feedback(NamedTuple):
    """What the reviewer said, and whether the draft is good as it is."""

    text: str
    satisfied: bool


_MARKS = r"[\s*_`\"'“”#>\[\]-]*"
_VERDICT = re.compile(
    rf"^{_MARKS}(?:final\s+)?verdict{_MARKS}[:：]{_MARKS}(?P<word>good|needs\s+work)\b(?!\s+(?:or|and|but)\b)"
    rf"(?P<rest>[^\n]{{0,60}})$",
    re.IGNORECASE | re.MULTILINE,
)


def parse_feedback(text: str) -> Feedback | Unparsed:
    """Read `Verdict: good` or `Verdict: needs work` (the last one counts), or JSON with `feedback` and `satisfied`."""
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    if feedback := _from_json(said):
        return feedback
    verdicts = list(_VERDICT.finditer(said))
    if not verdicts:
        return unread(text, "no verdict on the draft")
    last = verdicts[-1]
    body = (said[: last.start()] + said[last.end() :]).strip()
    return Feedback(body, satisfied=last["word"].lower() == "good")


def _from_json(said: str) -> Feedback | None:
    for value in reversed(find_json(said).values):
        if isinstance(value, dict):
            fields = {plain_key(key): field for key, field in value.items()}
            satisfied = fields.get("satisfied")
            if isinstance(satisfied, bool):
                return Feedback(str(fields.get("feedback") or ""), satisfied)
    return None
