"""What Isabelle's messages say: what is wrong and where, what is left to show, what was found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from redraft.tools.provers.base import Diagnostic, Goal, Kind, Span, Status
from redraft.tools.provers.isabelle.symbols import code_point

_KINDS = (
    (Kind.TIMEOUT, r"Timeout|timed out|Interrupt"),
    (Kind.RESOURCE, r"[Oo]ut of memory|Stack overflow|exception Size"),
    (
        Kind.PARSE,
        r"Outer syntax error|Inner syntax error|Inner lexical error|Malformed|Bad context for command|"
        r"Illegal application of (?:proof )?command|Undefined command|Failed to parse",
    ),
    (
        Kind.UNKNOWN_NAME,
        r"Undefined (?:fact|method|attribute|constant|type|case|theory|locale)|Unknown|Bad fact|No such",
    ),
    (
        Kind.TYPE,
        r"Type unification failed|Type error|Clash of types|Bad number of arguments|Undeclared type|No type arity",
    ),
    (Kind.UNSOLVED, r"Failed to finish proof|unsolved goals|Unfinished|goals? left"),
)
_STATUS = {Kind.TIMEOUT: Status.TIMEOUT, Kind.RESOURCE: Status.CRASH, Kind.UNSOLVED: Status.INCOMPLETE}
_FOUND = re.compile(r"Try this: (?P<step>.*?)\s*(?:\((?P<time>[\d.]+) (?P<unit>ms|s)\))?\s*\Z", re.DOTALL)
_SUBGOAL = re.compile(r"^ +\d+\. (.*(?:\n {4,}.*)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `kind` is error, warning, writeln and so on; `start` and `end` are symbols of the theory, from 1."""

    kind: str
    text: str
    start: int = 0
    end: int = 0


def read(node: object) -> tuple[Message, ...]:
    """The messages of one node of a `use_theories` result, or its `errors`. What is no message is left out."""
    said = cast("Mapping[str, object]", node).get("messages", ()) if isinstance(node, dict) else node
    found = []
    for each in said if isinstance(said, list) else []:
        if isinstance(each, dict) and isinstance(each.get("message"), str):
            at = each["pos"] if isinstance(each.get("pos"), dict) else {}
            start, end = (at.get(name) for name in ("offset", "end_offset"))
            places = [place if isinstance(place, int) else 0 for place in (start, end)]
            found.append(Message(str(each.get("kind", "")), each["message"], *places))
    return tuple(found)


def kind_of(text: str) -> Kind:
    """What the message `text` is about; a tactic's failure where nothing else is known of it."""
    flat = " ".join(text.split())
    return next((kind for kind, pattern in _KINDS if re.search(pattern, flat)), Kind.TACTIC)


def status_of(kind: Kind) -> Status:
    """What comes of a proof that has an error of that kind. A step that does not finish its goal is a failed one."""
    return _STATUS.get(kind, Status.FAILED)


def span(message: Message, text: str, before: int) -> Span | None:
    """Where in the proof, which begins after `before` code points of `text`, the message points; None where before."""
    if message.start < 1:
        return None
    start = code_point(text, message.start) - before
    end = code_point(text, message.end) - before
    return Span(start, max(start, end)) if start >= 0 else None


def diagnostic(message: Message, text: str, before: int) -> Diagnostic:
    plain = re.sub(r"\\<\^here>", "", message.text).strip()
    return Diagnostic(kind_of(plain), plain[:4000], span(message, text, before))


def goals(text: str) -> tuple[Goal, ...]:
    """The subgoals that a message lists, with what they suppose."""
    found = []
    for subgoal in _SUBGOAL.findall(text):
        flat = re.sub(r"^(?:\\<And>|⋀)[^.]*\.\s*", "", " ".join(subgoal.split()))
        premises, arrow, conclusion = flat.rpartition("\\<Longrightarrow>" if "\\<Longrightarrow>" in flat else "⟹")
        whole = re.sub(r"^(?:\\<lbrakk>|⟦)|(?:\\<rbrakk>|⟧)$", "", premises.strip()).strip()
        kept = tuple(each.strip() for each in whole.split(";")) if arrow else ()
        found.append(Goal(kept, conclusion.strip()))
    return tuple(found)


def suggestion(messages: tuple[Message, ...]) -> str | None:
    """The proof that Sledgehammer found, the fastest of those it says how long they took; None where it found none."""
    found = [each for each in (_FOUND.search(message.text) for message in messages) if each]
    unit = {"ms": 0.001, "s": 1.0, None: 0.0}
    times = [float(each["time"] or 1e9) * (unit[each["unit"]] or 1.0) for each in found]
    return min(zip(times, found, strict=True), key=lambda pair: pair[0])[1]["step"] if found else None
