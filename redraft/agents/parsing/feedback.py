"""A reviewer's feedback and its verdict: whether the draft is good as it is."""

from __future__ import annotations

import re
from typing import NamedTuple

from redraft.agents.parsing.json_text import find_json, plain_key
from redraft.agents.parsing.visible import mend, unread, visible
from redraft.schema import Unparsed


class Feedback(NamedTuple):
    """What the reviewer said, and whether the draft is good as it is."""

    text: str
    satisfied: bool


_MARKS = r"[\s*_`~\"'“”„#>\[\]()-]{0,20}"
# Nothing may follow it: a verdict further up may be quoted from the draft.
_VERDICT = re.compile(
    rf"(?:^|(?<=[.!?] )){_MARKS}(?:final\s+|overall\s+)?verdict{_MARKS}[:：]{_MARKS}"
    rf"(?P<word>good(?: as (?:it )?is)?|needs(?:\s+|-)work){_MARKS}[.!]?{_MARKS}\Z",
    re.IGNORECASE | re.MULTILINE,
)
_SATISFIED = {"true": True, "yes": True, "good": True, "false": False, "no": False, "needswork": False}


def parse_feedback(text: str) -> Feedback | Unparsed:
    """Read a reply that ends in `Verdict: good` or `Verdict: needs work`, or JSON with `feedback` and `satisfied`."""
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    if feedback := _from_json(said):
        return feedback
    tail = max(0, len(said) - 200)
    verdict = _VERDICT.search(said, said.rfind("\n", 0, tail) + 1 if tail else 0)
    if not verdict:
        return unread(text, "no verdict on the draft at its end")
    return Feedback(said[: verdict.start()].strip(), satisfied=verdict["word"].lower().startswith("good"))


def _from_json(said: str) -> Feedback | None:
    """The last object that says whether it is satisfied, under that name or as a verdict."""
    for value in reversed(find_json(said).values):
        fields = {plain_key(key): field for key, field in value.items()} if isinstance(value, dict) else {}
        stated = fields.get("satisfied", fields.get("verdict"))
        satisfied = (
            stated
            if isinstance(stated, bool)
            else _SATISFIED.get(plain_key(stated))
            if isinstance(stated, str)
            else None
        )
        if satisfied is not None:
            feedback = fields.get("feedback")
            return Feedback(mend(feedback).strip() if isinstance(feedback, str) else "", satisfied)
    return None
