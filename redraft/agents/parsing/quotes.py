"""Quotation marks of many languages: finding a quoted text in a reply, and taking the marks off.

Linear in the text; what a quoted text means is the parsers' business.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Opening mark -> what closes it: the right marks first, then what hurried writers close it with.
_CLOSERS: dict[str, tuple[str, ...]] = {
    '"': ('"', "”“"),
    "“": ("”", '“"'),
    "”": ("”", '"'),
    "„": ("“”", '"'),
    "«": ("»",),
    "»": ("«", "»"),
    "‹": ("›",),
    "›": ("‹", "›"),
    "「": ("」",),
    "『": ("』",),
    "《": ("》",),
    "＂": ("＂",),
    "‚": ("‘’", "'"),
    "‘": ("’", "'‘"),
    "’": ("’",),
    "'": ("'", "’"),
    "`": ("`", "´'"),
}
MARKS = "".join(sorted({mark for first, rest in _CLOSERS.items() for mark in first + "".join(rest)}))
"""Every quotation mark there is."""

# Also apostrophes and code marks: a text between them never runs over a line's end.
_LOOSE = "'’‘‚›‹`"
_MULTI_LINE = 1_000  # code points that a quoted text may run on after its first line
_MAX_MARKS = 40  # marks looked at in search of the closing one, so that unclosed marks cost no quadratic time
_OPENING = re.compile(rf"(?<![^\W_])[{re.escape(''.join(_CLOSERS))}](?!\s|$)")
# Letters of scripts that put no space beside a quotation mark: Thai to Khmer, and Chinese, Japanese, Korean.
_UNSPACED = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\ud7ff\uf900-\ufaff]")


class Quoted(NamedTuple):
    """A quoted text: what stands between the marks, and where what follows begins."""

    text: str
    end: int


def find_opening(text: str, start: int = 0, end: int | None = None) -> int:
    """Where the first quoted text may begin (no letter before the mark, no space after it), -1 where none does."""
    found = _OPENING.search(text, start, len(text) if end is None else end)
    return found.start() if found else -1


def read_quoted(text: str, at: int, line_end: int | None = None) -> Quoted | None:
    """The quoted text that opens at `at`, None where it is never closed.

    Quoted texts inside it stay part of it, even where they use the same marks. It may run on past `line_end` (where
    the line it opens in ends) if its marks are not also apostrophes.
    """
    end = len(text) if line_end is None else line_end
    may_run_on = end < len(text) and end - at < _MULTI_LINE and text[at] not in _LOOSE
    runs_on = [min(len(text), end + _MULTI_LINE)] if may_run_on else []
    for closers in _CLOSERS[text[at]]:
        for limit in (end, *runs_on):
            if close := _close(text, at, limit, closers):
                return Quoted(text[at + 1 : close], close + 1)
    return None


def _close(text: str, at: int, end: int, closers: str) -> int | None:
    """Where the closing mark stands, None where there is none before `end`."""
    mark = text[at]
    symmetric = mark in closers
    if symmetric and (last := _odd_one_out(text, at, end)):
        return last
    seen, depth, latest = 0, 0, None
    for found in re.compile(f"[{mark}{closers}]").finditer(text, at + 1, end):
        if (seen := seen + 1) > _MAX_MARKS:
            return None
        position = found.start()
        letter_follows = position + 1 < end and _letter(text[position + 1])
        if symmetric and letter_follows:
            depth += text[position - 1] in " \t\n\u00a0([{-–—"  # opens a text inside; otherwise an apostrophe
        elif letter_follows and mark in _LOOSE:
            continue
        elif found[0] == mark and not symmetric:
            depth += 1
        elif depth:
            depth, latest = depth - 1, position
        else:
            return position
    # A text inside was left open: its closing mark is ours, where it ends the line.
    if latest and "\n" not in text[at:latest] and not text[latest + 1 : end].strip(" \t.*"):
        return latest
    return None


def _odd_one_out(text: str, at: int, end: int) -> int | None:
    """The line's last mark, where it ends the line and their number is odd: then one is part of the text (5" disk)."""
    line_end = text.find("\n", at, end)
    line_end = end if line_end < 0 else line_end
    if line_end - at > _MULTI_LINE:
        return None
    line = text[at:line_end].rstrip(" \t.*")
    marks = [i for i, letter in enumerate(line) if letter == text[at] and not _apostrophe(line, i)]
    return at + marks[-1] if len(marks) > 1 and len(marks) % 2 and marks[-1] == len(line) - 1 else None


def _apostrophe(text: str, at: int) -> bool:
    return 0 < at < len(text) - 1 and _letter(text[at - 1]) and _letter(text[at + 1])


def _letter(character: str) -> bool:
    return character.isalnum() and not _UNSPACED.match(character)


def unwrap(text: str) -> str:
    """Take off one pair of marks that wraps the whole of `text` and does not occur inside it."""
    if len(text) > 2 and any(text[-1] in closers for closers in _CLOSERS.get(text[0], ())):
        inner = [i for i in range(1, len(text) - 1) if text[i] in (text[0], text[-1]) and not _apostrophe(text, i)]
        if not inner:
            return text[1:-1].strip()
    return text
