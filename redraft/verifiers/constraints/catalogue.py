"""Every kind of constraint that can be checked, and how one is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import ValidationError, validate_call

from redraft.schema import Constraint, Failure, Verdict
from redraft.verifiers.constraints import keywords, language, length, pattern, shape
from redraft.verifiers.constraints.check import Checker, Unchecked

CHECKS: Mapping[str, Checker] = {
    kind: validate_call(check)
    for family in (length, keywords, shape, language, pattern)
    for kind, check in family.CHECKS.items()
}
"""From the kind of constraint to its check, which looks its arguments over first."""


def check(constraint: Constraint, text: str, *, loose: bool = False) -> Verdict | Failure:
    """Whether `text` keeps to `constraint`: score 1 or 0, and what was wanted and found as evidence.

    A blank text keeps to nothing. `loose` (IFEval's second reading, section 2.2 of arXiv 2311.07911) is content where
    the text would keep to it without its first line, its last line, both, or its asterisks. Failure (`unknown_kind`,
    `bad_arguments`) where the constraint cannot be checked. Raises MissingExtra where a package is not installed.
    """
    if (checker := CHECKS.get(constraint.kind)) is None:
        return Failure(cause="unknown_kind", message=f"{constraint.kind}: no such kind of constraint")
    text = text.encode(errors="replace").decode()
    try:
        kept, wanted, found = checker(text, **constraint.arguments)
        if loose and not kept:
            kept = any(checker(variant, **constraint.arguments).kept for variant in _variants(text))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        return Failure(cause="bad_arguments", message=f"{constraint.kind}: {wrong}")
    except Unchecked as error:
        return Failure(cause=error.cause, message=f"{constraint.kind}: {error}")
    if not text.strip():
        kept, found = False, "nothing is written"
    return Verdict(
        verifier=constraint.kind, signal="tool", score=float(kept), passed=kept, evidence=f"{wanted}: {found}"
    )


def _variants(text: str) -> Iterator[str]:
    lines = text.split("\n")
    for cut in (lines, lines[1:], lines[:-1], lines[1:-1]):
        whole = "\n".join(cut).strip()
        for variant in (whole, whole.replace("*", "")):
            if variant.strip() and variant != text:
                yield variant
