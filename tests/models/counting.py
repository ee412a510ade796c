"""A model that knows how many of its chats were under way at once."""

from __future__ import annotations

import asyncio

from redraft.models.base import ChatRequest, ChatResponse
from redraft.models.scripted import Scripted


class Counting(Scripted):
    """`most` chats were under way at the same time."""

    running = most = 0

    async def chat(self, request: ChatRequest) -> ChatResponse:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        return await super().chat(request)
