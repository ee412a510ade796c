"""Where a quoted text stands in the draft or in the source, as code points of the text as it is."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Literal, NamedTuple

from redraft.schema import Finding, Span

_SAME = str.maketrans(
    {
        **dict.fromkeys("“”„«»‟＂「」", '"'),
        **dict.fromkeys("‘’‚‹›`´ʼ", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff"),
    }
)


class _Folded(NamedTuple):
    """A text whose differences of one kind are gone, and for each of its code points the place in the original."""

    text: str
    origin: list[int]


def locate(findings: Iterable[Finding], draft: str, source: str | None = None) -> tuple[Finding, ...]:
    """The findings with their spans: in the draft, else in the source (the other way round for an omission), else None.

    A quote is looked for as it is, then in any case, then with white space, quotation marks, dashes and ways to write
    one letter folded; whole words come before parts of words. The same quote again takes its next occurrence, while
    there is one.
    """
    taken: Counter[tuple[str, str]] = Counter()
    texts = (_Text("draft", draft), _Text("source", source or ""))
    return tuple(_located(finding, texts, taken) for finding in findings)


class _Text:
    """A text to look in, folded once for each reading."""

    def __init__(self, name: Literal["draft", "source"], text: str) -> None:
        self.name: Literal["draft", "source"] = name
        self.text = text
        self.folded = cache(partial(_fold, text))


def _located(finding: Finding, texts: tuple[_Text, _Text], taken: Counter[tuple[str, str]]) -> Finding:
    if finding.category.startswith(("accuracy/omission", "omission")):
        texts = texts[::-1]
    for text in texts:
        if found := _occurrences(finding.quote.strip(), text):
            start, end = found[min(taken[text.name, finding.quote], len(found) - 1)]
            taken[text.name, finding.quote] += 1
            return finding.model_copy(update={"span": Span(start=start, end=end, text=text.name)})
    return finding


def _occurrences(quote: str, text: _Text) -> list[tuple[int, int]]:
    """Every place where `quote` stands in `text`, by the strictest reading that finds one."""
    for change in _READINGS:
        needle = _fold(quote, change).text.strip()
        if needle and (found := _places(needle, text.folded(change), len(text.text))):
            return [place for place in found if _is_whole(text.text, place)] or found
    return []


def _places(needle: str, hay: _Folded, length: int) -> list[tuple[int, int]]:
    places = []
    at = hay.text.find(needle)
    while at >= 0:
        end = at + len(needle)
        start, stop = hay.origin[at], hay.origin[end] if end < len(hay.origin) else length
        cuts_letter = (at and hay.origin[at - 1] == start) or hay.origin[end - 1] == stop
        if not cuts_letter and not (end < len(hay.text) and unicodedata.combining(hay.text[end])):
            places.append((start, hay.origin[end - 1] + 1))
        at = hay.text.find(needle, end)
    return places


def _is_whole(text: str, place: tuple[int, int]) -> bool:
    """Whether no word runs on over the edges of `place`."""
    start, end = place
    cut_before = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    cut_after = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
    return not cut_before and not cut_after


def _fold(text: str, change: Callable[[str], str]) -> _Folded:
    """Change each code point; runs of white space become one space where `change` makes spaces of them."""
    letters: list[str] = []
    origin: list[int] = []
    for position, letter in enumerate(text):
        changed = change(letter)
        if changed == " " and letters and letters[-1] == " " and change is _loosely:
            continue
        letters += changed
        origin += [position] * len(changed)
    return _Folded("".join(letters), origin)


def _loosely(letter: str) -> str:
    if letter.isspace():
        return " "
    return unicodedata.normalize("NFKD", letter.translate(_SAME)).casefold()


_READINGS: tuple[Callable[[str], str], ...] = (str, str.casefold, _loosely)
