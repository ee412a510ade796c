"""Retries: the same request again, where the error says that it may succeed later. Nothing here reads a reply."""

from __future__ import annotations

import asyncio
import random

from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.models.errors import ModelError, RateLimited, ServerFault
from redraft.models.wrapper import Wrapper


class Retrying(Wrapper):
    """Tries up to `attempts` times, and raises the last error as it is. Only a `transient` error is tried again.

    Waits `first_wait` seconds, then twice as long each time, up to `longest_wait`, less up to half of it at random; or
    as long as the server asked for (`Retry-After`), up to `longest_wait`.
    """

    def __init__(
        self, model: ChatModel, attempts: int = 5, first_wait: float = 0.5, longest_wait: float = 60.0
    ) -> None:
        super().__init__(model)
        self._attempts = attempts
        self._first_wait = first_wait
        self._longest_wait = longest_wait

    async def chat(self, request: ChatRequest) -> ChatResponse:
        attempt = 1
        while True:
            try:
                return await self.model.chat(request)
            except ModelError as error:
                attempt += 1
                if not error.transient or attempt > self._attempts:
                    raise
                wait = self.seconds_before(attempt, error)
            await asyncio.sleep(wait)

    def seconds_before(self, attempt: int, error: BaseException | None) -> float:
        """Seconds to wait before the `attempt`-th attempt (2 is the first retry), after `error`."""
        if isinstance(error, RateLimited | ServerFault) and error.retry_after is not None:
            return min(error.retry_after, self._longest_wait)
        longest = min(self._first_wait * 2.0 ** min(attempt - 2, 60), self._longest_wait)
        return longest * random.uniform(0.5, 1.0)
