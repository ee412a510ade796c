"""The lines of a reply as a person reads them: quoted texts kept whole, without fences, bullets and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from redraft.agents.parsing.quotes import MARKS, find_opening, read_quoted

PATIENCE = 1_000
"""So many quoted texts are followed over their line's end; a reply with more of them is no annotation."""

_DECORATION = re.compile(
    rf"\A(?:(?:[^\w{re.escape(MARKS)}]|_)*(?:\(?\d{{1,3}}\s*[.):\]](?!\d)|error\s*#?\d+\s*[.:)-])?)?(?:[^\w{re.escape(MARKS)}]|_)*+",
    re.IGNORECASE,
)
_FENCE = re.compile(r"\s*[`~]{3,}\w*\s*")


def undecorated(line: str) -> str:
    """Without list bullets, numbers, markdown and brackets before the first word or quotation mark."""
    return _DECORATION.sub("", line, count=1).strip()


def logical_lines(text: str) -> Iterator[str]:
    """Lines without code fences; a quoted text that runs over lines keeps them together."""
    position, patience = 0, PATIENCE
    while position < len(text):
        start, end = position, _line_end(text, position)
        if start < end and not _FENCE.fullmatch(text, start, end):
            while patience and (at := find_opening(text, position, end)) >= 0:
                quoted = read_quoted(text, at, end)
                patience -= 1
                position = quoted.end if quoted else at + 1
                end = max(end, _line_end(text, position))
            yield text[start:end]
        position = end + 1


def _line_end(text: str, position: int) -> int:
    found = text.find("\n", position)
    return len(text) if found < 0 else found
