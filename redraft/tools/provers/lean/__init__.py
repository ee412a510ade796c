"""Lean 4: whole files, its JSON messages, and what makes a proof count."""

from redraft.tools.provers.lean.final import CLASSICAL
from redraft.tools.provers.lean.prover import LIMITS, Lean
from redraft.tools.provers.lean.tools import CORE, MATHLIB

__all__ = ["CLASSICAL", "CORE", "LIMITS", "MATHLIB", "Lean"]
