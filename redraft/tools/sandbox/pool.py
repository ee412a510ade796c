"""Many programs at once: a few warm workers, each with one program at a time. A worker that ends is replaced."""

from __future__ import annotations

import asyncio
import os

from redraft.tools.sandbox.base import Kind, Limits, Outcome, Program, Report, SandboxUnusable
from redraft.tools.sandbox.worker import Backend, Lost, Worker


class Pool:
    """A `Sandbox` of at most `size` workers of one backend; by default as many as there are processors.

    A worker whose backend allows it runs thousands of programs; `recycle` of them, and it is replaced.
    """

    def __init__(self, backend: Backend, size: int | None = None, recycle: int = 5000) -> None:
        self.name = backend.name
        self._backend = backend
        self._size = size or len(os.sched_getaffinity(0))
        self._recycle = recycle if backend.reusable else 1
        self._idle: list[tuple[Worker, int]] = []
        self._workers: set[Worker] = set()
        self._turns = asyncio.Semaphore(self._size)
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def pids(self) -> frozenset[int]:
        """The processes that are running and ready."""
        return frozenset(worker.pid for worker in self._workers if worker.alive)

    async def run(self, program: Program, limits: Limits = Limits()) -> Report:  # noqa: B008 Frozen.
        """Run `program` and its tests as soon as a worker is free. Raises SandboxUnusable."""
        async with self._turn():
            worker, runs = await self._take(limits)
            kept = False
            try:
                report = await worker.run(program, limits)
                if kept := runs + 1 < self._recycle:
                    self._idle.append((worker, runs + 1))
            except Lost as lost:
                why = Outcome(Kind.LOST, f"the sandbox's worker was lost: {lost}")
                report = Report(why, (why,) * len(program.tests))
            finally:
                if not kept:
                    await asyncio.shield(self._end(worker))
            return report

    async def aclose(self) -> None:
        """End every worker; programs under way are lost. May be called more than once."""
        self._idle.clear()
        await asyncio.gather(*map(self._end, list(self._workers)))

    def _turn(self) -> asyncio.Semaphore:
        """A turn at a worker. Those who wait belong to their event loop; workers do not."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._turns = loop, asyncio.Semaphore(self._size)
        return self._turns

    async def _take(self, limits: Limits) -> tuple[Worker, int]:
        while self._idle:
            worker, runs = self._idle.pop()
            if worker.alive:
                return worker, runs
            await self._end(worker)
        starting = asyncio.ensure_future(self._start(limits))
        try:
            return await asyncio.shield(starting), 0
        except asyncio.CancelledError:
            await asyncio.wait([starting])  # Half started, it could not be ended cleanly.
            if not starting.exception():
                self._idle.append((starting.result(), 0))
            raise

    async def _start(self, limits: Limits) -> Worker:
        worker = Worker(await self._backend.start(limits))
        self._workers.add(worker)
        try:
            await worker.ready()
        except SandboxUnusable as error:
            await self._end(worker)
            raise SandboxUnusable(f"{self.name} does not start: {error}") from error
        return worker

    async def _end(self, worker: Worker) -> None:
        self._workers.discard(worker)
        await worker.close()
