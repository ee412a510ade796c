"""Where Coq's sentences begin and end: text only, no process. Coq counts bytes, and everything else code points.

What a sentence may say is in `forbidden`.
"""

from __future__ import annotations

import re

from redraft.tools.provers.base import Span

_FOCUS = re.compile(r"(?:(?:\d+|\[\s*[^\W\d][\w']*\s*\]|all|par|!)\s*:\s*)?\{(?!\|)|\}|-+|\++|\*+(?!\))")
"""What is a sentence without a full stop: bullets, and braces, perhaps with the goal that they enter."""
_STOP = re.compile(r'\(\*|"|\.+(?=\s|\Z)|\.+')


def split(text: str) -> list[Span]:
    """The sentences of `text`, without the blanks and comments around them.

    What follows the last full stop is a sentence too, an unfinished one; so is a comment or string that never ends.
    """
    spans = []
    at = _blank(text, 0)
    while at < len(text):
        focus = _FOCUS.match(text, at)
        end = focus.end() if focus else _stop(text, at)
        spans.append(Span(at, end))
        at = _blank(text, end)
    return spans


def finished(sentence: str) -> bool:
    """Whether `sentence`, one of those that `split` found, ends as a sentence must."""
    focus = _FOCUS.match(sentence)
    return bool(focus and focus.end() == len(sentence)) or sentence.endswith(".")


def without_comments(text: str) -> str:
    """`text` with a space for each comment. Strings stay."""
    parts, at, start = [], 0, 0
    while found := re.compile(r'\(\*|"').search(text, at):
        if found[0] == '"':
            at = _string(text, found.end())
            continue
        parts.append(text[start : found.start()])
        start = at = _comment(text, found.end()) or len(text)
    return " ".join([*parts, text[start:]])


def code_point(text: str, byte: int) -> int:
    """The code points of `text` that begin before `byte`; one that the byte falls into is not counted."""
    return len(text.encode("utf-8", "surrogatepass")[: max(0, byte)].decode("utf-8", "ignore"))


def _stop(text: str, at: int) -> int:
    """The end of the sentence that begins at `at`."""
    while found := _STOP.search(text, at):
        at = found.end()
        if found[0] == "(*":
            if (end := _comment(text, at)) is None:
                break
            at = end
        elif found[0] == '"':
            at = _string(text, at)
        elif len(found[0]) != 2 and (at == len(text) or text[at].isspace()):  # `..` stands in notations.
            return at
    return len(text.rstrip())


def _blank(text: str, at: int) -> int:
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text.startswith("(*", at):
            if (end := _comment(text, at + 2)) is None:
                return at
            at = end
        else:
            break
    return at


def _comment(text: str, at: int) -> int | None:
    """The end of a comment that began before `at`; None where it never ends. Comments nest, and may hold strings."""
    depth = 1
    for found in re.compile(r'\(\*|\*\)|"(?:[^"]|"")*"?').finditer(text, at):
        depth += {"(*": 1, "*)": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
    return None


def _string(text: str, at: int) -> int:
    """The end of a string that began before `at`; `""` in it is a quotation mark."""
    while (at := text.find('"', at) + 1) and text.startswith('"', at):
        at += 1
    return at or len(text)
