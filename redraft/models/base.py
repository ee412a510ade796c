"""The one protocol of the models room, and what goes over it.

Plain frozen dataclasses: they are made for every call, so they stay cheap. Backends turn a `ChatRequest` into their
own words and raise `redraft.models.errors`; what every backend needs (store, retries, limits) wraps them from outside.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeGuard

from redraft.schema import Usage

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to decode. `max_tokens` bounds each completion; `stop` strings end it and are not part of it."""

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 512
    n: int = 1
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """The completion is a JSON document of this schema (the schema itself as JSON text, so that it can be hashed)."""

    schema: str


@dataclass(frozen=True, slots=True)
class Regex:
    """The whole completion matches `pattern`."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The completion is one of `options`."""

    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grammar:
    """The completion is a sentence of this grammar, in the backend's EBNF (GBNF for llama.cpp and vLLM's xgrammar)."""

    ebnf: str


OutputConstraint = JsonSchema | Regex | Choice | Grammar


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """Everything that decides a response, and so the whole key of the response store (with the model's identity).

    `logprobs` asks for that many alternatives per token (0: the chosen token only). `sample` tells repeated samples of
    one prompt apart: same request, same sample, same stored response.
    """

    messages: tuple[Message, ...]
    sampling: Sampling = field(default_factory=Sampling)
    constraint: OutputConstraint | None = None
    logprobs: int | None = None
    sample: int = 0


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """One generated token, its natural-log probability, and the likeliest alternatives in order."""

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """One completion. `finish_reason` is `stop`, `length` (cut at the token limit) or the server's own word."""

    text: str
    finish_reason: str
    logprobs: tuple[TokenLogprob, ...] | None = None


@dataclass(frozen=True, slots=True)
class ChatResponse:
    """`completions` has `sampling.n` entries; `stored` says that no model was asked."""

    completions: tuple[Completion, ...]
    usage: Usage
    model: str
    stored: bool = False


class ChatModel(Protocol):
    """A language model that answers chats, any number of them at once in one event loop.

    `name` is what a person calls it; `identity` names weights and revision as exactly as the backend can tell, and is
    part of the store's key.
    """

    @property
    def name(self) -> str: ...

    @property
    def identity(self) -> str: ...

    async def chat(self, request: ChatRequest) -> ChatResponse:
        """Answer `request`, or raise a `redraft.models.errors.ModelError`."""
        ...

    async def aclose(self) -> None:
        """Let go of connections, processes and memory. May be called more than once."""
        ...


def is_chat_model(thing: object) -> TypeGuard[ChatModel]:
    """Whether `thing` answers chats. Asks its class alone: a model may not know its identity before it is connected."""
    return callable(getattr(type(thing), "chat", None))
