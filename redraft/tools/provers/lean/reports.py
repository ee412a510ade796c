"""What a run says of a proof: each message's place in the proof's own text, at the step that is to be mended."""

from __future__ import annotations

import re

from redraft.tools.provers.base import Diagnostic, Kind, Problem, Result, Span, Status
from redraft.tools.provers.lean.messages import Message, gives_up, goals, kind_of, status_of, suggestion
from redraft.tools.provers.lean.source import bare, place, stated
from redraft.tools.provers.lean.steps import step_of
from redraft.tools.provers.lean.toolchain import Ran

_UP = re.compile(r"(?<![\w.'])(?:sorry|admit|stop)(?![\w'!?])")
_ASKS = re.compile(r"[\w']+\?")


def reported(problem: Problem, proof: str, ran: Ran) -> Result:
    """What came of `proof`, as its run says: never more than ACCEPTED."""
    errors = ran.errors
    found = tuple(_diagnostic(problem, proof, each) for each in errors)
    if found:
        statuses = [status_of(each.kind) for each in found]
        status = next((each for each in statuses if each is not Status.INCOMPLETE), Status.INCOMPLETE)
        shown = next((each for each in map(goals, (error.text for error in errors)) if each), ())
        return Result(status, proof, found, shown)
    before = f"{problem.header}"
    text = "".join(stated(problem, proof))
    if any(gives_up(each) and place(text, *each.start) >= len(before) for each in ran.messages):
        up = Diagnostic(Kind.UNSOLVED, "given up here", given_up(proof))
        return Result(Status.ADMITTED, proof, (up,))
    return Result(Status.ACCEPTED, proof)


def given_up(proof: str) -> Span | None:
    """The first word that takes something as true."""
    found = _UP.search(bare(proof))
    return Span(*found.span()) if found else None


def filled(problem: Problem, proof: str, ran: Ran) -> str:
    """`proof` with what tactics that search (`exact?`) found in their place, as they say."""
    before, text = stated(problem, proof)
    places: dict[Span, str] = {}
    for message in ran.messages:
        instead = suggestion(message)
        span = _span(before + text, len(before), message)
        if instead and span and _ASKS.match(proof[span.start : span.end]):
            places.setdefault(span, instead)
    for span, instead in sorted(places.items(), reverse=True):
        proof = proof[: span.start] + instead + proof[span.end :]
    return proof


def _diagnostic(problem: Problem, proof: str, message: Message) -> Diagnostic:
    before, text = stated(problem, proof)
    kind = kind_of(message)
    span = _span(before + text, len(before), message)
    if span is not None:
        within = step_of(proof, span, last=kind is Kind.UNSOLVED)
        if kind is Kind.UNSOLVED or not within.start <= span.start < within.end:
            span = within
    return Diagnostic(kind, message.text.strip()[:4000], span)


def _span(whole: str, before: int, message: Message) -> Span | None:
    """Where in the proof the message points; None where it points before it."""
    start = place(whole, *message.start) - before
    end = place(whole, *message.end) - before if message.end else start + 1
    # `by` of the statement itself is the proof's too: what it leaves is left by the proof.
    if start < 0 < end and kind_of(message) is Kind.UNSOLVED:
        start = 0
    length = len(whole) - before
    return Span(min(start, length), min(max(end, start), length)) if start >= 0 else None
