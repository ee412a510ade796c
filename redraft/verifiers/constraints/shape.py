"""How the text is laid out: lists, highlights, sections, titles, placeholders, how it begins and ends. All IFEval's."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from redraft.verifiers.constraints.check import Check, Checker, Count, clip, many

_ANSWERS = ("My answer is yes.", "My answer is no.", "My answer is maybe.")
_LIGHT = re.compile(r"\*([^\n*]*)\*")
_BOLD = re.compile(r"\*\*([^\n*]*)\*\*")
_BRACKETS = re.compile(r"\[[^\]\n]*\]?")
_BULLET = re.compile(r"\s*(?:\*(?!\*)|-)(?!$)")
_Given = Annotated[str, Field(min_length=1)]


def number_bullet_lists(text: str, /, *, num_bullets: Count) -> Check:
    """Lines that open with `*` or `-`: exactly so many."""
    found = sum(1 for line in text.split("\n") if _BULLET.match(line))
    return Check(found == num_bullets, f"exactly {many(num_bullets, 'bullet point')}", many(found, "bullet point"))


def number_highlighted_sections(text: str, /, *, num_highlights: Count) -> Check:
    """`*stretches between asterisks*` on one line, at least so many."""
    found = sum(1 for pattern in (_LIGHT, _BOLD) for inside in pattern.findall(text) if inside.strip())
    return Check(found >= num_highlights, f"at least {num_highlights} stretches *between asterisks*", str(found))


def multiple_sections(text: str, /, *, section_spliter: _Given, num_sections: Count) -> Check:
    """Sections headed by a given word and a number, at least so many."""
    found = len(re.findall(rf"{re.escape(section_spliter.strip())}\s?\d", text))
    wanted = f"at least {num_sections} sections headed {clip(section_spliter + ' 1')} and so on"
    return Check(found >= num_sections, wanted, many(found, "section"))


def title(text: str, /) -> Check:
    """A title in double angular brackets, on one line."""
    for line in text.split("\n"):
        opened, closed = line.find("<<"), line.rfind(">>")
        if (
            opened >= 0
            and (inside := line[opened : closed + 2].lstrip("<").rstrip(">").strip())
            and closed > opened + 2
        ):
            return Check(True, "a title in <<double angular brackets>>", clip(inside))
    return Check(False, "a title in <<double angular brackets>>", "none")


def constrained_response(text: str, /) -> Check:
    """One of three fixed answers stands in the text."""
    found = [answer for answer in _ANSWERS if answer in text]
    return Check(bool(found), "one of " + ", ".join(map(repr, _ANSWERS)), ", ".join(map(repr, found)) or "none of them")


def number_placeholders(text: str, /, *, num_placeholders: Count) -> Check:
    """`[placeholders]` in square brackets, at least so many."""
    found = sum(1 for match in _BRACKETS.findall(text) if match.endswith("]"))
    return Check(found >= num_placeholders, f"at least {many(num_placeholders, '[placeholder]')}", str(found))


def postscript(text: str, /, *, postscript_marker: _Given) -> Check:
    """A postscript opens with the marker. Between the letters of `P.S.` and `P.P.S` may be a space."""
    marker = postscript_marker.strip().lower()
    spaced = {"p.p.s": r"p\.\s?p\.\s?s", "p.s.": r"p\.\s?s\."}.get(marker, re.escape(marker))
    found = re.search(spaced, text.lower()) is not None
    return Check(found, f"a postscript opening with {clip(postscript_marker)}", "there" if found else "none")


def two_responses(text: str, /) -> Check:
    """Two different answers, parted by six asterisks."""
    first, *rest = (part.strip() for part in text.split("******"))
    parts = [part for part in [first, *rest] if part]
    kept = len(parts) == 2 and parts[0] != parts[1] and "" not in rest[:-1]
    found = "the same twice" if len(parts) == 2 and parts[0] == parts[1] else many(len(parts), "response")
    return Check(kept, "two different responses parted by ******", found)


def repeat_prompt(text: str, /, *, prompt_to_repeat: _Given) -> Check:
    """The text opens with the request, word for word, in capitals or not."""
    kept = text.strip().lower().startswith(prompt_to_repeat.strip().lower())
    return Check(
        kept, f"the request repeated first, {clip(prompt_to_repeat)}", f"it opens with {clip(text.strip()[:60])}"
    )


def end_checker(text: str, /, *, end_phrase: _Given) -> Check:
    """The text ends with the phrase, in capitals or not, quotation marks aside."""
    kept = text.strip().strip('"').lower().endswith(end_phrase.strip().lower())
    return Check(kept, f"to end with {clip(end_phrase)}", f"it ends with {clip(text.strip()[-60:])}")


def quotation(text: str, /) -> Check:
    """The whole text stands in double quotation marks."""
    inside = text.strip()
    kept = len(inside) > 1 and inside[0] == inside[-1] == '"'
    found = f"it opens with {inside[:1]!r} and ends with {inside[-1:]!r}"
    return Check(kept, "the whole text in double quotation marks", found)


def no_comma(text: str, /) -> Check:
    """Not one comma."""
    found = text.count(",")
    where = f", the first in {clip(text[max(0, (at := text.find(',')) - 20) : at + 20])}" if found else ""
    return Check(not found, "no comma", many(found, "comma") + where)


CHECKS: dict[str, Checker] = {
    "detectable_format:number_bullet_lists": number_bullet_lists,
    "detectable_format:number_highlighted_sections": number_highlighted_sections,
    "detectable_format:multiple_sections": multiple_sections,
    "detectable_format:title": title,
    "detectable_format:constrained_response": constrained_response,
    "detectable_content:number_placeholders": number_placeholders,
    "detectable_content:postscript": postscript,
    "combination:two_responses": two_responses,
    "combination:repeat_prompt": repeat_prompt,
    "startend:end_checker": end_checker,
    "startend:quotation": quotation,
    "punctuation:no_comma": no_comma,
}
