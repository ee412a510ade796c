"""Coq as a prover: a few warm processes, each with one problem at a time. One that ends is replaced.

A process keeps the header that it has loaded, and a problem goes to one that has its own where there is one.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

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
from redraft.tools.provers.coq.contained import Limits, program
from redraft.tools.provers.coq.final import REALS_AXIOMS, Final, state_after
from redraft.tools.provers.coq.forbidden import forbidden, gives_up
from redraft.tools.provers.coq.idetop import Idetop
from redraft.tools.provers.coq.messages import diagnose, status_of
from redraft.tools.provers.coq.repairs import HOLE, repairs
from redraft.tools.provers.coq.sentences import split
from redraft.tools.provers.coq.session import CoqSession
from redraft.tools.provers.coq.statements import problem, proof
from redraft.tools.provers.coq.tools import ARITHMETIC, HAMMER, HAMMER_PRELUDE
from redraft.tools.provers.coq.versions import adapted, library

PRELUDE = (
    "Require Import Ring Field Lia Lra Psatz PreOmega ZifyNat ZifyN ZifyBool. Require Nsatz FunctionalExtensionality."
)
"""What a proof may use whatever its problem's header imports: lia and nia know division too."""
_LOADING = 120.0


@dataclass(eq=False)
class _Worker:
    top: Idetop
    prepared: int
    """The state in which the prelude is loaded: most of what headers load is in it."""
    header: str = ""
    ready: int = 0
    """The state in which the header is loaded."""
    stated: tuple[str, int] = ("", 0)
    """The statement that was made last, and the state after it: most problems are tried many times."""
    sessions: int = 0


