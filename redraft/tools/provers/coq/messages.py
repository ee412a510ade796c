"""What Coq's error messages are about."""

from __future__ import annotations

import re

from redraft.tools.provers.base import Diagnostic, Kind, Span, Status

_KINDS = (
    (Kind.TIMEOUT, r"Timeout!"),
    (Kind.RESOURCE, r"Out of memory|Stack overflow|Out_of_memory|Stack_overflow"),
    (Kind.PARSE, r"Syntax error|Lexer error|Undefined token|Unterminated|Illegal begin of|Unknown interpretation"),
    (
        Kind.UNKNOWN_NAME,
        r"was not found in the current environment|Cannot find a physical path|Unable to locate library|"
        r"Cannot find library|not a defined object|No such hypothesis|Unknown (?:command|scope|tactic)",
    ),
    (
        Kind.UNSOLVED,
        r"Attempt to save an incomplete proof|is not finished|pending proofs|cannot be unfocused|"
        r"unresolved existential|[Pp]roof is not complete|unfocused goals|is not fully unfocused",
    ),
    (Kind.TYPE, r"The term .* has type|is expected to have type|Illegal application|ill-typed|should be (?:Set|Prop)"),
)
_FOUND = re.compile(r"Replace the hammer tactic with:\s*(.+?)\.?\s*\Z", re.DOTALL)
_STATUS = {Kind.TIMEOUT: Status.TIMEOUT, Kind.RESOURCE: Status.CRASH, Kind.UNSOLVED: Status.INCOMPLETE}


def diagnose(message: str, span: Span | None = None) -> Diagnostic:
    """What `message` is about; a tactic's failure where nothing else is known of it."""
    flat = " ".join(message.split())
    kind = next((kind for kind, pattern in _KINDS if re.search(pattern, flat)), Kind.TACTIC)
    return Diagnostic(kind, message.strip()[:4000], span)


def found(said: str) -> str | None:
    """The step that the hammer says may stand for it; None where it says nothing."""
    if (reported := _FOUND.search(said)) is None:
        return None
    # It prints `srun eauto use: x`, which Coq reads as `eauto use`, and then stops at the colon.
    return re.sub(r"^srun (\w+)", r"srun (\1)", f"{' '.join(reported[1].split())}.")


def status_of(diagnostic: Diagnostic) -> Status:
    """What comes of a proof that stops at `diagnostic`."""
    return _STATUS.get(diagnostic.kind, Status.FAILED)
