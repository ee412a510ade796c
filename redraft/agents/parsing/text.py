"""The corrected text in a reply: a translation, an answer, a program, without what the model said around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from redraft.agents.parsing.json_text import find_json, plain_key
from redraft.agents.parsing.quotes import unwrap
from redraft.agents.parsing.visible import unread, visible
from redraft.schema import Unparsed

KEYS = ("translation", "target", "final target", "corrected translation", "corrected text", "revised translation")
"""Keys of a JSON reply that hold the text."""

_WORDS = r"(?:[^\W\d]+\s+){0,2}"
# Not "final answer": that closes a solution, which has to be kept whole.
_NAME = (
    rf"(?:(?:correct(?:ed)?|revised|improved|refined|better|updated|edited|post-?edited|new)\s+{_WORDS}"
    rf"(?:translation|text|version|answer|target|sentence|response|draft)|final\s+{_WORDS}(?:translation|version|text|target))"
)
_MARKS = r"[ \t*_#>`\"'“”„-]*+"
_HERE = r"(?:[^\n:：]{0,60}\b(?:here\s+is|here['’]s|below\s+is)\s+)?(?:(?:the|my|a)\s+)?"
_COLON = r"[ \t*_`\"'“”]*+(?:\([^()\n]{1,30}\)[ \t*_]*)?[:：][ \t]*(?:[*_]+(?=\s))?"
_MARKER = re.compile(
    rf"^{_MARKS}{_HERE}{_NAME}(?:\s+of\s+the\s+\w+)?(?:\s+(?:is|would be|reads))?{_COLON}"
    rf"|^[ \t]*(?:#+[ \t]*|\*\*){_NAME}[*_# \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_PLAIN_MARKER = re.compile(
    rf"{_MARKS}{_HERE}(?!original|source|machine)(?:[^\W\d]+\s+)?(?:translation|translated \w+)"
    rf"(?:\s+(?:is|should be|would be))?{_COLON}",
    re.IGNORECASE,
)
_TOWER = re.compile(rf"(?:\A|\s)-{{2,}}\s*{_NAME}\W*\Z", re.IGNORECASE)
_PREAMBLE = re.compile(
    r"(?:(?:sure|certainly|of course|okay|ok|absolutely)\b[^\n]{0,60}[!:：.]"
    r"|(?:[^\n]{0,80}\b(?:here|below|following)\b)?[^\n]{0,80}\b(?:translation|translated|corrected|revised|improved|version"
    r"|answer|rewrite|draft|solution|code|function|program)\b[^\n]{0,80}[:：])[*_ \t]*(?:\n|\Z)",
    re.IGNORECASE,
)
# A model that does not stop goes on with the next item.
_RUN_ON = re.compile(r"^(?:\w+ )?source:[ \t]*\n", re.MULTILINE | re.IGNORECASE)
_NOTES = re.compile(
    r"\n(?:[ \t]*-{3,}[ \t]*\n)?[ \t]*(?:[*_#>(\[-]+[ \t]*)?"
    r"(?:(?:explanations?|(?:key |main )?changes(?: made)?|corrections?(?: made)?|rationale|justification)"
    r"(?: (?:of|for) (?:the )?\w+)?[*_ \t]*(?:[:：]|$)"
    r"|notes?[*_ \t]*[:：](?=[^\n]*\b(?:i|i['’]ve|translat\w+|original|source|errors?|correct\w*|chang\w*|kept)\b))"
    r"|\n[ \t]*\n(?:[ \t]*-{3,}[ \t]*\n\s{0,9})?[ \t]*(?:[*_#>(\[-]+[ \t]*)?"
    r"(?:(?:reasoning|comments?|what (?:i |was )?changed|original(?: \w+)?)[*_ \t]*[:：]"
    r"|(?:i(?:['’]ve| have)?\s+(?:replaced|changed|corrected|fixed|made|kept|removed|added|translated)"
    r"|in this (?:corrected |revised )?(?:translation|version)|the (?:errors?|corrections?|changes?|only change)"
    r" (?:is|was|were|are|has|have|now)|this (?:corrects|correction|translation|revision)|i hope (?:this|it)"
    r"|let me know if|please let me know)\b)",
    re.IGNORECASE | re.MULTILINE,
)
_BAR = re.compile(r"^[ \t]*(`{3,}|~{3,})([^\n`]*)$\n?", re.MULTILINE)
_RULE = re.compile(r"\n[ \t]*-{3,}\s*\Z")
_WRAPPED = re.compile(r"(\*{1,3}|_{1,2})([^*_]+)\1")
_NO_TEXT = re.compile(
    r"(?:no (?:further )?(?:changes?|corrections?|edits?)(?: (?:is|are|was|were))?(?: (?:needed|necessary|required))?"
    r"|(?:the )?(?:original |given )?translation is (?:already )?(?:correct|accurate|perfect|fine)"
    r"|(?:i['’]m|i am) (?:sorry|unable)\b[^\n]{0,40}\b(?:can(?:no|['’])t|not able to|unable to)"
    r" (?:assist|help|translate|provide|fulfil|comply)[^\n]{0,120})\W*",
    re.IGNORECASE,
)


def parse_text(text: str, keys: Sequence[str] = KEYS) -> str | Unparsed:
    """The text that the reply gives; paragraphs are kept.

    It stands in JSON under one of `keys`, after a marker such as `Corrected Translation:` (or, as Tower writes it,
    before one), in the reply's only code fence, or is the whole reply but for a preamble and trailing notes. Unparsed
    where there is nothing, nothing after the marker, a refusal, or word that nothing needs changing.
    """
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    found = find_json(said)
    wanted = _plain(tuple(keys))
    for value in reversed(found.values):
        for key, field in reversed(value.items()) if isinstance(value, dict) else ():
            if plain_key(key) in wanted and isinstance(field, str):
                return unread(text, "cut short before its end") if found.cut_short else _checked(field, text)
    opening = re.match(r"(?:```\w*\s*)?\{\s*[\"'“]([\w -]{1,40})[\"'”]\s*:", said)
    if opening and plain_key(opening[1]) in wanted:
        return unread(text, "JSON beyond repair, or no text in it")
    return _checked(_without_notes(_given(said)), text)


@cache
def _plain(keys: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(plain_key, keys))


def _given(said: str) -> str:
    """What stands after the marker or the preamble, or before Tower's marker; the run-on after it is cut."""
    if tower := _TOWER.search(said):
        return said[: tower.start()]
    markers = list(_MARKER.finditer(said))
    if not markers and (plain := _PLAIN_MARKER.match(said)):
        markers = [plain]
    if not markers:
        if len(bars := list(_BAR.finditer(said))) == 2 and _is_preamble(said[: bars[0].start()]):
            return said[bars[0].start() :]
        preamble = _PREAMBLE.match(said)
        return said[preamble.end() :] if preamble and preamble.end() < len(said) else said
    if run_on := _RUN_ON.search(said, markers[0].end() + 1):
        said = said[: run_on.start()]
    # A marker that nothing follows is a remark's end, not the head of the text.
    filled = [marker for marker in markers if said[marker.end() :].strip(" \t\n*_`\"'“”")]
    return said[filled[-1].end() :] if filled else ""


def _is_preamble(before: str) -> bool:
    return not before.strip() or _PREAMBLE.fullmatch(before.strip()) is not None


def _without_notes(given: str) -> str:
    given = given.strip()
    if opening := _BAR.match(given):
        bars = _BAR.finditer(given, opening.end())
        closing = next((bar for bar in bars if bar[1] == opening[1] and not bar[2].strip()), None)
        return given[opening.end() : closing.start() if closing else len(given)]
    notes = _NOTES.search(given)
    return _RULE.sub("", given[: notes.start()] if notes else given)


def _checked(given: str, raw: str) -> str | Unparsed:
    given = given.strip()
    if wrapped := _WRAPPED.fullmatch(given):
        given = wrapped[2]
    if all(line.startswith(">") for line in given.split("\n")):
        given = re.sub(r"^> ?", "", given, flags=re.MULTILINE)
    given = unwrap(given).strip()
    if not re.search(r"\w", given) and not given.strip("\"'“”„*_` \n-"):
        return unread(raw, "no text, or none after the marker")
    if _NO_TEXT.fullmatch(given):
        return unread(raw, "no text, but a remark on it")
    return given
