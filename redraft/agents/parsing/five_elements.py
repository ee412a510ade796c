"""What LLMOPT's parts say (arXiv 2410.13213): a model of five elements, and a diagnosis of it and of its program."""

from __future__ import annotations

import re
from typing import NamedTuple

from redraft.agents.parsing.visible import unread, visible
from redraft.schema import Unparsed

ELEMENTS = ("Sets", "Parameters", "Variables", "Objective", "Constraints")
_HEADINGS = {name: re.compile(rf"^[ \t#*_\d.)(-]*(?:decision )?{name[:-1]}", re.I | re.M) for name in ELEMENTS}
_RULING = r"\bthe {}[*_` \t]*(?:is|are)[*_`:\[ \t]*(true|false)\b(?!\s*(?:or\b|[/|]))"
_FORMULATION = re.compile(_RULING.format(r"five[- ]elements?(?: formulation)?"), re.IGNORECASE)
_CODE = re.compile(_RULING.format(r"code"), re.IGNORECASE)
_ANALYSIS = re.compile(r"\banalysis[*_` \t]*:[*_` \t]*", re.IGNORECASE)


class Diagnosis(NamedTuple):
    """Whether the five elements are right, whether the program is, and why."""

    formulation: bool
    code: bool
    analysis: str


def parse_formulation(text: str) -> str | Unparsed:
    """The reply, if each of the five elements has a line that begins with its name. What they say is not checked."""
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    missing = [name for name, heading in _HEADINGS.items() if not heading.search(said)]
    return unread(text, f"no {', '.join(missing)}") if missing else said


def parse_diagnosis(text: str) -> Diagnosis | Unparsed:
    """Read `The five-element is True. / The code is False. / Analysis: ...`.

    Unparsed where either is not said, or both ways: a judge that repeats what it read says both.
    """
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    rulings = [{word.lower() for word in pattern.findall(said)} for pattern in (_FORMULATION, _CODE)]
    if any(len(words) != 1 for words in rulings):
        return unread(text, "whether five-element and code are true is not said, or both ways")
    formulation, code = (words == {"true"} for words in rulings)
    analysis = _ANALYSIS.search(said)
    return Diagnosis(formulation, code, said[analysis.end() if analysis else 0 :].strip("`* \n"))
