"""From a text to its sentences, and to the passages of a few sentences that are searched."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 1000
"""The most code points of a sentence: what runs on longer is a table or a dump, and is cut."""

# A mark that ends sentences, with quotes and brackets after it, before white space; in scripts without it, the mark.
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]+[」』”’）]*|\n(?=[ \t]*\n)")
_ABBREVIATED = re.compile(
    r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|vs|cf|ca|No|Nr|Fig|Eq|Sec|Vol|pp|al|e\.g|i\.e|z\.B|d\.h|usw)|\b[A-Z])\.\Z"
)
_GLYPH = re.compile(r"\S")

Stretch = tuple[int, int]
"""A half-open range of code points."""


def sentences(text: str) -> Iterator[Stretch]:
    """The sentences of `text` in order, without the white space between them, none longer than LONGEST.

    By marks and blank lines alone, for any language that has such marks; takes linear time.
    """
    start = 0
    for end in _ends(text):
        yield from _pieces(text, start, end)
        start = end


def passages(text: str, size: int, stride: int) -> Iterator[Stretch]:
    """Every passage of `size` sentences that begins `stride` sentences after the one before; together they hold every
    sentence. A text of fewer sentences is one passage."""
    found = list(sentences(text))
    for first in range(0, max(len(found) - size, 0) + stride, min(stride, size)):
        if window := found[first : first + size]:
            yield window[0][0], window[-1][1]


def _ends(text: str) -> Iterator[int]:
    for mark in _END.finditer(text):
        if not (mark[0] == "." and _ABBREVIATED.search(text, max(0, mark.start() - 6), mark.end())):
            yield mark.end()
    yield len(text)


def _pieces(text: str, start: int, end: int) -> Iterator[Stretch]:
    while glyph := _GLYPH.search(text, start, end):
        stop = min(end, glyph.start() + LONGEST)
        yield glyph.start(), glyph.start() + len(text[glyph.start() : stop].rstrip())
        start = stop
