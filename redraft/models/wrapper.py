"""What the wrappers and backends share: delegation to an inner model, and concurrency that outlives one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from typing import Generic, Protocol, TypeVar, runtime_checkable

from redraft.models.base import ChatModel, ChatRequest, ChatResponse

T = TypeVar("T")


@runtime_checkable
class Connects(Protocol):
    """A model that can be asked up front whether it is there."""

    async def connect(self) -> None:
        """Reach the model and learn what it is, or raise a `RedraftError` that says what to do."""
        ...


@runtime_checkable
class Settles(Protocol):
    """A model that may have to be asked before its identity is known."""

    async def settled_identity(self) -> str:
        """The identity that will not change any more."""
        ...


@runtime_checkable
class Bounded(Protocol):
    """A model that knows, once connected, how many chats it works on at once; more would only wait there."""

    def at_once(self) -> int: ...


class Wrapper:
    """A model around a model. A subclass overrides `chat`."""

    def __init__(self, model: ChatModel) -> None:
        self.model = model

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def identity(self) -> str:
        return self.model.identity

    async def connect(self) -> None:
        """Reach the innermost model, where that is something to be reached."""
        if isinstance(self.model, Connects):
            await self.model.connect()

    async def settled_identity(self) -> str:
        """The innermost model's identity, once it will not change any more."""
        return await self.model.settled_identity() if isinstance(self.model, Settles) else self.model.identity

    async def chat(self, request: ChatRequest) -> ChatResponse:
        return await self.model.chat(request)

    async def aclose(self) -> None:
        await self.model.aclose()


def wrappers(model: ChatModel) -> Iterator[ChatModel]:
    """`model`, the model inside it, and so on to the innermost."""
    yield model
    if isinstance(model, Wrapper):
        yield from wrappers(model.model)


def innermost(model: ChatModel) -> ChatModel:
    """The model inside all wrappers."""
    return list(wrappers(model))[-1]


def capacity(model: ChatModel) -> int:
    """How many chats `model` works on at once; a guess of 32 where it does not tell."""
    inner = innermost(model)
    return inner.at_once() if isinstance(inner, Bounded) else 32


class PerLoop(Generic[T]):
    """One value per running event loop: asyncio's primitives belong to the loop that first waited on them, while a
    model may be used from one `asyncio.run` after another."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._values: dict[asyncio.AbstractEventLoop, T] = {}

    def here(self) -> T:
        loop = asyncio.get_running_loop()
        if loop not in self._values:
            for other in [other for other in list(self._values) if other.is_closed()]:
                self._values.pop(other, None)  # Another thread, with a loop of its own, may be doing the same.
            self._values[loop] = self._make()
        return self._values[loop]


async def together(calls: Iterable[Coroutine[None, None, T]]) -> list[T]:
    """Results in order; the first error is raised as itself, after the other calls were cancelled and have ended."""
    first, *others = calls
    if not others:
        return [await first]  # A task of its own would cost more than the call's own work.
    tasks = [asyncio.ensure_future(call) for call in (first, *others)]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
