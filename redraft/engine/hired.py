"""One worker in its Ray actor, as the run sees it: items go there in bundles, outcomes come as they are ready.

Which worker is given an item, and what is done when one is lost, is `redraft.engine.crew`. Only imported where Ray is.
"""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any

from ray.exceptions import RayActorError

from redraft.engine.posting import Posting
from redraft.engine.reading import TASK
from redraft.engine.worker import Given, Outcome, Ready
from redraft.schema import Task


class Hired:
    """The worker `name` in `actor`, with places for so many items, `free` of them free.

    A worker that cannot be understood is as lost as one that died.
    """

    def __init__(self, name: str, actor: Any, ready: Ready, places: int) -> None:
        self.name = name
        self.actor = actor
        self.pid = ready.pid
        self.free = places
        self._posting: Posting[Given, None] = Posting(actor.start.remote)
        self._tickets = count()
        self._given: dict[int, asyncio.Future[Outcome]] = {}
        self._lost: RayActorError | None = None
        self._listening = asyncio.create_task(self._listen())

    async def solve(self, number: int, task: Task) -> Outcome:
        """Have it run the task of item `number`. Raises RayActorError where it is lost before that is done."""
        if self._lost:
            raise self._lost
        ticket = next(self._tickets)
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._given[ticket] = outcome
        try:
            self._posting.post(Given(ticket, number, TASK.dump_json(task))).add_done_callback(self._started)
            return await outcome
        finally:
            del self._given[ticket]

    def _started(self, reply: asyncio.Future[None]) -> None:
        if error := reply.exception():
            self._lose(error)

    async def _listen(self) -> None:
        try:
            while True:
                for ticket, outcome in await self.actor.finished.remote():
                    if (given := self._given.get(ticket)) and not given.done():
                        given.set_result(outcome)
        except Exception as error:  # noqa: BLE001 - raised by each who waits for an outcome
            self._lose(error)

    def _lose(self, error: BaseException) -> None:
        self._lost = self._lost or (error if isinstance(error, RayActorError) else RayActorError(error_msg=str(error)))
        for given in self._given.values():
            if not given.done():
                given.set_exception(self._lost)

    def let_go(self) -> None:
        """Listen no more; who waits for an outcome is told that the worker is lost."""
        self._lose(RayActorError(error_msg="the worker was let go"))
        self._listening.cancel()
