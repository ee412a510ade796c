"""A prover by its name, as a person types it. What each of them needs is in docs/provers.md."""

from __future__ import annotations

from pathlib import Path

from redraft.errors import ConfigError
from redraft.tools.provers.base import Prover
from redraft.tools.provers.coq import Coq
from redraft.tools.provers.coq.contained import has_hammer
from redraft.tools.provers.isabelle import Isabelle
from redraft.tools.provers.lean import Lean

PROVERS = ("coq", "rocq", "lean", "lean4", "isabelle")
"""The names there are; some of them mean the same prover."""
_WHOLE = 6.0
"""A whole file gets so many times what a step does."""


def open_prover(
    name: str, *, workers: int = 0, seconds: float = 10.0, project: Path | None = None, unsafe: bool = False
) -> Prover:
    """The prover called `name`, with at most `workers` processes (0: what suits it) and `seconds` for a step.

    `project` is a Lean project, whose libraries proofs may import. Raises ConfigError where there is no prover of that
    name or it has no projects, ProverMissing where it is not installed.
    """
    known = name.strip().lower()
    if project is not None and known not in ("lean", "lean4"):
        raise ConfigError(f"a project is Lean's: {name!r} has none")
    match known:
        case "coq" | "rocq":
            return Coq(workers=workers, seconds=seconds, hammer=has_hammer(), unsafe=unsafe)
        case "lean" | "lean4":
            return Lean(project=project, workers=workers, seconds=_WHOLE * seconds, unsafe=unsafe)
        case "isabelle":
            return Isabelle(workers=workers or 1, seconds=_WHOLE * seconds, unsafe=unsafe)
        case _:
            raise ConfigError(f"no prover is called {name!r}: there are {', '.join(PROVERS)}")
