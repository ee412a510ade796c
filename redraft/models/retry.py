"""Retries: the same request again, where the error says that it may succeed later. Nothing here reads a reply."""

from __future__ import annotations

import random

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

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
        again = AsyncRetrying(
            stop=stop_after_attempt(self._attempts),
            retry=retry_if_exception(lambda error: isinstance(error, ModelError) and error.transient),
            wait=self._wait,
            reraise=True,
        )
        return await again(self.model.chat, request)

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        return self.seconds_before(state.attempt_number + 1, error)

    def seconds_before(self, attempt: int, error: BaseException | None) -> float:
        """Seconds to wait before the `attempt`-th attempt (2 is the first retry), after `error`."""
        if isinstance(error, RateLimited | ServerFault) and error.retry_after is not None:
            return min(error.retry_after, self._longest_wait)
        longest = min(self._first_wait * 2.0 ** min(attempt - 2, 60), self._longest_wait)
        return longest * random.uniform(0.5, 1.0)
