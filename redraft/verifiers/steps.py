"""The steps of a solution, for verifiers that judge step by step: where they begin, nothing about what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator

_MARK = re.compile(r"^[*_#>\-• \t]*+step[ \t]+\d+(?!\w)", re.IGNORECASE | re.MULTILINE)
_NUMBER = re.compile(r"^ {0,3}(?:\*\*|#+ )?\(?(\d{1,3})[.)][*]*[ \t]", re.MULTILINE)


def split_steps(text: str) -> tuple[str, ...]:
    """The steps of `text`, stripped, in order, none of them blank; together they hold all that it says.

    A step begins where a line begins with `Step 1`; in a text without such lines, where the items of its numbered list
    do (1, 2, 3, ... in this order, at least two); otherwise every line that is not blank is one. What stands before the
    first mark belongs to the first step. Takes linear time.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    starts = [mark.start() for mark in _MARK.finditer(text)] or list(_numbered(text))
    if not starts:
        return tuple(stripped for line in text.split("\n") if (stripped := line.strip()))
    ends = (*starts[1:], len(text))
    return tuple(text[start:end].strip() for start, end in zip((0, *starts[1:]), ends, strict=True))


def _numbered(text: str) -> Iterator[int]:
    """Where the items begin. A number that is not the one before plus one is text."""
    items: list[int] = []
    for mark in _NUMBER.finditer(text):
        if int(mark[1]) == len(items) + 1:
            items.append(mark.start())
    return iter(items if len(items) > 1 else ())
