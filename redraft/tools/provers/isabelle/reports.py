"""What a theory's messages say of the proof in it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from redraft.tools.provers.base import Diagnostic, Kind, Result, Span, Status
from redraft.tools.provers.isabelle.messages import Message, diagnostic, goals, span, status_of, suggestion
from redraft.tools.provers.isabelle.outer import words

_GIVEN_UP = " sorry"


def reported(proof: str, messages: tuple[Message, ...], text: str, before: int) -> Result:
    """What came of `proof`, which begins after `before` code points of `text`: never more than ACCEPTED."""
    wrong = [each for each in messages if each.kind == "error"]
    if wrong:
        found = tuple(diagnostic(each, text, before) for each in wrong)
        statuses = [status_of(each.kind) for each in found]
        status = next((each for each in statuses if each is not Status.INCOMPLETE), Status.INCOMPLETE)
        return Result(status, proof, found, goals(wrong[0].text))
    up = next((word for word in words(proof) if word.text in ("sorry", "oops") and not word.quoted), None)
    if up is not None:
        why = Diagnostic(Kind.UNSOLVED, "given up here", Span(up.start, up.end))
        return Result(Status.ADMITTED, proof, (why,))
    return Result(Status.ACCEPTED, proof)


def asking(proof: str) -> tuple[str, list[Span]]:
    """`proof` with every Sledgehammer followed by a step that gives up, so that the rest is read too; and where each
    stands in `proof`."""
    spans = [Span(w.start, w.end) for w in words(proof) if w.text == "sledgehammer" and not w.quoted]
    parts = [proof[a.end if a else 0 : b.end if b else len(proof)] for a, b in pairwise([None, *spans, None])]
    return _GIVEN_UP.join(parts), spans


def back(diagnostic: Diagnostic, spans: list[Span]) -> Diagnostic:
    """`diagnostic` of what `asking` made, with its place in the proof it was made of."""
    if diagnostic.span is None:
        return diagnostic
    return replace(diagnostic, span=Span(*(_back(at, spans) for at in diagnostic.span)))


def filled(
    proof: str, spans: list[Span], messages: tuple[Message, ...], text: str, before: int
) -> tuple[str, list[Diagnostic]]:
    """`proof` with what Sledgehammer found in its place, and a diagnostic for each place where it found nothing."""
    nothing = []
    placed = [(at, each) for each in messages if (at := span(each, text, before)) is not None]
    for place in reversed(spans):
        step = suggestion(tuple(each for at, each in placed if _back(at.start, spans) == place.start))
        if step is None:
            nothing.append(Diagnostic(Kind.TACTIC, "sledgehammer found no proof", place))
        else:
            proof = proof[: place.start] + step + proof[place.end :]
    return proof, nothing[::-1]


def _back(at: int, spans: list[Span]) -> int:
    for place in reversed(spans):
        # Counted from the last: those before it have moved it as well.
        moved = len(_GIVEN_UP) * spans.index(place)
        if at - moved > place.end:
            return max(at - moved - len(_GIVEN_UP), place.end)
    return at
