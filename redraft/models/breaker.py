"""A circuit breaker that waits: when the server is down, chats are held back until it is well again. One server's
outage is a pause of the run, never the failure of every item. What tries one request again is `redraft.models.retry`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Protocol, runtime_checkable

from redraft.errors import RedraftError
from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.models.errors import ModelError, RateLimited, ServerFault, TimedOut, Unreachable
from redraft.models.wrapper import PerLoop, Wrapper

_log = logging.getLogger(__name__)
_TROUBLE = (Unreachable, TimedOut, ServerFault, RateLimited)
_LONGEST_WISH = 60.0


@runtime_checkable
class Served(Protocol):
    """A model behind a server that can be asked how it is."""

    async def check_health(self) -> None:
        """Return if the server is well, or raise a `ModelError`."""
        ...


class ServerGone(RedraftError):
    """The server stayed away for longer than a run waits."""


class Breaker(Wrapper):
    """Holds every chat back while `served` is down.

    It counts as down when `threshold` chats in a row, whoever made them, failed by no connection, a time-out, HTTP 5xx
    or 429. Then its health is asked for, after `first_wait` seconds, later every `longest_wait` at most; once it is
    well the chats go on where they were. After a 429 they go on after such a wait, or when the server says. A chat that
    fails `rounds` times although the server is well raises its own error. Raises ServerGone where every health check
    failed for more than `patience` seconds, or where 429 held chats back for longer than that and none was answered.
    """

    def __init__(
        self,
        model: ChatModel,
        served: Served,
        patience: float = 600.0,
        threshold: int = 5,
        rounds: int = 3,
        first_wait: float = 0.5,
        longest_wait: float = 15.0,
    ) -> None:
        super().__init__(model)
        self._served = served
        self._patience = patience
        self._threshold = threshold
        self._rounds = rounds
        self._first_wait = first_wait
        self._longest_wait = longest_wait
        self._well()
        self.down = False
        """Whether chats are being held back; any thread may ask."""
        self._recovery: PerLoop[list[asyncio.Task[None]]] = PerLoop(list)

    def _well(self) -> None:
        self._failed_in_a_row = 0
        self._wait = self._first_wait
        self._refused_for = 0.0

    async def chat(self, request: ChatRequest) -> ChatResponse:
        round = 0
        recovery = self._recovery.here()
        while True:
            if recovery:
                await asyncio.shield(recovery[0])
            try:
                response = await self.model.chat(request)
            except _TROUBLE as error:
                self._failed_in_a_row += 1
                round += 1
                if self._failed_in_a_row < self._threshold or round == self._rounds:
                    raise
                if not recovery:
                    recovery.append(asyncio.create_task(self._recover(error, recovery)))
            else:
                self._well()
                return response

    async def _recover(self, error: ModelError, recovery: list[asyncio.Task[None]]) -> None:
        _log.warning("%s; waiting until it is well again", error)
        self.down = True
        ill_since = 0.0
        try:
            if isinstance(error, RateLimited):
                return await self._ease(error)
            while True:
                await asyncio.sleep(self._wait)
                self._wait = min(2 * self._wait, self._longest_wait)
                try:
                    return await self._served.check_health()
                except ModelError as fault:
                    error = fault
                # Not from the first failed chat on: what failed may be the chat's own fault, and be long ago.
                ill_since = ill_since or time.monotonic()
                if time.monotonic() - ill_since > self._patience:
                    raise ServerGone(f"{self.name} has not answered for {self._patience:g} s: {error}") from error
        finally:
            recovery.clear()
            self.down = False

    async def _ease(self, error: RateLimited) -> None:
        """Wait only: no health check tells when a server takes chats again, but the next chat does."""
        if self._refused_for > self._patience:
            raise ServerGone(f"{self.name} has refused every call for {self._patience:g} s: {error}") from error
        wait = max(self._wait, min(error.retry_after or 0.0, _LONGEST_WISH))
        self._wait = min(2 * self._wait, self._longest_wait)
        self._refused_for += wait
        await asyncio.sleep(wait)

    async def aclose(self) -> None:
        for task in self._recovery.here():
            task.cancel()
        await super().aclose()
