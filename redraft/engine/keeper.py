"""One response store and one budget for several processes: who may make a call, and what came of it.

The keeper is one process for all calls of a run, so it is told keys and bytes, and several calls at a time. Who asks it
is in `redraft.engine.kept`; how the processes are started and spoken to, in `redraft.engine.crew`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable
from pathlib import Path
from typing import Literal, NamedTuple

from redraft.errors import RedraftError
from redraft.models.budget import Budget
from redraft.models.errors import Unreachable
from redraft.models.response_file import ResponseFile


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
    """The call `number` failed, and may be billed all the same; or it is no longer wanted."""

    number: int
    billed: bool = False


Said = Ask | Answer | Drop
Told = bytes | RedraftError | Literal["make", "later", "done"]
"""A stored response, why there can be none, or: make the call; ask `later`, since another process is making it or the
budget waits for what calls under way leave over; heard."""

_GONE = Unreachable("whoever asked for this call is gone")


class Keeper:
    """The store at `store` (none: nothing is kept) and `budget`, for any number of callers.

    Equal requests are one call, in whichever processes they are made; where that call fails, the next asker makes it.
    """

    def __init__(self, store: Path | None, budget: Budget | None) -> None:
        self._store = store
        self._file: ResponseFile | None = None
        self._budget = budget or Budget()
        self._calls: dict[tuple[str, int], Ask] = {}
        self._making: dict[bytes, deque[asyncio.Future[None]]] = {}
        """Those who wait for a call that is under way, by its key; when it has ended, each in turn."""
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
        if not (ask := self._end(caller, said)):
            return "done"  # Of a process that was taken for dead.
        if isinstance(said, Answer):
            self._made += 1
            if self._file and said.response is not None:
                return self._keep(self._file, ask.key, said.response)
        self._release(ask.key)
        return "done"

    def _decide(self, caller: str, ask: Ask, its_turn: bool = False) -> Told:
        if caller in self._gone:
            return _GONE
        try:
            if self._store:
                self._file = self._file or ResponseFile(self._store)
                if (response := self._file.get(ask.key)) is not None:
                    return response
                if ask.key in self._making and not its_turn:
                    self._later.add((caller, ask.number))
                    return "later"
            if not self._budget.take(ask.prompt_tokens, ask.completion_tokens):
                self._later.add((caller, ask.number))
                return "later"
        except RedraftError as error:
            return error
        self._calls[caller, ask.number] = ask
        if self._store:
            self._making.setdefault(ask.key, deque())
        return "make"

    async def later(self, caller: str, ask: Ask) -> Told:
        """What is to be told of a call that had to wait, when it has."""
        its_turn = False
        told: Told = "later"
        try:
            while told == "later":
                if not its_turn and (waiting := self._making.get(ask.key)) is not None:
                    waiting.append(turn := asyncio.get_running_loop().create_future())
                    await turn
                    its_turn = True
                told = _GONE
                if (caller, ask.number) in self._later:
                    self._later.remove((caller, ask.number))
                    told = self._decide(caller, ask, its_turn)
                if told == "later" and (its_turn or ask.key not in self._making):
                    await self._budget.changed()
        finally:
            if its_turn and told != "make":
                self._release(ask.key)
        return told

    def _keep(self, file: ResponseFile, key: bytes, response: bytes) -> Awaitable[Told]:
        put = file.put(key, response)  # Now, and not when it is awaited, so that a bundle is committed together.

        async def kept() -> Told:
            try:
                return "done" if await put else file.get(key) or "done"
            except RedraftError as error:
                return error
            finally:
                self._release(key)

        return kept()

    def _end(self, caller: str, said: Answer | Drop) -> Ask | None:
        """The call is no longer under way, and what was set aside for it and not used comes back; None where it never
        was."""
        self._later.discard((caller, said.number))
        if ask := self._calls.pop((caller, said.number), None):
            most = ask.prompt_tokens, ask.completion_tokens
            if isinstance(said, Answer):
                used = said.prompt_tokens, said.completion_tokens
            else:
                used = most if said.billed else (0, 0)
            self._budget.settle(*most, used)
        return ask

    def _release(self, key: bytes) -> None:
        """The call has ended: it is the turn of the next who waits for it."""
        waiting = self._making.get(key)
        while waiting and waiting[0].done():
            waiting.popleft()
        if waiting:
            waiting.popleft().set_result(None)
        else:
            self._making.pop(key, None)

    def gone(self, caller: str) -> None:
        """That process is no more, and wants none of its calls."""
        self._gone.add(caller)
        for whose, number in [*self._calls, *self._later]:
            if whose == caller and (ask := self._end(whose, Drop(number))):
                self._release(ask.key)

    async def calls_made(self) -> int | None:
        """Calls that were not answered from the store; None where there is no store."""
        return self._made if self._store else None

    async def aclose(self) -> None:
        """Close the store."""
        if self._file:
            self._file.close()
