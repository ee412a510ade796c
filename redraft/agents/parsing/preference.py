"""Which of two candidates a judge prefers, A or B: only what the reply says, never a count of letters.

Verdicts come in three strengths. A formal one ("Answer: A", a letter alone) outranks one in prose ("I prefer A", "B is
better than A"), and that outranks a single comparison ("A is more fluent"), which counts only if no other contradicts
it. Of equal ones the last counts. A reply that leads with one letter and concludes with the other has no verdict.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, cast

from redraft.agents.parsing.json_text import find_json, plain_key
from redraft.agents.parsing.quotes import MARKS
from redraft.agents.parsing.visible import unread, visible
from redraft.schema import Unparsed

Preference = Literal["A", "B"]

_KEYS = {
    "answer",
    "verdict",
    "choice",
    "preference",
    "preferred",
    "better",
    "best",
    "winner",
    "finalanswer",
    "decision",
}
_KEYS |= {"bettertranslation", "besttranslation", "preferredtranslation", "selected", "selection", "judgment", "result"}
_NOUN = r"(?:(?i:translation|option|version|candidate|answer|response|draft|text|choice|revision|output)s?\s+)"
_X = rf"{_NOUN}?[\[({{]{{0,2}}([AB])[\])}}]{{0,2}}"
_LABEL = (
    r"(?i:\b(?:answer|verdict|choice|preference|decision|conclusion|winner|judge?ment|selection|preferred|better|best"
    r"|(?:better|best|preferred|superior|chosen|winning|more accurate) (?:translation|option|version|answer|one))"
    r"(?:\s+(?:is|would be))?)"
)
# What may follow a bare letter, so that the article in "A good one" and the "A" of "A or B" are no verdict.
_ENDS = rf"(?!\s*(?:[/&=,]|\bor\b|\band\b|\bnor\b|\bvs\b)\s*{_NOUN}?[\[(]?[AB]\b)"
_ENDS += r"(?!\s+(?:is|was)\s+(?:not|no|neither|worse|less|inferior)\b)"
_ENDS += r"(?=\s*(?:$|\n|[^\w\s=]|(?:because|since|as|is|for|over|due|was|to|than|with)\b))"

_WHOLE = re.compile(rf"\W*{_NOUN}?\W*([ABab])\W*")
_LEADING = re.compile(rf"\W*{_NOUN}?([AB])(?=\s*(?:[)\].,:;–—]|\n|$)|\s+-|\s+(?:because|since)\b){_ENDS}")
_LINE = re.compile(rf"^[^\w\n]*{_NOUN}?([AB])[^\w\n]*$", re.MULTILINE)
_FORMAL = (
    re.compile(rf"{_LABEL}\s*[:：=-]*\s*{_X}{_ENDS}"),
    re.compile(r"\\boxed\{\s*(?:\\text(?:bf)?\{)?\s*(?:Translation |Option )?([AB])\s*\}"),
    re.compile(r"\[\[([AB])\]\]"),
    re.compile(r"<(?:answer|verdict|choice)>\s*([AB])\s*</"),
    re.compile(r"(?i:\banswer\s*[:：]\s*)([ab])(?=\W*$)", re.MULTILINE),
)
_ADVERB = (
    r"(?:(?:slightly|much|clearly|overall|definitely|marginally|far|significantly|somewhat|a bit|a little|generally"
)
_ADVERB += (
    r"|probably|likely|arguably|also|still|certainly|therefore|thus|by far|considerably|indeed|the|a|an)\s+){0,3}"
)
_BE = r"\s+(?:is|was|seems|appears|sounds|reads|looks|provides|offers|gives)\s+(?:to be\s+)?"
_ASPECT = r"(?!\s+(?:in|at|when|if|on|for|regarding|with|because of|suited)\b)"
_PROSE = (
    re.compile(rf"(?i:\b(?:prefer|choose|pick|select|recommend|favou?r|go with|vote for)s?\s+(?:the\s+)?){_X}{_ENDS}"),
    re.compile(rf"\b{_X}{_BE}{_ADVERB}(?:better|best|superior|preferable|preferred|stronger|winner){_ASPECT}\b"),
    re.compile(rf"\b{_X}\s+wins\b"),
)
_WORSE = re.compile(
    rf"\b{_X}{_BE}{_ADVERB}(?:worse|inferior|less (?:accurate|faithful))\s+(?:than|to)\s+{_NOUN}?[AB]\b"
)
_WEAK = (
    re.compile(rf"\b{_X}{_BE}{_ADVERB}more\s+\w+"),
    re.compile(rf"\b{_X}{_BE}{_ADVERB}(?:better|superior|stronger)\b"),
    re.compile(
        rf"\b{_X}\s+{_ADVERB}(?:better|more\s+\w+ly)\s+(?:conveys|captures|reflects|preserves|renders|expresses)"
    ),
)
_DOUBT = re.compile(
    r"(?i:\b(?:neither|nor|not|never|no|whether|if|unless|could|might|may|which|both|either|hardly|says|said)\b"
    r"|n['’]t\b|(?:\b(?:and|or|than|versus|vs)\b|[/&])\W*$)"
)

_MAX_FOUND = 100  # the last ones count
_ASKED = re.compile(r"[^.!?\n]{0,200}\?")
_TIE = re.compile(
    rf"{_LABEL}\W*(?i:(?:a |it is a )?(?:tie|draw)|neither|both|none|equal\w*|either|undecided|unclear|cannot)\b"
)


class _Found(NamedTuple):
    position: int
    letter: Preference


def parse_preference(text: str) -> Preference | Unparsed:
    """Read the verdict of a judge that was shown an A and a B; ties, refusals and contradictions are Unparsed."""
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    if stated := _in_json(said):
        return stated
    plain = re.sub(rf"[*_`{re.escape(MARKS.replace(chr(39), '').replace('’', ''))}]+|(?<!\w)['’]|['’](?!\w)", "", said)
    if len(plain) < 60 and (whole := _WHOLE.fullmatch(plain)):
        return _letter(whole[1])
    leading = _leading(plain)
    ties = [match.start() for match in _TIE.finditer(plain)]
    formal = [*([leading] if leading else []), *_all(_FORMAL, plain), *_all((_LINE,), plain)]
    prose = [*_all(_PROSE, plain), *(_Found(at, "A" if x == "B" else "B") for at, x in _all((_WORSE,), plain))]
    if formal:
        verdict = max(formal)
        if ties and ties[-1] > verdict.position:
            return unread(text, "it concludes that neither is better")
        later = [found for found in prose if found.position > verdict.position]
        if (later and max(later).letter != verdict.letter) or (leading and leading.letter != verdict.letter):
            return unread(text, "it prefers both A and B")
        return verdict.letter
    if ties:
        return unread(text, "it concludes that neither is better")
    if prose:
        return max(prose).letter
    compared = {found.letter for found in _all(_WEAK, plain)}
    if len(compared) == 1:
        return compared.pop()
    return unread(text, "it says something for both A and B" if compared else "no preference for A or B")


def _letter(text: str) -> Preference:
    return cast(Preference, text.upper())


def _in_json(said: str) -> Preference | None:
    for value in reversed(find_json(said).values):
        for key, inner in value.items() if isinstance(value, dict) else ():
            if plain_key(key) in _KEYS and isinstance(inner, str) and (whole := _WHOLE.fullmatch(inner[:60])):
                return _letter(whole[1])
    return None


def _leading(plain: str) -> _Found | None:
    """The letter that the reply opens with, unless it opens a list of both candidates."""
    match = _LEADING.match(plain)
    if not match:
        return None
    tail = plain[match.end() : plain.find("\n", match.end()) if "\n" in plain[match.end() :] else len(plain)]
    other = "B" if match[1] == "A" else "A"
    if tail.strip(" .)") and re.search(rf"(?m)^\W*{_NOUN}?{other}[).:\]]", plain[match.end() :]):
        return None
    return _Found(match.start(1), _letter(match[1]))


def _all(patterns: tuple[re.Pattern[str], ...], plain: str) -> list[_Found]:
    """Every match that stands in a statement: no negation, condition or question, and no second letter beside it."""
    found: list[_Found] = []
    for pattern in patterns:
        for match in list(pattern.finditer(plain))[-_MAX_FOUND:]:
            before = re.split(r"[.!?;:,\n]", plain[max(0, match.start() - 120) : match.start()])[-1]
            if not _ASKED.match(plain, match.end()) and not _DOUBT.search(before):
                found.append(_Found(match.start(1), _letter(match[1])))
    return found
