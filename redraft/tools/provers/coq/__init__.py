"""Coq, named Rocq since version 9: its sentences, its process, and what makes a proof count."""

from redraft.tools.provers.coq.contained import Limits
from redraft.tools.provers.coq.final import REALS_AXIOMS
from redraft.tools.provers.coq.prover import PRELUDE, Coq

__all__ = ["PRELUDE", "REALS_AXIOMS", "Coq", "Limits"]
