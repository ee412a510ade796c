"""Provers that are started when the first theorem for them comes, so that whoever holds them need not wait."""

from __future__ import annotations

import asyncio

from redraft.tools.provers.base import Prover


class OnDemand:
    """Provers by name, each opened once with `workers` processes (0: one for each core), `seconds` for each step."""

    def __init__(self, *, workers: int = 0, seconds: float = 10.0, unsafe: bool = False) -> None:
        self._workers, self._seconds, self._unsafe = workers, seconds, unsafe
        self._open: dict[str, Prover] = {}

    def get(self, name: str) -> Prover:
        """The prover called `name`. Raises ConfigError where there is none, ProverMissing where it is not installed."""
        from redraft.tools.provers.open import open_prover  # Here, since every start of redraft loads this file.

        if name not in self._open:
            self._open[name] = open_prover(name, workers=self._workers, seconds=self._seconds, unsafe=self._unsafe)
        return self._open[name]

    async def aclose(self) -> None:
        """End every process. May be called more than once."""
        await asyncio.gather(*(prover.aclose() for prover in self._open.values()))
