"""Which of two texts a judge prefers: A, B, or Unparsed.

A verdict has to be said: letters are never counted, and "both", "neither" and "A or B" are no verdict. Three ways of
saying it, strongest first: an announcement ("Answer: B", "I prefer B", "overall, B is better"), of which the last one
counts; a letter that stands alone at the head or the foot of the reply; a comparison ("A is more accurate"), if all
comparisons agree. A lone letter that contradicts an announcement makes the reply unreadable.
"""

from __future__ import annotations

import re
from typing import Literal, cast

from redraft.agents.parsing.visible import unread, visible
from redraft.schema import Unparsed

Preference = Literal["A", "B"]

_M = r"[\s*_`\"'“”„‘’«»()\[\]{}$\\]{0,9}"  # marks around a word
_NOUN = r"(?:(?i:the\s+)?(?i:translation|answer|option|response|text|version|candidate|choice)(?![\w]))?"
_BOX = r"(?:\\(?:boxed|text|textbf|mathrm|mathbf)\s*\{\s*){0,2}"
_OTHER = rf"\W{{0,4}}(?:\b(?:and|or|nor|vs)\b|[/&=+]){_M}{_NOUN}{_M}[AB]\b"
_LETTER = rf"{_M}{_NOUN}{_M}{_BOX}{_M}([AB])(?![\w'’])(?!{_OTHER})"
_STOP = rf"(?={_M}(?:[.,;:!?\n]|\Z|(?:because|since|as|for|due|over|with|by|is|it)\b|[–—(-]))"
_WORD = (
    r"(?i:answer|verdict|choice|preference|decision|conclusion|judge?ment|winner|pick"
    r"|(?:better|best|preferred|superior)(?:\s+(?:one|translation|answer|option|response|version|choice|text))?)"
)
_IS = rf"{_M}(?:(?i:is|would be|goes to|remains)\b\s*[:：]?|[:：=]|[–—-]>?)"

_WHOLE = re.compile(rf"{_M}{_NOUN}{_M}{_BOX}{_M}([ABab]){_M}[.!]?{_M}")
_HEAD = re.compile(rf"{_LETTER}(?:{_M}(?:[.):,;!]|\n|[–—]|-\s)|[*_`\"'”»)\]}}]+(?:\s|\Z))")
_FOOT = re.compile(rf"(?:\A|\n){_M}{_NOUN}{_M}{_BOX}{_M}([AB]){_M}[.!]?{_M}\Z")
_ANNOUNCED = re.compile(
    rf"\b{_WORD}{_IS}{_LETTER}{_STOP}"
    rf"|\b(?i:prefer|choose|chose|pick|select|go with|vote for|favou?r){_LETTER}{_STOP}"
    rf"|\\boxed\s*\{{{_M}{_BOX}{_NOUN}{_M}([AB]){_M}\}}"
    rf"|\b(?i:overall|therefore|thus|hence|in conclusion|in summary|so)\b,?{_LETTER}\s+(?i:is|reads|wins)\b"
    rf"(?i:\s+(?:the\s+)?(?:clearly\s+|slightly\s+)?(?:better|best|preferable|preferred|superior|winner|more\s))"
    rf"|(?m:^{_M}(?i:answer|verdict){_M}[:：]{_M}([ab]){_M}[.!]?\s*$)"
    rf"|\b{_WORD}{_IS}{_M}(?i:neither|both|equal|none|a\s+tie|tie|unclear|undecided|not\b)()"
)
_GOOD = (
    r"(?:(?:the\s+|a\s+|clearly\s+|slightly\s+|much\s+|far\s+|overall\s+)*(?:better|best|preferable|preferred|superior"
    r"|winner)|(?:the\s+)?more\s+(?:accurate|adequate|appropriate|complete|correct|faithful|fluent|idiomatic|natural"
    r"|precise|readable|suitable))\b"
)
_COMPARED = re.compile(
    rf"(?:(?<=\s)|(?<=[*_`\"'“(\[])|(?<=\A)){_NOUN}{_M}([AB]){_M}\s*\b(?:is|reads|sounds|seems)\s+(?i:{_GOOD})"
    r"(?!\s+or\b)"
)
_UNDECIDED = re.compile(r"\b(?:neither|nor|both|whether|if|unless|not|never|no|and|or)\b|n['’]t\b", re.IGNORECASE)


def parse_preference(text: str) -> Preference | Unparsed:
    """The judge's verdict. A lower-case letter counts only as the whole reply or after `Answer:` at a line's end."""
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    if whole := _WHOLE.fullmatch(said):
        return _letter(whole[1])
    lone = {found[1] for found in (_HEAD.match(said), _FOOT.search(said)) if found}
    announced = [next((group for group in found.groups() if group), "") for found in _ANNOUNCED.finditer(said)]
    if announced:
        last = announced[-1].upper()
        if not last:
            return unread(text, "the verdict prefers neither")
        return unread(text, "the verdict contradicts itself") if lone - {last} else _letter(last)
    if lone:
        return _letter(lone.pop()) if len(lone) == 1 else unread(text, "the verdict contradicts itself")
    compared = {found[1] for found in _COMPARED.finditer(said) if not _doubted(said, found.start())}
    return _letter(compared.pop()) if len(compared) == 1 else unread(text, "no verdict for A or B")


def _doubted(said: str, at: int) -> bool:
    """Whether the clause before `at` takes back what follows: "neither A nor B is better", "I doubt whether A ..."."""
    clause = re.split(r"[.;,:\n]", said[max(0, at - 80) : at])[-1]
    return bool(_UNDECIDED.search(clause))


def _letter(letter: str) -> Preference:
    return cast(Preference, letter.upper())
