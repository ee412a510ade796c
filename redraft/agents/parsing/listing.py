"""A numbered list in a reply: questions to ask, constraints to keep, claims to check."""

from __future__ import annotations

import re

from redraft.agents.parsing.visible import unread, visible
from redraft.schema import Unparsed

_ENTRY = re.compile(
    r"^[ \t>*_#]*(?:Q(?:uestion)?[ \t]*)?\d{1,3}[ \t]*[.):](?!\d)[ \t*_]*(?P<text>\S[^\n]*)$", re.MULTILINE | re.I
)
_NONE = re.compile(r"[\s*_`\"'(]*none[\s*_`\"').!]*", re.IGNORECASE)


def parse_list(text: str) -> tuple[str, ...] | Unparsed:
    """The entries of a numbered list, one a line, in order, without what stands around it. Each entry stands once.

    Unparsed where no line is numbered: a reply in prose is no list of one.
    """
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    entries = (match["text"].strip(" \t*_") for match in _ENTRY.finditer(said))
    listed = tuple(dict.fromkeys(entry for entry in entries if re.search(r"\w", entry)))
    return listed or unread(text, "no numbered list")


def parse_any_list(text: str) -> tuple[str, ...] | Unparsed:
    """As `parse_list`; no entries where the reply is the one word NONE, for a prompt that offers it."""
    said = visible(text)
    if isinstance(said, str) and _NONE.fullmatch(said):
        return ()
    return parse_list(text)
