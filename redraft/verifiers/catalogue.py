"""Every kind of verifier there is. A new one is added here, and nowhere else."""

from __future__ import annotations

from redraft.verifiers import chrf, clue, code, comet, formal, maths, pairwise, person, reward, semantic_entropy, vote
from redraft.verifiers.constraints import verifier as constraints
from redraft.verifiers.judges import constraint, critique, error_detection, proof, rubric, self_reference
from redraft.verifiers.kind import Kind
from redraft.verifiers.rules import verifier as rules

KINDS: tuple[Kind, ...] = (
    *chrf.KINDS,
    comet.KIND,
    *reward.KINDS,
    *constraints.KINDS,
    rubric.KIND,
    constraint.KIND,
    critique.KIND,
    error_detection.KIND,
    *self_reference.KINDS,
    *proof.KINDS,
    pairwise.KIND,
    semantic_entropy.KIND,
    clue.KIND,
    maths.KIND,
    *code.KINDS,
    formal.KIND,
    person.KIND,
    *rules.KINDS,
    vote.KIND,
)
