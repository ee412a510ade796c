"""A bound on the chats in flight at one model. What bounds the items in flight is the engine."""

from __future__ import annotations

import asyncio
from heapq import heappop, heappush

from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.models.turn import turn
from redraft.models.wrapper import PerLoop, Wrapper, capacity


class Limited(Wrapper):
    """Passes on at most `at_most` chats at once; of those that wait, the one whose item came first goes first.

    So an item that has been started is finished before another gets the server's time. Without `at_most`, as many
    chats as the model works on at once; of either, the share of one of `shared_by` processes that use the model.
    """

    def __init__(self, model: ChatModel, at_most: int | None = None, shared_by: int = 1) -> None:
        super().__init__(model)
        self._gate = PerLoop(lambda: _Gate(-(-(at_most or capacity(model)) // shared_by)))

    async def chat(self, request: ChatRequest) -> ChatResponse:
        gate = self._gate.here()
        await gate.enter(turn.get())
        try:
            return await self.model.chat(request)
        finally:
            gate.leave()


class _Gate:
    """A semaphore whose waiters have an order."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._came = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    async def enter(self, order: int) -> None:
        if self._free:
            self._free -= 1
            return
        place = asyncio.get_running_loop().create_future()
        self._came += 1
        heappush(self._waiting, (order, self._came, place))
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave()  # The place was given to somebody who no longer wants it.
            raise

    def leave(self) -> None:
        while self._waiting:
            *_, place = heappop(self._waiting)
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
