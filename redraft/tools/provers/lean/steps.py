"""The steps of a Lean proof, told from its layout: text only. A step is a tactic, or what comes before `by`, an arrow
or a bullet's dot; what stands for a step that fails goes where it stood.

Lean itself decides what a proof says; here a wrong guess costs a repair, nothing else.
"""

from __future__ import annotations

import itertools
import re

from redraft.tools.provers.base import Span, Tool
from redraft.tools.provers.lean.source import bare

HOLE = "sorry"
_TOKEN = re.compile(r'"(?:[^"\\]|\\(?s:.))*"|«[^»\n]*»|[^\W\d][\w\'!?.]*|=>|:=|<;>|[()\[\]{}⟨⟩;·]|\n|[^\s]')
_OPENS, _CLOSES = "([{⟨", ")]}⟩"
_OPENERS = ("by", "=>", "do", "calc", ":=", "·", "<;>", "from")
"""What does not end a step: a new line goes on with it, or with the first of those it holds."""
_CALC = re.compile(r"_\s*(?:[=<>≤≥≠∣≡↔→⊆∈]|\w+\s*:=)")
_STATES = re.compile(r"(?:have|haveI|show|suffices|obtain|calc|_)\b.*?(?::=|\bfrom\b)", re.DOTALL)
_LEADS = re.compile(
    r"(?:by|·|\.|\||case\b|next\b|intros?\b|rintro\b|rcases\b|cases\b|cases'|induction\b|obtain\b|refine'?\b|use\b|"
    r"constructor\b|calc\b|set\b|let\b|[)\]}⟩])"
)


def split(proof: str) -> list[Span]:
    """The steps of `proof`, without the blanks and comments around them."""
    text = bare(proof)
    cuts = {0, len(text)}
    nested: list[int] = []
    """For each open bracket, how many `by` have been seen in it."""
    indent, begins, opened = -1, True, True
    for found in _TOKEN.finditer(text):
        token, at = found[0], found.start()
        if token == "\n":
            begins = True
            continue
        if begins:
            column = at - text.rfind("\n", 0, at) - 1
            if (opened or column <= indent or _CALC.match(text, at)) and (not nested or nested[-1]):
                cuts.add(at)
                indent = column
            begins = False
        if token in _OPENS:
            nested.append(0)
        elif token in _CLOSES and nested and nested.pop():
            cuts.add(at)
        elif token == "by":
            cuts.add(found.end())
            if nested:
                nested[-1] += 1
        elif token == "·" or (token == "=>" and not nested and _arm(text, at)):
            cuts.add(found.end())
        elif token == ";" and not nested:
            cuts |= {at, found.end()}
        opened = token in _OPENERS
    places = sorted(cuts)
    spans = [_trimmed(text, start, end) for start, end in itertools.pairwise(places)]
    return [span for span in spans if span.start < span.end and text[span.start : span.end] != ";"]


def step_of(proof: str, span: Span, *, last: bool = False) -> Span:
    """The step at which `span` begins, or with `last` the last that begins in it; `span` itself where there is none.

    Lean says of a whole block that it leaves goals: what is to be mended is the last step in it.
    """
    steps = split(proof)
    if last and (within := [step for step in steps if span.start <= step.start < span.end]):
        return within[-1]
    before = [step for step in steps if step.start <= span.start]
    return before[-1] if before else span


def repairs(step: str, tool: Tool) -> list[str]:
    """The step with `tool` for what proves it, or the tool alone. Nothing for a step that only leads to others."""
    plain = bare(step).rstrip()
    if found := _STATES.match(plain):
        return [f"{step[: found.end()]} by {tool.step}"] if not plain.endswith("by") else []
    if not plain or _LEADS.match(plain) or plain.endswith(_OPENERS):
        return []
    return [tool.step]


def _arm(text: str, at: int) -> bool:
    """Whether the arrow at `at` ends the head of a case, not that of a function."""
    line = text[text.rfind("\n", 0, at) + 1 : at].lstrip()
    return re.match(r"(?:\||case\b|next\b|·)", line) is not None and "fun" not in line and "λ" not in line


def _trimmed(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    return Span(start + len(part) - len(part.lstrip()), start + len(part.rstrip())) if part.strip() else Span(end, end)
