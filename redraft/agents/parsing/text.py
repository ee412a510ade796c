"""The corrected text in a reply: a translation, an answer, a program, without what the model said around it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from redraft.agents.parsing.json_text import find_json, plain_key
from redraft.agents.parsing.quotes import unwrap
from redraft.agents.parsing.visible import unread, visible
from redraft.schema import Unparsed

KEYS = ("translation", "target", "final target", "corrected translation", "corrected text", "revised translation")
"""Keys of a JSON reply that hold the text."""

_KIND = r"(?:translation|text|version|answer|target|sentence|response)"
_MADE = r"(?:corrected|revised|improved|refined|final|better|updated|edited|post-edited)"
_MARKER = re.compile(
    rf"^[ \t*_#>`\"'“”-]*(?:(?:here(?:\s+is|['’]s)\s+)?(?:the|my|a)\s+)?{_MADE}\s+(?:\w+\s+){{0,2}}{_KIND}"
    r"(?:\s+(?:is|would be|reads))?[ \t*_`\"'“”]*[:：][ \t*_`]*",
    re.IGNORECASE | re.MULTILINE,
)
_TOWER = re.compile(rf"\s+--\s*{_MADE}\s+{_KIND}\W*$", re.IGNORECASE)
_PREAMBLE = re.compile(
    r"\A(?:(?:sure|certainly|of course|okay|ok|absolutely)\b[^\n]{0,120}|here(?:\s+is|\s+are|['’]s)\b[^\n]{0,120}"
    rf"|[^\n]{{0,80}}\b{_KIND})[:：!.][ \t*_]*\n+",
    re.IGNORECASE,
)
_NOTES = re.compile(
    r"\n\s*\n[ \t*_#>(\[-]*(?:(?:note|notes|explanation|changes(?: made)?|corrections?(?: made)?|reason(?:ing)?|rationale"
    r"|comment|key changes|what (?:i )?changed)\b[^\n]{0,40}[:：]|(?:i(?:['’]ve| have)?\s+(?:replaced|changed|corrected"
    r"|fixed|made|kept|removed|added)|in this (?:corrected|revised)|the (?:error|correction|change|errors|changes|only"
    r" change)\s+(?:is|was|were|are|has|have)|this (?:corrects|correction|version|translation))\b).*\Z",
    re.IGNORECASE | re.DOTALL,
)
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n`]*\n(.*?)\n?^[ \t]*\1[ \t]*$", re.DOTALL | re.MULTILINE)


def parse_text(text: str, keys: Sequence[str] = KEYS) -> str | Unparsed:
    """The text that the reply gives; paragraphs are kept.

    It stands after a marker such as `Corrected Translation:`, in JSON under one of `keys`, in a code fence, or is the
    whole reply but for a preamble and trailing notes. Unparsed where there is nothing, or nothing after the marker.
    """
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    if (found := _from_json(said, keys)) is not None:
        return found.strip() or unread(text, "an empty text")
    if tower := _TOWER.search(said):
        said = said[: tower.start()]
    elif markers := list(_MARKER.finditer(said)):
        # A marker that nothing follows is the end of a remark, not the head of the text.
        said = next((said[m.end() :] for m in reversed(markers) if said[m.end() :].strip(" \t\n*_`\"'")), "")
    else:
        said = _PREAMBLE.sub("", said, count=1)
    if fenced := _FENCE.search(said):
        said = fenced[2]
    said = unwrap(_NOTES.sub("", said).strip().strip("*").strip())
    return said or unread(text, "no text after the marker")


def _from_json(said: str, keys: Sequence[str]) -> str | None:
    wanted = {plain_key(key) for key in keys}
    for value in reversed(find_json(said).values):
        if isinstance(value, dict):
            found = [field for key, field in value.items() if plain_key(key) in wanted and isinstance(field, str)]
            if found:
                return found[-1]
    return None
