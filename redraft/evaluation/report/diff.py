"""What changed from one draft to the next, word by word, with the marked errors in it; safe to look at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rapidfuzz.distance import LCSseq

SAME, ADDED, REMOVED = 0, 1, -1

Part = tuple[int, str]
"""SAME, ADDED or REMOVED, and the text."""

Segment = tuple[int, str, tuple[int, ...]]
"""A part, with the numbers of the errors that mark it."""

# Characters of scripts without spaces stand for themselves; space goes with the word before it, so that two texts do
# not agree on their spaces alone.
_WORD = re.compile(
    r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]\s*|\w+\s*|[^\w\s]\s*|\s+"
)


def changes(before: str, after: str) -> list[Part]:
    """The parts of both texts: SAME and ADDED joined are `after`, SAME and REMOVED joined are `before`."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    parts: list[Part] = []
    removed = added = ""
    for code in LCSseq.opcodes(old, new):
        if code.tag == "equal":
            parts += [(REMOVED, removed), (ADDED, added), (SAME, "".join(new[code.dest_start : code.dest_end]))]
            removed = added = ""
        else:
            removed += "".join(old[code.src_start : code.src_end])
            added += "".join(new[code.dest_start : code.dest_end])
    parts += [(REMOVED, removed), (ADDED, added)]
    return [part for part in parts if part[1]]


def mark(parts: Sequence[Part], spans: Sequence[tuple[int, int]]) -> list[Segment]:
    """Cut the parts where an error begins or ends. `spans` are half-open ranges of code points in the later text."""
    edges = sorted({edge for span in spans for edge in span})
    segments: list[Segment] = []
    place = 0
    for kind, text in parts:
        if kind == REMOVED:
            segments.append((kind, text, ()))
            continue
        for start, end in _pieces(place, place + len(text), edges):
            numbers = tuple(number for number, (low, high) in enumerate(spans) if low <= start and end <= high)
            segments.append((kind, text[start - place : end - place], numbers))
        place += len(text)
    return segments


def _pieces(start: int, end: int, edges: Sequence[int]) -> Iterator[tuple[int, int]]:
    cuts = [start, *(edge for edge in edges if start < edge < end), end]
    return pairwise(cuts)


# Line feed and tab are shown as they are. The controls of direction would let a text reorder what stands around it.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]")


def visible(text: str) -> str:
    """The text with every control character, of direction too, as a sign that can be seen."""
    return _UNSEEN.sub(lambda match: _sign(match[0]), text.replace("\r\n", "\n"))


def _sign(character: str) -> str:
    code = ord(character)
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"
