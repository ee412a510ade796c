"""A bound on the chats in flight at one model. What bounds the items in flight is the engine."""

from __future__ import annotations

import asyncio

from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.models.wrapper import PerLoop, Wrapper


class Limited(Wrapper):
    """Passes on at most `at_most` chats at once, first come first served; the others wait."""

    def __init__(self, model: ChatModel, at_most: int) -> None:
        super().__init__(model)
        self._free = PerLoop(lambda: asyncio.Semaphore(at_most))

    async def chat(self, request: ChatRequest) -> ChatResponse:
        async with self._free.here():
            return await self.model.chat(request)
