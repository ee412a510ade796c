"""What a prover found, in words for a model: the step, the error, the goals."""

from __future__ import annotations

from collections.abc import Sequence

from redraft.tools.provers.base import Diagnostic, Goal

MOST = 2_000
"""Characters of a message or a goal; the rest is left out."""


def told(diagnostic: Diagnostic, goals: Sequence[Goal], proof: str) -> str:
    """`diagnostic`, the step of `proof` that it is about, and the goals that are open there."""
    lines = [f"{diagnostic.kind.value}: {_cut(diagnostic.message)}"]
    if diagnostic.span is not None:
        lines += ["At:", _cut(proof[diagnostic.span.start : diagnostic.span.end])]
    for number, goal in enumerate(goals[:3], 1):
        lines += [f"Goal {number} of {len(goals)}:", _cut("\n".join((*goal.hypotheses, f"|- {goal.conclusion}")))]
    return "\n".join(lines)


def _cut(text: str) -> str:
    return text if len(text) <= MOST else f"{text[:MOST]} ..."
