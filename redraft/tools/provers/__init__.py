"""Formal provers: whether a proof proves a given statement, checked by a program that no argument moves.

A prover's nouns are in `base`; each prover has a folder. What repairs a proof belongs in `redraft.graphs`.
"""

from redraft.tools.provers.base import (
    Diagnostic,
    Goal,
    Kind,
    Problem,
    Prover,
    ProverCrash,
    ProverMissing,
    ProverTimeout,
    Result,
    Session,
    Span,
    Status,
    Stepwise,
    Tool,
    Unstated,
)

__all__ = [
    "Diagnostic",
    "Goal",
    "Kind",
    "Problem",
    "Prover",
    "ProverCrash",
    "ProverMissing",
    "ProverTimeout",
    "Result",
    "Session",
    "Span",
    "Status",
    "Stepwise",
    "Tool",
    "Unstated",
]
