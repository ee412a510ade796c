"""Isabelle/HOL as a prover: each proof a theory of its own, loaded into the session of a server that stays."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from redraft.tools.provers.base import (
    Diagnostic,
    Kind,
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
from redraft.tools.provers.isabelle import outer
from redraft.tools.provers.isabelle.final import by_theory, verify
from redraft.tools.provers.isabelle.forbidden import forbidden
from redraft.tools.provers.isabelle.reports import asking, back, filled, reported
from redraft.tools.provers.isabelle.server import Address, Server, find
from redraft.tools.provers.isabelle.tools import HOL

LIMITS = Limits(memory=64 << 30)
"""Java and Poly/ML map far more than they use."""


class Isabelle:
    """At most `workers` servers, each with a session of `session` and one proof at a time, in `seconds` of wall time.

    `command` is how Isabelle is started where it is not the one on the PATH, `readable` what it then needs to read;
    with `address` a server is used that is there already: then it is its keeper who contains it. A proof may rest on
    `oracles`. Belongs to the event loop in which it is first used. Raises ProverMissing where Isabelle is not
    installed; SandboxUnusable comes with the first proof where nothing can keep it in, unless `unsafe`.
    """

    name = "isabelle"
    hole = outer.HOLE

    def __init__(
        self,
        *,
        session: str = "HOL",
        address: Address | None = None,
        command: Sequence[str] = (),
        readable: Sequence[Path] = (),
        workers: int = 1,
        seconds: float = 60.0,
        oracles: frozenset[str] = frozenset(),
        tools: Sequence[Tool] = HOL,
        limits: Limits = LIMITS,
        unsafe: bool = False,
    ) -> None:
        self.tools = tuple(tools)
        self._address = address
        self._command, self._readable = ((), ()) if address else find(command, readable)
        self._session, self._seconds, self._oracles = session, seconds, oracles
        self._limits, self._unsafe = limits, unsafe
        self._turns = asyncio.Semaphore(workers)
        self._idle: list[Server] = []

    def problem(self, statement: str) -> Problem:
        """The last theorem of `statement`, in its theory or in Complex_Main. Raises Unstated."""
        return outer.problem(statement)

    def proof(self, problem: Problem, written: str) -> str:
        """What comes after the statement, without the theory's end."""
        return outer.proof(problem, written)

    def split(self, proof: str) -> list[Span]:
        """The commands of `proof`."""
        return outer.split(proof)

    def repairs(self, step: str, tool: Tool) -> list[str]:
        """The tool for a step that ends a goal."""
        return outer.repairs(step, tool)

    async def check(self, problem: Problem, proof: str) -> Result:
        """Whether Isabelle finds no error. Where nothing but calls of Sledgehammer is left to be done, the result's
        proof has what it found in their place. Raises ProverMissing, SandboxUnusable."""
        return await self._told(proof, lambda server: self._check(server, problem, proof))

    async def verify(self, problem: Problem, proof: str) -> Result:
        """Whether `proof` proves the statement (see `final`). Raises ProverMissing, SandboxUnusable."""
        return await self._told(proof, lambda server: verify(server, problem, proof, self._oracles, 2 * self._seconds))

    async def aclose(self) -> None:
        """End every server. May be called more than once."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(server.close() for server in idle))

    async def _check(self, server: Server, problem: Problem, proof: str) -> Result:
        if found := forbidden(proof):
            return Result(Status.FAILED, proof, (found,))
        asked, spans = asking(proof)
        name = f"Redraft_{uuid4().hex[:12]}"
        before = f"{outer.theory(problem.header, name)}{problem.statement}\n"
        text = f"{before}{asked}\nend\n"
        messages = by_theory(await server.use({name: text}, self._seconds)).get(name)
        if messages is None:
            raise ProverCrash("Isabelle's server says nothing of the theory")
        result = reported(proof, messages, text, len(before))
        if not spans:
            return result
        result = replace(result, diagnostics=tuple(back(each, spans) for each in result.diagnostics))
        now, nothing = filled(proof, spans, messages, text, len(before))
        if nothing or result.status is Status.FAILED:
            return replace(result, status=Status.FAILED, diagnostics=(*nothing, *result.diagnostics))
        again = await self._check(server, problem, now)
        if again.status in (Status.ACCEPTED, Status.ADMITTED):
            return again
        why = f"what sledgehammer found does not go through: {again.diagnostics[0].message}"
        return Result(Status.FAILED, proof, (Diagnostic(Kind.TACTIC, why, spans[0]),))

    async def _told(self, proof: str, ask: Callable[[Server], Awaitable[Result]]) -> Result:
        begun = time.perf_counter()
        try:
            async with self._server() as server:
                begun = time.perf_counter()
                told = await ask(server)
        except (ProverCrash, Unstated) as error:
            told = fault(error, proof)
        return replace(told, seconds=time.perf_counter() - begun)

    @asynccontextmanager
    async def _server(self) -> AsyncIterator[Server]:
        """A server for one proof; one that went wrong is not used again."""
        async with self._turns:
            server = self._idle.pop() if self._idle else await self._started()
            try:
                yield server
            except BaseException as error:
                if isinstance(error, Unstated):
                    self._idle.append(server)
                else:
                    await asyncio.shield(server.close())
                raise
            self._idle.append(server)

    async def _started(self) -> Server:
        if self._address is not None:
            return await Server.reach(self._address, self._session)
        return await Server.start(self._command, self._readable, self._session, self._limits, self._unsafe)
