"""A judge's ruling: one word of a few, given in a form that a repetition of the judged text cannot have.

What the words mean is the judges' business.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from redraft.agents.parsing.visible import mend, unread, visible
from redraft.schema import Unparsed

_MARKS = r"[\s*_`\"']*"
_LONGEST = 200  # of a line with a verdict; the pattern takes quadratic time


class Ruling(NamedTuple):
    """The word, one of those the judge may choose from, and the reason given for it."""

    word: str
    reason: str


def parse_ruling(text: str, words: Iterable[str], code: str) -> Ruling | Unparsed:
    """Read a reply whose last line is `Verdict CODE: WORD` and nothing else.

    `code` stands nowhere in what was judged (`redraft.agents.seal`), so a verdict that stands there is not one here.
    """
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    reason, _, last = said.rpartition("\n")
    line = _line(code).fullmatch(last) if len(last) < _LONGEST else None
    if line is None:
        return unread(text, f"its last line is no verdict under the code {code}")
    return _ruling(text, line[1], words, reason.strip())


def parse_ruling_json(text: str, words: Iterable[str], judged: str) -> Ruling | Unparsed:
    """Read a reply that is a JSON object of `reason` and `verdict` and nothing else.

    One that stands in `judged`, white space aside, is a repetition and no verdict.
    """
    fields = read_object(text, ("reason", "verdict"), judged)
    if isinstance(fields, Unparsed):
        return fields
    reason, word = fields["reason"], fields["verdict"]
    if not isinstance(reason, str) or not isinstance(word, str):
        return unread(text, "reason and verdict must be texts")
    return _ruling(text, word, words, mend(reason).strip())


def read_object(text: str, keys: Sequence[str], judged: str) -> dict[str, object] | Unparsed:
    """The JSON object that the reply is, with exactly these keys, each once; Unparsed where it stands in `judged`."""
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    try:
        pairs = json.loads(said, strict=False, object_pairs_hook=tuple)
    except (ValueError, RecursionError):
        return unread(text, "no JSON, or not JSON alone")
    if not isinstance(pairs, tuple) or sorted(key for key, _ in pairs) != sorted(keys):
        return unread(text, f"no JSON object of {' and '.join(keys)}")
    if "".join(said.split()) in "".join(judged.split()):
        return unread(text, "it repeats what was to be judged")
    return dict(pairs)


def _line(code: str) -> re.Pattern[str]:
    return re.compile(rf"{_MARKS}verdict\s+{re.escape(code)}{_MARKS}:{_MARKS}(.+?)\.?{_MARKS}", re.IGNORECASE)


def _ruling(raw: str, word: str, words: Iterable[str], reason: str) -> Ruling | Unparsed:
    given = " ".join(word.split()).casefold()
    for known in words:
        if known.casefold() == given:
            return Ruling(known, reason)
    return unread(raw, f"{mend(word)[:60]!r} is none of {', '.join(words)}")
