"""A prover by its name, as a person types it. What each of them needs is in docs/provers.md."""

from __future__ import annotations

from redraft.errors import ConfigError
from redraft.tools.provers.base import Prover
from redraft.tools.provers.coq import Coq

PROVERS = ("coq", "rocq")
"""The names there are; some of them mean the same prover."""


def open_prover(name: str, *, workers: int = 0, seconds: float = 10.0, unsafe: bool = False) -> Prover:
    """The prover called `name`, with at most `workers` processes (0: one for each core) and `seconds` for a step.

    Raises ConfigError where there is none of that name, ProverMissing where it is not installed.
    """
    match name.strip().lower():
        case "coq" | "rocq":
            return Coq(workers=workers, seconds=seconds, unsafe=unsafe)
        case _:
            raise ConfigError(f"no prover is called {name!r}: there are {', '.join(PROVERS)}")
