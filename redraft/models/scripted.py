"""A model made of a function: drives a graph through any branch in a test, with no weights and no network."""

from __future__ import annotations

from collections.abc import Callable

from redraft.models.base import ChatRequest, ChatResponse, Completion
from redraft.models.errors import ModelError
from redraft.schema import Usage

Reply = str | Completion | ModelError
"""What a script says: text, a whole completion, or an error to raise."""


class Scripted:
    """Answers every request with what `reply` returns for it, and keeps the requests in `requests`.

    `reply` is asked once for each of the `n` completions. Usage counts words as tokens and takes no seconds.
    """

    def __init__(self, reply: Callable[[ChatRequest], Reply], name: str = "scripted") -> None:
        self._reply = reply
        self._name = name
        self.requests: list[ChatRequest] = []

    @property
    def name(self) -> str:
        return self._name

    @property
    def identity(self) -> str:
        return self._name

    async def chat(self, request: ChatRequest) -> ChatResponse:
        self.requests.append(request)
        completions = tuple(self._completion(request) for _ in range(request.sampling.n))
        usage = Usage(
            calls=1,
            prompt_tokens=sum(len(message.content.split()) for message in request.messages),
            completion_tokens=sum(len(completion.text.split()) for completion in completions),
        )
        return ChatResponse(completions, usage, self._name)

    def _completion(self, request: ChatRequest) -> Completion:
        reply = self._reply(request)
        if isinstance(reply, ModelError):
            raise reply
        return Completion(reply, "stop") if isinstance(reply, str) else reply

    async def aclose(self) -> None:
        """Nothing to let go of."""
