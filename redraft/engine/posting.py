"""Many small messages to another process, as few large ones. What is said, and to whom, is the sender's affair."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

M = TypeVar("M")
R = TypeVar("R")


class Posting(Generic[M, R]):
    """Sends messages through `send`, which takes any number and returns a reply to each, in order.

    One bundle is under way at a time, and what is posted meanwhile goes with the next: the busier the way, the larger
    the bundles. A bundle that fails fails for each of its messages.
    """

    def __init__(self, send: Callable[[list[M]], Awaitable[Sequence[R]]]) -> None:
        self._send = send
        self._waiting: list[tuple[M, asyncio.Future[R]]] = []
        self._sending: asyncio.Task[None] | None = None

    def post(self, message: M) -> asyncio.Future[R]:
        """The reply to `message`, which is sent in any case."""
        reply: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((message, reply))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send_all())
        return reply

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                bundle, self._waiting = self._waiting, []
                await self._send_one([message for message, _ in bundle], [reply for _, reply in bundle])
        finally:
            self._sending = None

    async def _send_one(self, messages: list[M], replies: list[asyncio.Future[R]]) -> None:
        try:
            for reply, said in zip(replies, await self._send(messages), strict=True):
                if not reply.done():
                    reply.set_result(said)
        except Exception as error:  # noqa: BLE001 - raised by whoever awaits the reply
            for reply in replies:
                if not reply.done():
                    reply.set_exception(error)
