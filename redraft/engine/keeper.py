"""One response store and one budget for several processes: what their models ask before and after a call.

Here is who may call and what is remembered, not how the processes are started and spoken to: `redraft.engine.crew`.
The keeper is one process for all calls of a run, so it is told keys and bytes, and several calls at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from redraft.engine.posting import Posting
from redraft.errors import RedraftError
from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.models.budget import Budget, most_tokens
from redraft.models.errors import Unreachable
from redraft.models.key import request_key
from redraft.models.response_file import ResponseFile
from redraft.models.store import kept, to_keep
from redraft.models.wrapper import Wrapper


class Ask(NamedTuple):
    """May the call `number` of this process be made? It has this key, and may take so many tokens."""

    number: int
    key: bytes
    prompt_tokens: int
    completion_tokens: int


class Answer(NamedTuple):
    """The call `number` brought `response` (as JSON; none: not to be kept), and took so many tokens."""

    number: int
    response: bytes | None
    prompt_tokens: int
    completion_tokens: int


class Drop(NamedTuple):
    """The call `number` failed, or is no longer wanted."""

    number: int


Said = Ask | Answer | Drop
Told = bytes | RedraftError | Literal["make", "later", "done"]
"""A stored response, why there can be none, or: make the call; another process is making it, so ask `later`; heard."""


class Keeps(Protocol):
    """A `Keeper`, here or in another process."""

    def exchange(self, caller: str, said: list[Said]) -> Awaitable[Sequence[Told]]: ...

    def later(self, caller: str, ask: Ask) -> Awaitable[Told]: ...


class Caller:
    """This process, as the keeper knows it: by `name`, and its calls by their numbers."""

    def __init__(self, name: str, keeper: Keeps) -> None:
        self._name = name
        self._keeper = keeper
        self._posting: Posting[Said, Told] = Posting(partial(keeper.exchange, name))
        self.numbers = count()

    async def ask(self, ask: Ask) -> Told:
        """Whether to make the call, once that is known."""
        told = await self._posting.post(ask)
        return await self._keeper.later(self._name, ask) if told == "later" else told

    async def answer(self, answer: Answer) -> Told:
        """What the store now holds, where that is something else."""
        return await self._posting.post(answer)

    def drop(self, number: int) -> None:
        """Nobody waits for this call any more."""
        # A keeper that is no more is told of to those that still ask it something.
        self._posting.post(Drop(number)).add_done_callback(lambda told: told.exception())


class Kept(Wrapper):
    """Asks the keeper before each chat, and tells it what came of it. `store` is where the keeper keeps responses."""

    def __init__(self, model: ChatModel, caller: Caller, store: Path | None) -> None:
        super().__init__(model)
        self._caller = caller
        self._store = store

    async def chat(self, request: ChatRequest) -> ChatResponse:
        number = next(self._caller.numbers)
        response: ChatResponse | None = None
        told: Told | None = None
        try:
            key = request_key(await self.settled_identity(), request)
            told = await self._caller.ask(Ask(number, key, *most_tokens(request)))
            if told == "make":
                told = None
                response = await self.model.chat(request)
                raw, usage = to_keep(response) if self._store else None, response.usage
                told = await self._caller.answer(Answer(number, raw, usage.prompt_tokens, usage.completion_tokens))
        finally:
            if told is None:
                self._caller.drop(number)
        if isinstance(told, RedraftError):
            raise told
        if isinstance(told, bytes):
            assert self._store
            return replace(kept(told, self._store), stored=response is None)
        assert response
        return response


class Keeper:
    """The store at `store` (none: nothing is kept) and `budget`, for any number of callers.

    Equal requests are one call, in whichever processes they are made; where that call fails, the next asker makes it.
    """

    def __init__(self, store: Path | None, budget: Budget | None) -> None:
        self._store = store
        self._file: ResponseFile | None = None
        self._budget = budget or Budget()
        self._calls: dict[tuple[str, int], Ask] = {}
        self._making: dict[bytes, asyncio.Future[None]] = {}
        self._later: set[tuple[str, int]] = set()
        self._gone: set[str] = set()
        self._made = 0

    async def exchange(self, caller: str, said: list[Said]) -> list[Told]:
        """Hear what `caller` says, and tell what is to be told to each, in order. Never waits for another caller."""
        told = [self._hear(caller, each) for each in said]
        return [await each if isinstance(each, Awaitable) else each for each in told]

    def _hear(self, caller: str, said: Said) -> Told | Awaitable[Told]:
        if isinstance(said, Ask):
            return self._decide(caller, said)
        if isinstance(said, Answer) and (caller, said.number) in self._calls:
            self._made += 1
            self._budget.add(said.prompt_tokens, said.completion_tokens)
            if self._file and said.response is not None:
                key = self._calls[caller, said.number].key
                return self._keep(caller, said.number, key, self._file.put(key, said.response))
        self._end(caller, said.number)
        return "done"

    def _decide(self, caller: str, ask: Ask) -> Told:
        if caller in self._gone:
            return Unreachable("whoever asked for this call is gone")
        try:
            if self._store:
                self._file = self._file or ResponseFile(self._store)
                if (response := self._file.get(ask.key)) is not None:
                    return response
                if ask.key in self._making:
                    self._later.add((caller, ask.number))
                    return "later"
                self._budget.take(ask.prompt_tokens, ask.completion_tokens)
                self._making[ask.key] = asyncio.get_running_loop().create_future()
            else:
                self._budget.take(ask.prompt_tokens, ask.completion_tokens)
        except RedraftError as error:
            return error
        self._calls[caller, ask.number] = ask
        return "make"

    async def later(self, caller: str, ask: Ask) -> Told:
        """What is to be told of a call that another process was making, when it has."""
        told: Told = "later"
        while told == "later":
            if making := self._making.get(ask.key):
                await asyncio.shield(making)
            if (caller, ask.number) not in self._later:
                return Unreachable("whoever asked for this call is gone")
            self._later.remove((caller, ask.number))
            told = self._decide(caller, ask)
        return told

    async def _keep(self, caller: str, number: int, key: bytes, first: Awaitable[bool]) -> Told:
        assert self._file
        try:
            return "done" if await first else self._file.get(key) or "done"
        except RedraftError as error:
            return error
        finally:
            self._end(caller, number)

    def _end(self, caller: str, number: int) -> None:
        """The call is made, or is free for others; what was set aside for it comes back."""
        self._later.discard((caller, number))
        if ask := self._calls.pop((caller, number), None):
            self._budget.add(-ask.prompt_tokens, -ask.completion_tokens)
            if making := self._making.pop(ask.key, None):
                making.set_result(None)

    def gone(self, caller: str) -> None:
        """That process is no more, and wants none of its calls."""
        self._gone.add(caller)
        for whose, number in [*self._calls, *self._later]:
            if whose == caller:
                self._end(whose, number)

    async def calls_made(self) -> int | None:
        """Calls that were not answered from the store; None where there is no store."""
        return self._made if self._store else None

    async def aclose(self) -> None:
        """Close the store."""
        if self._file:
            self._file.close()
