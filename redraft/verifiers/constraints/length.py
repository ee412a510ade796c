"""How long the text is: words, sentences, paragraphs, lines, characters.

`length_constraints:*` are IFEval's (arXiv 2311.07911, table 1); `length:*` are ours, with both limits included.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from redraft.verifiers.constraints.check import Check, Checker, Count, Relation, between, clip, many, related

_WORD = re.compile(r"\w+")
# A full stop after one of these, or after a single capital, ends no sentence.
_SHORT = re.compile(r"[\s(\"'“*](?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|e\.g|i\.e|No|Vol|Fig|[A-Z])\.$")
_NUMERAL = re.compile(r"\n[\s*#-]*\d{1,3}\.$")
_END = re.compile(r"[\s(\"'“*](?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|e\.g|i\.e|No|Vol|Fig|[A-Z])\.$|\n[\s*#-]*\d{1,3}\.$")
_END = re.compile(r"[.!?…]{1,9}[\"'”’»)\]*_]{0,9}(?=\s)|[。！？]")
_BLANK = re.compile(r"\n[^\S\n]*\n")
_RULE = re.compile(r"\s?\*\*\*\s?")


def words(text: str) -> int:
    """Runs of letters, digits and underscores: `don't` is two, as in IFEval."""
    return sum(1 for _ in _WORD.finditer(text))


def sentences(text: str, *, numerals: bool = False) -> int:
    """Stretches that hold a word, cut at full stops, question and exclamation marks.

    With `numerals`, the `1.` that opens a line of a list is one too, unless a small letter follows: IFEval's splitter
    (NLTK's punkt) reads lists so.
    """
    count = start = 0
    for end in _END.finditer(text):
        opens = end.start() - 12
        before = text[opens : end.start() + 1] if opens > 0 else "\n" + text[: end.start() + 1]
        if _SHORT.search(before):
            continue
        if _NUMERAL.search(before) and not (numerals and not text[end.end() : end.end() + 2].strip().islower()):
            continue
        count += _WORD.search(text, start, end.end()) is not None
        start = end.end()
    return count + (_WORD.search(text, start) is not None)


def lines(text: str) -> int:
    """Lines that are not blank."""
    return sum(1 for line in text.split("\n") if line.strip())


def paragraphs(text: str) -> int:
    """Stretches between blank lines."""
    return sum(1 for part in _BLANK.split(text) if part.strip())


def number_words(text: str, /, *, relation: Relation, num_words: Count) -> Check:
    return related(words(text), relation, num_words, "word")


def number_sentences(text: str, /, *, relation: Relation, num_sentences: Count) -> Check:
    return related(sentences(text, numerals=True), relation, num_sentences, "sentence")


def number_paragraphs(text: str, /, *, num_paragraphs: Count) -> Check:
    """Paragraphs parted by a line of three asterisks; one between two such lines must not be empty."""
    first, *rest = (part.strip() for part in _RULE.split(text))
    number = sum(map(bool, [first, *rest]))
    wanted = f"exactly {many(num_paragraphs, 'paragraph')} parted by ***"
    if "" in rest[:-1]:
        return Check(False, wanted, "an empty paragraph among them")
    return Check(number == num_paragraphs, wanted, many(number, "paragraph"))


def nth_paragraph_first_word(
    text: str, /, *, num_paragraphs: Count, nth_paragraph: Annotated[int, Field(ge=1)], first_word: str
) -> Check:
    """Paragraphs parted by an empty line: so many of them, and the nth opens with a given word."""
    parts = text.split("\n\n")
    number = sum(1 for part in parts if part.strip())
    wanted = (
        f"exactly {many(num_paragraphs, 'paragraph')} parted by an empty line, number {nth_paragraph} opening with "
    )
    wanted += clip(first_word)
    if nth_paragraph > number or not (nth := parts[nth_paragraph - 1].split(maxsplit=1)):
        return Check(False, wanted, many(number, "paragraph"))
    word = re.split(r"[.,?!'\"]", nth[0].lstrip("'").lstrip('"'), maxsplit=1)[0]
    kept = number == num_paragraphs and word.lower() == first_word.lower()
    return Check(kept, wanted, f"{many(number, 'paragraph')}, number {nth_paragraph} opening with {clip(word)}")


def _limits(unit: str) -> Checker:
    count = _COUNTS[unit]

    def check(text: str, /, *, minimum: Count | None = None, maximum: Count | None = None) -> Check:
        return between(count(text), minimum, maximum, unit)

    return check


_COUNTS: dict[str, Callable[[str], int]] = {
    "character": len,
    "word": words,
    "sentence": sentences,
    "line": lines,
    "paragraph": paragraphs,
}

CHECKS: dict[str, Checker] = {
    "length_constraints:number_words": number_words,
    "length_constraints:number_sentences": number_sentences,
    "length_constraints:number_paragraphs": number_paragraphs,
    "length_constraints:nth_paragraph_first_word": nth_paragraph_first_word,
    **{f"length:{unit}s": _limits(unit) for unit in _COUNTS},
}
