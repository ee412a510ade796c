"""Isabelle/HOL: theories, the server that loads them, and what makes a proof count."""

from redraft.tools.provers.isabelle.prover import LIMITS, Isabelle
from redraft.tools.provers.isabelle.server import Address
from redraft.tools.provers.isabelle.tools import HOL

__all__ = ["HOL", "LIMITS", "Address", "Isabelle"]
