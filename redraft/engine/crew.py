"""The workers of a run in Ray actors, as the run sees them: who is given an item, and what if one dies.

What a worker does is `redraft.engine.worker`; starting Ray and choosing how many there are is `redraft.engine.on_ray`.
This file is only imported where Ray is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import nullcontext
from typing import Any
from uuid import uuid4

import ray
from ray.exceptions import RayActorError, RayError, RayTaskError

from redraft.engine.hired import Hired
from redraft.engine.records import Bad, Item, Record
from redraft.engine.run import GivenUp, Halt, run_each
from redraft.engine.worker import Outcome, Ready
from redraft.errors import RedraftError
from redraft.models.turn import turn
from redraft.schema import Result, Task

_log = logging.getLogger(__name__)

TRIES = 3
"""Workers that may die over an item before it is given up."""

_LONG = 60.0
"""Seconds after which a run that waits for its first worker says so, again and again: Ray itself is silent."""

_LATECOMERS = 10.0
"""Seconds that a run waits for further workers when the first is there."""

_CLOSING = 10.0
"""Seconds for the workers to let go of what they hold; then they are ended."""


class Crew:
    """The workers, and which of them has a place for an item.

    `make` makes the actor of that name. A worker that dies is replaced, and its items are given to others; an item over
    which `TRIES` workers died becomes a `Bad` record with the cause `worker_died`. `window` items are in flight at once
    (none: as many as the workers have places).
    """

    def __init__(self, make: Callable[[str], Any], keeper: Any, workers: int, window: int | None) -> None:
        self._make = make
        self._keeper = keeper
        self._wanted = workers
        self._window = window
        self._hired: list[Hired] = []
        self._hiring: set[asyncio.Task[None]] = set()
        self._failed: list[Exception] = []
        self._fault: Exception | None = None
        self._change = asyncio.Condition()
        self._last_try = asyncio.Lock()

    @property
    def pids(self) -> list[int]:
        """The processes of the workers that are there."""
        return [worker.pid for worker in self._hired]

    async def start(self) -> None:
        """Return when there are workers. Raises RedraftError where none can be had."""
        for _ in range(self._wanted):
            self._hire()
        async with self._change:
            while not (self._hired or self._fault):
                try:
                    async with asyncio.timeout(_LONG):
                        await self._change.wait()
                except TimeoutError:
                    _log.warning("no worker has started yet; `ray status` tells what the cluster lacks for one")
        if self._fault:
            raise self._fault
        if self._hiring:
            await asyncio.wait(self._hiring, timeout=_LATECOMERS)
        self._tell_of_failed()

    def run(self, items: Iterable[Item | Bad], halt: Halt) -> AsyncGenerator[Record, None]:
        """Run every item, as `redraft.engine.run.run_each` does, whose `Runner` this is."""
        window = self._window or self._wanted * max(worker.free for worker in self._hired)
        return run_each(self._solve, items, halt, window)

    async def _solve(self, task: Task) -> Result:
        for attempt in range(1, TRIES + 1):
            # Only one of those that are suspected at a time, so that none is given up for what another does.
            async with self._last_try if attempt == TRIES else nullcontext():
                worker = await self._take()
                try:
                    return _result(await worker.solve(turn.get(), task))
                except RayActorError as error:
                    self._replace(worker, error)
                finally:
                    await self._give_back(worker)
        raise GivenUp("worker_died", f"{TRIES} workers died, each while it worked on this item")

    async def _take(self) -> Hired:
        async with self._change:
            await self._change.wait_for(lambda: self._fault or any(worker.free > 0 for worker in self._hired))
            if self._fault:
                raise self._fault
            worker = max(self._hired, key=lambda worker: worker.free)
            worker.free -= 1
            return worker

    async def _give_back(self, worker: Hired) -> None:
        async with self._change:
            worker.free += 1
            self._change.notify()

    def _replace(self, worker: Hired, error: RayActorError) -> None:
        if worker not in self._hired:
            return
        _log.warning("worker %d died; its items are given to others: %s", worker.pid, " ".join(str(error).split()))
        self._hired.remove(worker)
        self._keeper.gone.remote(worker.name)
        _end(worker)
        self._hire()

    def _hire(self) -> None:
        task = asyncio.create_task(self._hire_one())
        self._hiring.add(task)
        task.add_done_callback(self._hiring.discard)

    async def _hire_one(self) -> None:
        name = uuid4().hex
        try:
            actor = self._make(name)
            ready: Ready = await actor.connect.remote()
        except Exception as error:  # noqa: BLE001 - said to the run, which ends with it or goes on without this worker
            self._failed.append(_as_raised(error))
            self._tell_of_failed()
            async with self._change:
                self._wanted -= 1
                if self._wanted == 0:
                    self._fault = _as_raised(error)
                    self._change.notify_all()
            return
        async with self._change:
            places = -(-self._window // self._wanted) if self._window else ready.places
            self._hired.append(Hired(name, actor, ready, places))
            self._change.notify_all()

    def _tell_of_failed(self) -> None:
        """Once there are others; where there are none, the run ends with the same words."""
        while self._hired and self._failed:
            _log.warning("going on without a worker that could not be started: %s", self._failed.pop())

    async def calls_made(self) -> int | None:
        """See `Keeper.calls_made`."""
        made: int | None = await self._keeper.calls_made.remote()
        return made

    async def dismiss(self) -> None:
        """Let the workers and the keeper close what they hold."""
        actors = (*(worker.actor for worker in self._hired), self._keeper)
        await asyncio.wait([asyncio.ensure_future(actor.aclose.remote()) for actor in actors], timeout=_CLOSING)

    def kill(self) -> None:
        """End the workers' processes, and the keeper's."""
        for task in self._hiring:
            task.cancel()
        for worker in self._hired:
            _end(worker)
        ray.kill(self._keeper)


def _end(worker: Hired) -> None:
    worker.let_go()
    ray.kill(worker.actor)


def _result(outcome: Outcome) -> Result:
    if isinstance(outcome, bytes):
        return Result.model_validate_json(outcome)
    raise outcome


def _as_raised(error: Exception) -> Exception:
    """The error as it was raised in the other process; Ray's own faults as something that ends the run."""
    cause = error.cause if isinstance(error, RayTaskError) else error
    if isinstance(cause, RayActorError):
        return RedraftError(f"a process of the run died: {' '.join(str(cause).split())}")
    if isinstance(cause, RayError):
        return RedraftError(f"Ray: {cause}")
    return cause if isinstance(cause, Exception) else error
