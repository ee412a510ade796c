"""Which of several tools a reply names, or that none of them suits."""

from __future__ import annotations

import re
from collections.abc import Collection

from redraft.agents.parsing.visible import unread, visible
from redraft.schema import Unparsed

NONE = "none"
"""What a reply says where no tool suits."""

_LINE = re.compile(
    r"^[ \t*_#>-]*(?:tool|task)[*_` \t]*[:：][*_` \t]*([A-Za-z_]\w*)[*_`. \t]*$", re.IGNORECASE | re.MULTILINE
)


def parse_tool_choice(text: str, names: Collection[str]) -> str | Unparsed:
    """Read `Tool: NAME`, or a reply that is the name alone: one of `names`, or `none`.

    Unparsed where no such line is there, where two name different tools, and for a name that is none of these.
    """
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    named: set[str] = set(_LINE.findall(said)) or {said.strip("*_`\"'. \n")}
    if len(named) > 1:
        return unread(text, "several tools are named")
    (name,) = named
    if name in names:
        return name
    if name.lower() == NONE:
        return NONE
    return unread(text, "no tool on offer is named")
