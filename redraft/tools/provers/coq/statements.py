"""A whole statement as a person or a file gives it, imports and all, taken apart into a problem. Text only."""

from __future__ import annotations

import re

from redraft.tools.provers.base import Problem, Unstated
from redraft.tools.provers.coq.sentences import split, without_comments

_STATES = re.compile(
    r"(?:#\[[^\]]*\]\s*)*(?:(?:Local|Global|Program|Polymorphic|Monomorphic)\s+)*"
    r"(?:Theorem|Lemma|Fact|Remark|Corollary|Proposition|Property|Example)\s+([^\W\d][\w']*)"
)
_ENDED = re.compile(r"(?:Qed|Defined|Save|Admitted|Abort)\b")
_BEGINS = re.compile(r"Proof\s*\.")


def problem(text: str) -> Problem:
    """The problem whose statement is the last sentence of `text`, and whose header is all that comes before it.

    `Proof.` may stand at the end. Raises Unstated where the last sentence states no theorem.
    """
    spans = split(text)
    if spans and _BEGINS.fullmatch(without_comments(text[slice(*spans[-1])])):
        spans.pop()
    last = text[slice(*spans[-1])] if spans else ""
    found = _STATES.match(without_comments(last))
    if found is None or not last.endswith("."):
        raise Unstated(f"the last sentence states no theorem that ends with a full stop: {last[:200]!r}")
    return Problem(found[1], text[: spans[-1].start], last)


def proof(name: str, written: str) -> str:
    """What `written` has after its last statement of the theorem `name`, or all of it; ended by `Qed` if it has no end.

    An empty text stays empty.
    """
    spans = split(written)
    stated = [found[1] if (found := _STATES.match(written[slice(*span)])) else "" for span in spans]
    if name in stated:
        last = len(stated) - 1 - stated[::-1].index(name)
        spans = spans[last + 1 :]
    if not spans:
        return ""
    text = written[spans[0].start : spans[-1].end]
    ended = any(_ENDED.match(written[slice(*span)]) for span in spans)
    return text if ended else f"{text}\nQed."
