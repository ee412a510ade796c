"""Lean 4 as a prover: each proof a file of its own, checked whole by a process of its own."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from pathlib import Path

from redraft.tools.provers.base import (
    Problem,
    ProverCrash,
    Result,
    Span,
    Status,
    Tool,
    Unstated,
    fault,
)
from redraft.tools.provers.contained import Limits
from redraft.tools.provers.lean import source, steps
from redraft.tools.provers.lean.final import CLASSICAL, verify
from redraft.tools.provers.lean.forbidden import forbidden
from redraft.tools.provers.lean.reports import filled, reported
from redraft.tools.provers.lean.toolchain import Toolchain, find
from redraft.tools.provers.lean.tools import MATHLIB

LIMITS = Limits(memory=32 << 30)
"""Mathlib's modules alone are mapped into 7 GB."""


class Lean:
    """At most `workers` processes at once, each with `seconds` of wall time.

    `project` is a folder with what proofs import, its dependencies built; `path` are more folders with compiled
    modules; `command` is how Lean is started where it is not the one on the PATH, `readable` what it then needs to
    read. A proof may rest on `axioms`. `checker` is a program that replays a module's declarations through the kernel,
    such as `leanchecker`: where one is given, `verify` runs it with the module's name.

    Raises ProverMissing where Lean is not installed, ConfigError where `project` is none; SandboxUnusable comes with
    the first proof where nothing can keep it in, unless `unsafe`.
    """

    name = "lean"
    hole = steps.HOLE

    def __init__(
        self,
        *,
        project: Path | None = None,
        command: Sequence[str] = (),
        path: Sequence[Path] = (),
        readable: Sequence[Path] = (),
        workers: int = 0,
        seconds: float = 60.0,
        axioms: frozenset[str] = CLASSICAL,
        tools: Sequence[Tool] = MATHLIB,
        checker: Sequence[str] = (),
        limits: Limits = LIMITS,
        unsafe: bool = False,
    ) -> None:
        self.tools = tuple(tools)
        self._lean: Toolchain = find(project, command, path, readable, limits, unsafe)
        self._seconds, self._axioms, self._checker = seconds, axioms, tuple(checker)
        self._turns = asyncio.Semaphore(workers or len(os.sched_getaffinity(0)))

    def problem(self, statement: str) -> Problem:
        """The last theorem of `statement`, perhaps with `sorry` for its proof. Raises Unstated."""
        return source.problem(statement)

    def proof(self, problem: Problem, written: str) -> str:
        """What comes after `:=`, or after `:= by` where the statement ends with that."""
        return source.proof(problem, written)

    def split(self, proof: str) -> list[Span]:
        """The tactics of `proof`, and what leads to each."""
        return steps.split(proof)

    def repairs(self, step: str, tool: Tool) -> list[str]:
        """The tool for a tactic, or for what proves the claim that the step makes."""
        return steps.repairs(step, tool)

    async def check(self, problem: Problem, proof: str) -> Result:
        """Whether Lean finds no error. Where it finds none, the result's proof has what tactics that search
        (`exact?`) found in their place. Raises SandboxUnusable."""
        return await self._told(proof, self._check(problem, proof))

    async def verify(self, problem: Problem, proof: str) -> Result:
        """Whether `proof` proves the statement (see `final`). Raises SandboxUnusable."""
        return await self._told(
            proof, verify(self._lean, problem, proof, self._axioms, self._checker, 2 * self._seconds)
        )

    async def aclose(self) -> None:
        """Nothing is left running between two proofs."""

    async def _check(self, problem: Problem, proof: str) -> Result:
        if found := forbidden(proof):
            return Result(Status.FAILED, proof, (found,))
        ran = await self._lean.run("Check", "".join(source.stated(problem, proof)) + "\n", self._seconds)
        result = reported(problem, proof, ran)
        now = filled(problem, proof, ran)
        if now == proof or result.diagnostics:
            return result
        again = await self._check(problem, now)
        return result if again.diagnostics else again

    async def _told(self, proof: str, result: Awaitable[Result]) -> Result:
        async with self._turns:
            begun = time.perf_counter()
            try:
                told = await result
            except (ProverCrash, Unstated) as error:
                told = fault(error, proof)
            return replace(told, seconds=time.perf_counter() - begun)
