"""What Lean's messages say: what is wrong, what is left to show, what a proof rests on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from redraft.tools.provers.base import Goal, Kind, Status

_KINDS = (
    (Kind.TIMEOUT, r"\(deterministic\) timeout|maximum number of heartbeats|deadline"),
    (Kind.RESOURCE, r"maximum recursion depth|excessive memory|[Ss]tack overflow|out of memory"),
    (
        Kind.UNSOLVED,
        r"^unsolved goals|^(?:The rfl tactic|linarith) .*unsolved|don't know how to synthesize placeholder",
    ),
    (Kind.PARSE, r"^(?:<input>:\S+ )?unexpected |^unterminated|; expected |^expected |^missing end of"),
    (
        Kind.UNKNOWN_NAME,
        r"^[Uu]nknown (?:identifier|constant|tactic|namespace|option|attribute|module|package)|[Ii]nvalid field|"
        r"[Ii]nvalid (?:dotted identifier|constructor) .*unknown|object file .* does not exist|unknown tactic",
    ),
    (
        Kind.TYPE,
        r"[Tt]ype mismatch|^failed to synthesize|^[Ff]unction expected|typeclass instance problem is stuck|"
        r"^\(kernel\)|type expected|^[Ii]nvalid .*notation",
    ),
)
_STATUS = {Kind.TIMEOUT: Status.TIMEOUT, Kind.RESOURCE: Status.CRASH, Kind.UNSOLVED: Status.INCOMPLETE}
_AXIOMS = re.compile(r"^'[^']*' depends on axioms: \[(.*)\]$", re.DOTALL)
_NONE = re.compile(r"^'[^']*' does not depend on any axioms$")
_TRY = re.compile(r"^Try this:\s*(?:\[apply\]\s*)?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `severity` is error, warning or information, `kind` Lean's tag for it; a place is a line from 1 and
    a column from 0 in code points."""

    severity: str
    kind: str
    text: str
    start: tuple[int, int]
    end: tuple[int, int] | None


def read(output: str) -> Iterator[Message]:
    """The messages that `lean --json` printed, in order. What is no message (a crash says such things) is left out."""
    for line in output.splitlines():
        try:
            said = json.loads(line)
            end = said["endPos"] and (int(said["endPos"]["line"]), int(said["endPos"]["column"]))
            start = (int(said["pos"]["line"]), int(said["pos"]["column"]))
            yield Message(str(said["severity"]), str(said.get("kind", "")), str(said["data"]), start, end or None)
        except (ValueError, TypeError, KeyError):
            continue


def kind_of(message: Message) -> Kind:
    """What `message` is about; a tactic's failure where nothing else is known of it."""
    if message.kind.startswith("Tactic.unsolvedGoals"):
        return Kind.UNSOLVED
    if message.kind.startswith("lean.unknownIdentifier"):
        return Kind.UNKNOWN_NAME
    flat = " ".join(message.text.split())
    return next((kind for kind, pattern in _KINDS if re.search(pattern, flat)), Kind.TACTIC)


def status_of(kind: Kind) -> Status:
    """What comes of a proof that has an error of that kind."""
    return _STATUS.get(kind, Status.FAILED)


def gives_up(message: Message) -> bool:
    """Whether it says that a declaration uses `sorry`."""
    return message.severity == "warning" and (message.kind == "hasSorry" or "declaration uses" in message.text)


def goals(text: str) -> tuple[Goal, ...]:
    """The goals that a message shows: a paragraph each, hypotheses and then ⊢ and the conclusion."""
    found = []
    for paragraph in re.split(r"\n\s*\n", text):
        before, turnstile, conclusion = paragraph.rpartition("⊢ ")
        if turnstile:
            lines = before.removeprefix("unsolved goals").strip("\n").split("\n")
            # A hypothesis may go on in the lines below it, which are indented.
            whole = re.sub(r"\n\s+", " ", "\n".join(lines)).split("\n")
            kept = tuple(line for line in whole if re.match(r"[^:]+ : ", line))
            found.append(Goal(kept, " ".join(conclusion.split())))
    return tuple(found)


def suggestion(message: Message) -> str | None:
    """What a tactic such as `exact?` found, where this message says so."""
    found = _TRY.match(message.text)
    return found[1].strip() if found and message.severity == "information" else None


def axioms(text: str) -> tuple[str, ...] | None:
    """The axioms that `#print axioms` lists; None where this is no answer of it."""
    if _NONE.match(text):
        return ()
    found = _AXIOMS.match(text)
    return tuple(each.strip() for each in found[1].split(",")) if found else None
