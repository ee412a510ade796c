"""Which words, or letters, stand in the text. `keywords:all`, `any` and `none` are ours, the others IFEval's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from redraft.verifiers.constraints.check import Check, Checker, Count, Relation, Words, clip, holds, many


def _listed(words: Sequence[str]) -> str:
    return ", ".join(clip(word) for word in words)


def existence(text: str, /, *, keywords: Words) -> Check:
    """Every keyword is there, be it inside a longer word, in capitals or not."""
    missing = [word for word in keywords if not re.search(re.escape(word), text, re.IGNORECASE)]
    return Check(not missing, f"the keywords {_listed(keywords)}", f"no {_listed(missing)}" if missing else "all there")


def frequency(
    text: str, /, *, keyword: Annotated[str, Field(min_length=1)], relation: Relation, frequency: Count
) -> Check:
    """The keyword so many times, be it inside a longer word, in capitals or not."""
    found = len(re.findall(re.escape(keyword), text, re.IGNORECASE))
    return Check(
        holds(found, relation, frequency), f"{clip(keyword)} {relation} {many(frequency, 'time')}", many(found, "time")
    )


def forbidden_words(text: str, /, *, forbidden_words: Words) -> Check:
    """None of them as a word of its own, in capitals or not."""
    found = [word for word in forbidden_words if re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)]
    return Check(not found, f"none of the words {_listed(forbidden_words)}", _listed(found) or "none of them")


def letter_frequency(
    text: str,
    /,
    *,
    letter: Annotated[str, Field(min_length=1, max_length=1)],
    let_relation: Relation,
    let_frequency: Count,
) -> Check:
    """One letter (or any other character) so many times, in capitals or not."""
    found = text.lower().count(letter.lower())
    wanted = f"the letter {letter!r} {let_relation} {many(let_frequency, 'time')}"
    return Check(holds(found, let_relation, let_frequency), wanted, many(found, "time"))


def _present(text: str, words: Sequence[str], match_case: bool, whole_words: bool) -> list[str]:
    form = r"(?<!\w){}(?!\w)" if whole_words else "{}"
    flags = re.NOFLAG if match_case else re.IGNORECASE
    return [word for word in words if re.search(form.format(re.escape(word)), text, flags)]


def every(text: str, /, *, words: Words, match_case: bool = False, whole_words: bool = True) -> Check:
    """Every word is there. Languages written without spaces need `whole_words` off."""
    present = _present(text, words, match_case, whole_words)
    missing = [word for word in words if word not in present]
    return Check(not missing, f"all of {_listed(words)}", f"no {_listed(missing)}" if missing else "all there")


def some(text: str, /, *, words: Words, match_case: bool = False, whole_words: bool = True) -> Check:
    """At least one of the words is there."""
    present = _present(text, words, match_case, whole_words)
    return Check(bool(present), f"one of {_listed(words)}", _listed(present) or "none of them")


def none(text: str, /, *, words: Words, match_case: bool = False, whole_words: bool = True) -> Check:
    """None of the words is there."""
    present = _present(text, words, match_case, whole_words)
    return Check(not present, f"none of {_listed(words)}", _listed(present) or "none of them")


CHECKS: dict[str, Checker] = {
    "keywords:existence": existence,
    "keywords:frequency": frequency,
    "keywords:forbidden_words": forbidden_words,
    "keywords:letter_frequency": letter_frequency,
    "keywords:all": every,
    "keywords:any": some,
    "keywords:none": none,
}
