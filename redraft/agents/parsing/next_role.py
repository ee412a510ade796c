"""A planner's reply: its rationale, and the role it hands over to. What that role does is the method's business."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, cast

from redraft.agents.parsing.visible import unread, visible
from redraft.schema import Unparsed

Role = Literal["caller", "conclusion", "give up"]

_MARK = re.compile(r"[*_`]*\bnext[*_`]*:[ \t*_`\"']*(caller|conclusion|give[ \t_-]?up)\b[*_`\"'.]*", re.IGNORECASE)

NO_MARK = "it names no next role"
"""The reason of an `Unparsed` that says something, but not who is next."""


class Plan(NamedTuple):
    """What the planner thinks, and who is next."""

    rationale: str
    next: Role


def parse_plan(text: str) -> Plan | Unparsed:
    """Read `Next: caller.`, `Next: conclusion.` or `Next: give up.`; what stands behind it the planner made up.

    Unparsed where it is not there, and where several roles are named.
    """
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    marks = list(_MARK.finditer(said))
    named = {re.sub(r"[ \t_-]", "", mark[1].lower()) for mark in marks}
    if not named:
        return unread(text, NO_MARK)
    if len(named) > 1:
        return unread(text, f"it names several next roles: {', '.join(sorted(named))}")
    role = named.pop()
    return Plan(said[: marks[0].start()].strip(), cast(Role, "give up" if role == "giveup" else role))
