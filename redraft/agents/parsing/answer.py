"""The final answer of a reply that reasons first. Whether two answers are the same is no matter of this file."""

from __future__ import annotations

import re

from redraft.agents.parsing.visible import unread, visible
from redraft.schema import Unparsed

_BOX = re.compile(r"\\(?:boxed|fbox)[ \t]*\{")
_HASHES = re.compile(r"^[ \t]*####(?!#)[ \t]*([^\s#][^\n]*)$", re.MULTILINE)
_FIGURE = re.compile(r"(?=\D{0,4}\d)[$€£¥]?[-+−]?[$€£¥]?[\d.][\d.,/]*[ \t]?%?(?: [^\W\d]+)?[ \t]*\.?")
_PHRASE = re.compile(
    # The answer is 5; the final answer to the question is: 5; **Answer:** 5; Answer (in dollars) = 5
    r"\banswer\b(?: (?:choice|option))?(?:[ \t]*\([^()\n]{1,40}\))?(?: (?:to|of|for|in) [^\n.:：?!=]{1,80}?)?"
    r"[*_ \t]*(?:[:：=]|\b(?:is|would be|will be|must be|should be)\b[:：]?)(?:[*_]{1,3}(?=\s))?\s*+"
    # a heading of its own line
    r"|^[#*_ \t]*+(?:(?:the )?final )?answer[*_ \t]*+\n\s*+"
    # A: 5, as GSM8K's published solutions end
    r"|^[*_ \t]*+A[*_]*[:：](?:[*_]{1,3}(?=\s))?\s*+",
    re.IGNORECASE | re.MULTILINE,
)
_END = re.compile(
    r"\n|(?<=[^\s.])[.!?](?=[ \t]+[^\W\d_]|[ \t]*$)|[,;][ \t]+(?:so|as)\b"
    r"|[,;]?(?<![ \t])[ \t]++(?:because|since|which|so that)\b",
    re.IGNORECASE | re.MULTILINE,
)
_BOLD = re.compile(r"\*\*([^*\n]{1,100})\*\*")
_ALONE = re.compile(r"\(?[A-Za-z]\)?[.)]?|\$[^$\n]+\$|\\\([^\n]+\\\)|\\\[[^\n]+\\\]")
_WRAPPINGS = (
    ("**", "**"),
    ("__", "__"),
    ("*", "*"),
    ("`", "`"),
    ("$$", "$$"),
    ("$", "$"),
    ("\\(", "\\)"),
    ("\\[", "\\]"),
)


def parse_answer(text: str) -> str | Unparsed:
    """The final answer in `text`, always a piece of it, without the marks around it (`$`, `**`, the full stop).

    In this order, and of each the last: what stands in `\\boxed{...}`; GSM8K's `#### 5`; `The answer is 5`, `Answer: 5`
    or `A: 5`, up to the end of that sentence; the bold words of the last line; a reply that is nothing but a number, a
    formula or a letter. Unparsed where there is none of these, and where the last box is empty or never closed: an
    earlier one is not what the reply came to. Takes linear time.
    """
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    if boxes := list(_BOX.finditer(said)):
        inside = _balanced(said, boxes[-1].end())
        if inside is None:
            return unread(text, "the last box is never closed")
        return _bare(inside) or unread(text, "the last box is empty")
    given = _after_hashes(said) or _after_phrase(said) or _in_last_line(said)
    return given or unread(text, "no answer is marked as such")


def _balanced(said: str, start: int) -> str | None:
    """From `start`, just behind an opening brace, to the brace that closes it. An escaped brace is text."""
    depth = 1
    for brace in re.finditer(r"\\.|[{}]", said[start:], re.DOTALL):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if depth == 0:
            return said[start : start + brace.start()]
    return None


def _after_hashes(said: str) -> str:
    """Only a figure, or the last line: `####` heads a section too."""
    lines = list(_HASHES.finditer(said))
    if not lines:
        return ""
    given = lines[-1][1]
    last = not said[lines[-1].end() :].strip()
    return _bare(given) if _FIGURE.fullmatch(given) or (last and not _PHRASE.search(given)) else ""


def _after_phrase(said: str) -> str:
    phrases = list(_PHRASE.finditer(said))
    if not phrases:
        return ""
    end = _END.search(said, start := phrases[-1].end())
    return _bare(said[start : end.start() if end else len(said)])


def _in_last_line(said: str) -> str:
    line = said[said.rfind("\n") + 1 :]
    if bold := _BOLD.findall(line):
        return _bare(bold[-1])
    return _bare(said) if "\n" not in said and (_FIGURE.fullmatch(said) or _ALONE.fullmatch(said)) else ""


def _bare(given: str) -> str:
    """Without blanks, the full stop, and whatever marks stand around the whole of it."""
    for _ in _WRAPPINGS:
        given = given.strip()
        if given.endswith(".") and not given.endswith(".."):
            given = given[:-1].rstrip()
        for left, right in _WRAPPINGS:
            inner = given[len(left) : -len(right)]
            if given.startswith(left) and given.endswith(right) and inner and left not in inner and right not in inner:
                given = inner
                break
    if given.count("**") == 1:
        given = given.removeprefix("**").removesuffix("**")
    return given.strip() if re.search(r"[^\s*_`$#]", given) else ""
