"""Every kind of verifier there is. A new one is added here, and nowhere else."""

from __future__ import annotations

from redraft.verifiers import chrf, comet, person
from redraft.verifiers.kind import Kind

KINDS: tuple[Kind, ...] = (
    *chrf.KINDS,
    comet.KIND,
    person.KIND,
)
