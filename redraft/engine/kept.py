"""A model whose calls a keeper allows and keeps, in a process that has neither store nor budget of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Protocol

from redraft.engine.keeper import Answer, Ask, Drop, Said, Told
from redraft.engine.posting import Posting
from redraft.errors import RedraftError
from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.models.budget import BILLED, most_tokens
from redraft.models.key import request_key
from redraft.models.store import kept, to_keep
from redraft.models.wrapper import Wrapper


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

    def drop(self, number: int, billed: bool = False) -> None:
        """Nobody waits for this call any more, which may be `billed` all the same."""
        # That the keeper itself is gone is said to those who still ask it something.
        self._posting.post(Drop(number, billed)).add_done_callback(lambda told: told.exception())


class Kept(Wrapper):
    """Asks the keeper before each chat, and tells it what came of it. `store` is where the keeper keeps responses."""

    def __init__(self, model: ChatModel, caller: Caller, store: Path | None) -> None:
        super().__init__(model)
        self._caller = caller
        self._store = store
        self._identity = ""

    async def chat(self, request: ChatRequest) -> ChatResponse:
        self._identity = self._identity or await self.settled_identity()
        key, number = request_key(self._identity, request), next(self._caller.numbers)
        response: ChatResponse | None = None
        try:
            told = await self._caller.ask(Ask(number, key, *most_tokens(request)))
            if told == "make":
                response = await self.model.chat(request)
                raw, usage = to_keep(response) if self._store else None, response.usage
                told = await self._caller.answer(Answer(number, raw, usage.prompt_tokens, usage.completion_tokens))
        except BaseException as error:
            self._caller.drop(number, isinstance(error, BILLED))
            raise
        if isinstance(told, RedraftError):
            raise told
        if isinstance(told, bytes):
            assert self._store
            return replace(kept(told, self._store), stored=response is None)
        assert response
        return response
