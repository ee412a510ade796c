"""The words of an MQM annotation: severities, categories, and the ways to say that nothing is wrong.

English words only. Whether a line is a header or an error is `mqm`'s and `mqm_item`'s business.
"""

from __future__ import annotations

import re
from typing import cast

from redraft.schema import Severity

SEVERITIES: tuple[Severity, ...] = ("critical", "major", "minor")

_DIMENSIONS = (
    "accuracy",
    "fluency",
    "style",
    "terminology",
    "locale conventions?",
    "linguistic conventions?",
    "verity",
)
_KINDS = (
    r"non-?\s?translation|other|source (?:error|issue)s?|addition|omission|mistranslation"
    r"|(?:over|under|un)-?translat(?:ion|ed(?: text)?)|(?:character )?encoding|grammar|(?:in)?consistency|punctuation"
    r"|register|spelling|typography|typo|awkward(?:ness)?|inappropriate(?: for context)?"
    r"|inconsistent(?: use)?(?: of terminology)?|unnatural|literal translation|wrong term|word order|capitali[sz]ation"
    r"|(?:audience )?appropriateness|(?:date|currency|number) format|hallucination"
)
# Below a known word any name will do, up to what separates it from the span.
_SUB = rf"\s*[/>→]\s*(?:(?:{_KINDS})(?![^\W_])|[^\W\d_]+(?:[ -][^\W\d_]+){{0,4}}(?=\s*(?:$|[^\w\s])))"
CATEGORY = re.compile(rf"(?:{'|'.join(_DIMENSIONS)}|{_KINDS})(?![^\W_])(?:{_SUB}){{0,3}}", re.IGNORECASE)
"""A category that begins with a word of MQM's."""
_DIMENSION = re.compile("|".join(_DIMENSIONS), re.IGNORECASE)
_KIND = re.compile(_KINDS, re.IGNORECASE)


def normal_category(text: str) -> str:
    """Lower case, without markdown; "Accuracy (Mistranslation)" and "accuracy / mistranslation" are the same."""
    text = " ".join(re.sub(r"[*`#\[\]{}\"“”]", "", text.replace("_", " ")).lower().split())
    text = re.sub(r" ?\(([^()]*)\)?$", r"/\1", text)
    text = re.sub(r" ?[/>→]+ ?", "/", text)
    return text.strip(" /:.,;-–—(")


def is_dimension(category: str) -> bool:
    """Whether `category` is only the name of a group, such as accuracy, which prose uses too."""
    return _DIMENSION.fullmatch(category) is not None


def is_kind(text: str) -> bool:
    """Whether `text` names a kind of error, such as omission, and nothing else."""
    return _KIND.fullmatch(text.strip()) is not None


_FOUND = r"(?:\s+(?:(?:was|were|are|is|have been)\s+)?(?:found|detected|identified|present|noted|observed|here))?"
_NOTHING = re.compile(
    rf"\W*(?:no[\s_-]*errors?{_FOUND}|none{_FOUND}|no (?:issues?|mistakes?|problems?){_FOUND}|n/?a|nil|null|nothing|0"
    r"|not applicable)\W*",
    re.IGNORECASE,
)
_GRADE = r"(?:critical|major|minor|translation|mqm|such|identifiable|[,/]|and|or|nor)"
_DENIAL = (
    r"\b(?:(?:there (?:are|were)|(?:i|we) (?:found|find|see|identified|detected)|has|have|contains?|with)\s+)?"
    r"(?:no|zero|without(?: any)?|free (?:of|from)(?: any)?"
    r"|(?:do|does|did|could|has|have|is|are)(?:\s+not|n['’]t)"
    r"(?:\s+(?:contain|have|find|see|identify|detect))?(?: any)?)"
    r"[\s-]+(?:%s[\s,]*){0,8}(?:errors?|mistakes?|issues?|problems?)\b" + _FOUND + r"|\berror[\s-]free\b"
)
_STATEMENT = re.compile(_DENIAL % _GRADE, re.IGNORECASE)
# "No significant errors" is no evidence that there is none, and no sign of one either.
_HEDGED = re.compile(_DENIAL % r"(?:[a-z-]+\b)", re.IGNORECASE)
_TROUBLE = re.compile(
    r"\b(?:however|but|except|(?:al)?though|despite|should|could|would|incorrect\w*|wrong\w*|inaccura\w*|mistransl\w*"
    r"|untransl\w*|omi(?:t|ss)\w*|awkward\w*|unnatural\w*|miss(?:ing|es)|lacks?|fail\w*|instead|rather|better|improv\w*"
    r"|sorry|cannot|unable|unless|whether|if|ambigu\w*|unclear|inconsisten\w*|slight\w*|small|not|never|only|other"
    r"|errors?|mistakes?|issues?|problems?|critical|major|minor)\b|n['’]t\b|[\"“”„«»「」→<>=?]|->",
    re.IGNORECASE,
)
_PRAISE = re.compile(
    r"\b(?:accura(?:te|tely|cy)|correct(?:ly)?|faithful(?:ly)?|fluent(?:ly)?|natural(?:ly)?|perfect(?:ly)?"
    r"|flawless(?:ly)?|good|great|well|excellent|adequate(?:ly)?|appropriate(?:ly)?|conveys|preserves|captures"
    r"|clear(?:ly)?|high[ -]quality)\b",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"(?:let me know|i hope|feel free|thank you|would you like|is there anything|if you (?:have|need|would)|please let"
    r"|end of|end\W*$|done\W*$)(?!.*\bhowever\b)",
    re.IGNORECASE,
)
_ANNOUNCEMENT = re.compile(r"[^\"“”„«»]{0,300}[:：]\W*")


def says_nothing(text: str) -> bool:
    """Whether `text` is no more than a "no-error", "None", "N/A" and the like."""
    return len(text) < 80 and _NOTHING.fullmatch(text) is not None


def denied(text: str) -> frozenset[Severity] | None:
    """The severities of which `text` says that there are no errors; all three where it names none.

    None where it does not say so, or says anything else that could be an error.
    """
    if says_nothing(text):
        return frozenset(SEVERITIES)
    if len(text) > 1_000 or not (statements := [match[0].lower() for match in _STATEMENT.finditer(text)]):
        return None
    if _TROUBLE.search(_STATEMENT.sub(" ", text)):
        return None
    named = frozenset(cast(Severity, word) for word in re.findall("critical|major|minor", " ".join(statements)))
    return named or frozenset(SEVERITIES)


def is_harmless(text: str) -> bool:
    """Whether `text` is praise, courtesy or announces what follows, so that nothing is lost by passing over it."""
    if len(text) > 1_000:
        return False
    rest, denials = _HEDGED.subn(" ", text)
    if _ANNOUNCEMENT.fullmatch(text):
        rest = re.sub(r"(?i)\b(?:errors?|mistakes?|issues?|problems?|severity)\b", " ", rest)
        return not _TROUBLE.search(rest)
    return bool(_COURTESY.match(text)) or (bool(denials or _PRAISE.search(rest)) and not _TROUBLE.search(rest))
