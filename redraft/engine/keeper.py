"""One response store and one budget for several processes: what their models ask before and after a call.

Here is who may call and what is remembered, not how the processes are started and spoken to: `redraft.engine.crew`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextvars import ContextVar
from itertools import count
from pathlib import Path
from typing import NamedTuple, Protocol

from redraft.errors import RedraftError
from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.models.budget import Budget, Budgeted
from redraft.models.errors import Unreachable
from redraft.models.store import Stored
from redraft.models.wrapper import Wrapper

Outcome = ChatResponse | RedraftError
"""What came of a call. An error is a value here: it is raised where the call was made."""


class Keeps(Protocol):
    """A `Keeper`, here or in another process."""

    def ask(self, caller: str, number: int, identity: str, request: ChatRequest) -> Awaitable[Outcome | None]: ...

    def answer(self, caller: str, number: int, outcome: Outcome) -> Awaitable[Outcome]: ...

    def drop(self, caller: str, number: int) -> None: ...


class Kept(Wrapper):
    """Asks `keeper` before each chat, and tells it what came of it. `caller` names this process."""

    def __init__(self, model: ChatModel, keeper: Keeps, caller: str, numbers: count[int]) -> None:
        super().__init__(model)
        self._keeper = keeper
        self._caller = caller
        self._numbers = numbers

    async def chat(self, request: ChatRequest) -> ChatResponse:
        number = next(self._numbers)
        identity = await self.settled_identity()
        outcome: Outcome | None = None
        try:
            outcome = await self._keeper.ask(self._caller, number, identity, request)
            if outcome is None:
                outcome = await self._keeper.answer(self._caller, number, await self._made(request))
        finally:
            if outcome is None:
                self._keeper.drop(self._caller, number)
        if isinstance(outcome, RedraftError):
            raise outcome
        return outcome

    async def _made(self, request: ChatRequest) -> Outcome:
        try:
            return await self.model.chat(request)
        except RedraftError as error:
            return error


class _Call(NamedTuple):
    """A call that somebody is to make: `made` when they have, `kept` when the store has it."""

    kept: asyncio.Task[ChatResponse]
    made: asyncio.Future[ChatResponse]


_current: ContextVar[tuple[asyncio.Future[None], asyncio.Future[ChatResponse]]] = ContextVar("redraft_call")
"""Of the call under way: what tells that it must be made, and what waits until it is."""


class _Asker:
    """As a model: hands each chat back to the process that asked, and waits until it has made it."""

    def __init__(self, identity: str) -> None:
        self.name = self.identity = identity

    async def chat(self, request: ChatRequest) -> ChatResponse:
        passed, made = _current.get()
        passed.set_result(None)
        return await made

    async def aclose(self) -> None:
        """Nothing is held."""


class Keeper:
    """The store at `store` (none: nothing is kept) and `budget`, for any number of callers.

    The calls pass the very wrappers that they pass in one process, so they share, count and keep in the same way: equal
    requests of two processes are one call too.
    """

    def __init__(self, store: Path | None, budget: Budget | None) -> None:
        self._store = store
        self._budget = budget
        self._models: dict[str, ChatModel] = {}
        self._calls: dict[tuple[str, int], _Call] = {}
        self._gone: set[str] = set()

    def _model(self, identity: str) -> ChatModel:
        if identity not in self._models:
            model: ChatModel = _Asker(identity)
            if self._budget is not None:
                model = Budgeted(model, self._budget)
            self._models[identity] = model if self._store is None else Stored(model, self._store)
        return self._models[identity]

    async def ask(self, caller: str, number: int, identity: str, request: ChatRequest) -> Outcome | None:
        """The stored response, or why there can be none; None: make the call, and `answer`."""
        try:
            model = self._model(identity)
        except RedraftError as error:
            return error
        loop = asyncio.get_running_loop()
        passed, made = loop.create_future(), loop.create_future()
        _current.set((passed, made))
        call = _Call(asyncio.create_task(model.chat(request)), made)
        self._calls[caller, number] = call
        call.kept.add_done_callback(lambda _: self._calls.pop((caller, number)))
        if caller in self._gone:
            call.kept.cancel()
        await asyncio.wait((call.kept, passed), return_when=asyncio.FIRST_COMPLETED)
        return await _outcome(call.kept) if call.kept.done() else None

    async def answer(self, caller: str, number: int, outcome: Outcome) -> Outcome:
        """What came of the call; gives what the store now holds."""
        if (call := self._calls.get((caller, number))) is None or call.made.done():
            return outcome
        if isinstance(outcome, RedraftError):
            call.made.set_exception(outcome)
        else:
            call.made.set_result(outcome)
        return await _outcome(call.kept)

    def drop(self, caller: str, number: int) -> None:
        """The call is no longer wanted: it is free for others, and what was set aside for it comes back."""
        if call := self._calls.get((caller, number)):
            call.kept.cancel()

    def gone(self, caller: str) -> None:
        """That process is no more, and wants none of its calls."""
        self._gone.add(caller)
        for whose, number in self._calls:
            if whose == caller:
                self.drop(whose, number)

    async def calls_made(self) -> int | None:
        """Calls that were not answered from the store; None where there is no store."""
        stores = [model for model in self._models.values() if isinstance(model, Stored)]
        return None if self._store is None else sum(store.misses for store in stores)

    async def aclose(self) -> None:
        """Close the store."""
        for model in self._models.values():
            await model.aclose()


async def _outcome(kept: asyncio.Task[ChatResponse]) -> Outcome:
    try:
        return await kept
    except RedraftError as error:
        return error
    except asyncio.CancelledError:
        return Unreachable("whoever asked for this call is gone")