class Coq:
    """At most `workers` processes for `check` and `open`; `verify` starts its own, as many at once.

    `seconds` of wall time for each sentence, and ten times that for a whole verification; `axioms` are those that a
    proof may rest on, in full. `hammer` adds CoqHammer's tactics to what proofs may use, and its tools after the
    others. A process is replaced after `recycle` sessions. Belongs to the event loop in which it
    is first used. Raises ProverMissing where Coq is not installed; SandboxUnusable comes with the first proof where
    nothing can keep it in, unless `unsafe`.
    """

    name = "coq"
    hole = HOLE

    def __init__(
        self,
        *,
        workers: int = 0,
        seconds: float = 10.0,
        axioms: frozenset[str] = REALS_AXIOMS,
        prelude: str = PRELUDE,
        hammer: bool = False,
        tools: Sequence[Tool] = ARITHMETIC,
        limits: Limits = Limits(),  # noqa: B008 Frozen.
        recycle: int = 2000,
        unsafe: bool = False,
    ) -> None:
        program("idetop")
        program("compile")
        count = workers or len(os.sched_getaffinity(0))
        self.tools = (*tools, *HAMMER) if hammer else tuple(tools)
        prelude = f"{prelude} {HAMMER_PRELUDE}" if hammer else prelude
        self._prelude, self._limits, self._unsafe = prelude, limits, unsafe
        self._seconds, self._recycle = seconds, recycle
        self._turns, self._verifying = asyncio.Semaphore(count), asyncio.Semaphore(count)
        self._size = count
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._library = ""
        self._final = Final(prelude, axioms, limits, 10 * seconds, unsafe)

    @property
    def pids(self) -> frozenset[int]:
        """The processes that are ready or at work."""
        return frozenset(worker.top.pid for worker in self._all)

    def problem(self, statement: str) -> Problem:
        """Its last sentence is the theorem, all before it the header. Raises Unstated."""
        return problem(statement)

    def proof(self, problem: Problem, written: str) -> str:
        """What comes after the sentence that states the theorem of that name, or all of it; ended by `Qed`."""
        return proof(problem.name, written)

    def split(self, proof: str) -> list[Span]:
        """The sentences of `proof`."""
        return split(proof)

    def repairs(self, step: str, tool: Tool) -> list[str]:
        """The tool for what follows `by`, for the last tactic of the step, for all of it, or for what is left."""
        return repairs(step, tool)

    async def check(self, problem: Problem, proof: str) -> Result:
        """Whether every sentence goes through and the proof is closed. Raises ProverMissing, SandboxUnusable."""
        begun = time.perf_counter()
        result = await _told(proof, self._check(problem, proof))
        return replace(result, seconds=time.perf_counter() - begun)

    async def verify(self, problem: Problem, proof: str) -> Result:
        """Whether `proof` proves the statement (see `final`). Raises ProverMissing, SandboxUnusable."""
        async with self._verifying:
            begun = time.perf_counter()
            result = await _told(proof, self._final.verify(await self._adapted(problem), proof))
            return replace(result, seconds=time.perf_counter() - begun)

    @asynccontextmanager
    async def open(self, problem: Problem) -> AsyncIterator[CoqSession]:
        """Raises SandboxUnusable, Unstated, ProverCrash."""
        problem = await self._adapted(problem)
        async with self._turns:
            worker = await self._take(problem.header)
            try:
                if worker.stated[0] != problem.statement:
                    await worker.top.back(worker.ready)
                    worker.stated = ("", worker.ready)
                    tip = await state_after(worker.top, problem.statement, worker.ready, _LOADING)
                    worker.stated = (problem.statement, tip)
                yield CoqSession(worker.top, worker.stated[1], self._seconds)
            finally:
                await asyncio.shield(self._give_back(worker))

    async def aclose(self) -> None:
        """End every process. May be called more than once."""
        self._idle.clear()
        await asyncio.gather(*map(self._end, list(self._all)))

    async def _check(self, problem: Problem, proof: str) -> Result:
        spans = split(proof)
        if found := forbidden(proof, spans):
            return Result(Status.FAILED, proof, (found,))
        async with self.open(problem) as session:
            for start, end in spans:
                if (wrong := await session.run(proof[start:end])) is not None:
                    at = Span(start, end) if wrong.span is None else Span(*(start + each for each in wrong.span))
                    wrong = replace(wrong, span=at)
                    return Result(status_of(wrong), proof, (wrong,), await session.goals())
            if not await session.closed():
                goals = await session.goals()
                why = "goals are left" if goals else "the proof is not closed"
                return Result(Status.INCOMPLETE, proof, (Diagnostic(Kind.UNSOLVED, why),), goals)
        up = next((span for span in spans if gives_up(proof[slice(*span)])), None)
        if up is not None:
            return Result(Status.ADMITTED, proof, (Diagnostic(Kind.UNSOLVED, "given up here", up),))
        return Result(Status.ACCEPTED, proof)

    async def _adapted(self, problem: Problem) -> Problem:
        """With the library's names as they are here."""
        self._library = self._library or await library()
        header, statement = (adapted(text, self._library) for text in (problem.header, problem.statement))
        return replace(problem, header=header, statement=statement)

    async def _take(self, header: str) -> _Worker:
        """A process that has loaded `header`: an idle one that has, or else a new or idle one that does so now."""
        while self._idle:
            same = [each for each in self._idle if each.header == header]
            if not same and len(self._all) < self._size:
                break
            worker = same[-1] if same else self._idle[0]
            self._idle.remove(worker)
            if worker.top.alive:
                return worker if same else await self._loaded(worker, header)
            await self._end(worker)
        top = await Idetop.start(self._limits, unsafe=self._unsafe)
        worker = _Worker(top, top.root)
        self._all.add(worker)
        return await self._loaded(worker, header)

    async def _loaded(self, worker: _Worker, header: str) -> _Worker:
        """`worker` with `header` instead of the one that it has. Raises Unstated, ProverCrash."""
        top, worker.stated = worker.top, ("", 0)
        try:
            if worker.prepared == top.root:
                worker.prepared = await state_after(top, self._prelude, top.root, _LOADING)
            await top.back(worker.prepared)
            worker.header = header
            worker.ready = await state_after(top, header, worker.prepared, _LOADING)
        except BaseException:
            await asyncio.shield(self._end(worker))
            raise
        return worker

    async def _give_back(self, worker: _Worker) -> None:
        worker.sessions += 1
        if worker.top.alive and worker.sessions < self._recycle and worker in self._all:
            try:
                await worker.top.back(worker.stated[1] or worker.ready)
            except ProverCrash:
                await self._end(worker)
                return
            self._idle.append(worker)
        else:
            await self._end(worker)

    async def _end(self, worker: _Worker) -> None:
        self._all.discard(worker)
        await worker.top.close()


async def _told(proof: str, result: Awaitable[Result]) -> Result:
    """`result`; what a process or a problem makes of it is in the result too."""
    try:
        return await result
    except ProverCrash as error:
        return fault(error, proof)
    except Unstated as error:
        return Result(Status.FAILED, proof, (diagnose(str(error)),))
