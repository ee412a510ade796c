"""Isabelle's outer syntax: words and what is quoted, statements, and the steps of a proof. Text only, no process.

What may not stand in a proof is in `forbidden`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from redraft.tools.provers.base import Problem, Span, Tool, Unstated

HOLE = "sorry"
IMPORTS = "theory Scratch imports Complex_Main begin\n"
"""What a theorem is stated in where its text says nothing of that."""
_PROOF_COMMANDS = (
    "proof qed by apply done have show hence thus obtain consider fix assume presume define let note then from with "
    "using unfolding supply moreover ultimately also finally next case sorry oops defer prefer subgoal back "
    "sledgehammer { } . .."
)
_STEPS = frozenset(_PROOF_COMMANDS.split())
_STATES = frozenset({"theorem", "lemma", "corollary", "proposition", "schematic_goal"})
_BEGINS = frozenset({"proof", "by", "apply", "using", "unfolding", "supply", "sorry", "oops", "done", ".", ".."})
_TERMINAL = frozenset({"by", "sorry", ".", ".."})
_PIECE = re.compile(
    r'(?P<quoted>"(?:[^"\\]|\\(?s:.))*(?:"|\Z)|`(?:[^`\\]|\\(?s:.))*(?:`|\Z))'
    r"|(?P<comment>\(\*)|(?P<cartouche>‹|\\<open>)"
    r"|(?P<word>[^\W\d][\w']*(?:\.[^\W\d][\w']*)*|\.\.?(?!\w)|[{}])"
    r"|\\<\^?\w+>|\S"
)
_NAME = re.compile(r"\s*(?:\([^)]*\)\s*)?(?P<name>[^\W\d][\w']*(?:\.\w+)*)\s*(?:\[[^\]]*\]\s*)?:")
_THEORY = re.compile(r"\btheory\s+(?:\"[^\"]*\"|\S+)(\s+(?:imports|keywords|begin)\b)")


class Word(NamedTuple):
    """A piece of outer syntax: a word, a string, a cartouche, or a single character. Comments are left out."""

    text: str
    start: int
    end: int
    quoted: bool


def words(text: str) -> Iterator[Word]:
    """The pieces of `text`, in order. What never ends reaches to the end."""
    at = 0
    while found := _PIECE.search(text, at):
        at = found.end()
        if found["comment"]:
            at = _nested(text, at, r"\(\*", r"\*\)")
            continue
        if found["cartouche"]:
            at = _nested(text, at, r"‹|\\<open>", r"›|\\<close>")
        yield Word(text[found.start() : at], found.start(), at, bool(found["quoted"] or found["cartouche"]))


def problem(text: str) -> Problem:
    """The problem whose statement is the last theorem of `text`, perhaps with a theory around it. Raises Unstated."""
    pieces = list(words(text))
    stated = [number for number, each in enumerate(pieces) if each.text in _STATES and not each.quoted]
    named = _NAME.match(text, pieces[stated[-1]].end) if stated else None
    if named is None:
        raise Unstated(f"no theorem with a name is stated: {text[:200]!r}")
    begins = next((each.start for each in pieces[stated[-1] :] if _is(each, _BEGINS)), None)
    ends = next((each.start for each in pieces[stated[-1] :] if _is(each, {"end"})), len(text))
    start = pieces[stated[-1]].start
    header = text[:start]
    if not _THEORY.search(header):
        header = IMPORTS + header
    return Problem(named["name"], header, text[start : ends if begins is None else begins].rstrip())


def proof(problem: Problem, written: str) -> str:
    """What `written` has after it states `problem` again, or all of it; without the theory's end."""
    pieces = list(words(written))
    again = [n for n, each in enumerate(pieces) if _is(each, _STATES) and _named(written, each) == problem.name]
    start = 0
    if again:
        start = next((each.start for each in pieces[again[-1] :] if _is(each, _BEGINS)), len(written))
    end = len(written)
    if pieces and _is(pieces[-1], {"end"}):
        end = pieces[-1].start
    return written[start:end].strip()


def theory(header: str, name: str) -> str:
    """`header` with its theory called `name`."""
    return _THEORY.sub(lambda found: f"theory {name}{found[1]}", header, count=1)


def split(proof: str) -> list[Span]:
    """The steps of `proof`: each of its commands, with what belongs to it."""
    pieces = list(words(proof))
    if not pieces:
        return []
    starts = [number for number, each in enumerate(pieces) if number == 0 or _is(each, _STEPS)]
    ends = [*(number - 1 for number in starts[1:]), len(pieces) - 1]
    return [Span(pieces[first].start, pieces[last].end) for first, last in zip(starts, ends, strict=True)]


def repairs(step: str, tool: Tool) -> list[str]:
    """The tool for a step that ends a goal; nothing for any other."""
    first = next(words(step), None)
    return [tool.step] if first is not None and _is(first, _TERMINAL) else []


def _is(word: Word, words_: frozenset[str] | set[str]) -> bool:
    return not word.quoted and word.text in words_


def _named(text: str, word: Word) -> str:
    found = _NAME.match(text, word.end)
    return found["name"] if found else ""


def _nested(text: str, at: int, opens: str, closes: str) -> int:
    depth = 1
    for found in re.compile(f"({opens})|{closes}").finditer(text, at):
        depth += 1 if found[1] else -1
        if depth == 0:
            return found.end()
    return len(text)
