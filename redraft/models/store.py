"""The response store: a finished model call is never paid for twice, in this run or the next.

A chat returns only when its response is kept: what a caller has seen is never asked for again. Where and how responses
are kept is in `redraft.models.response_file`.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from weakref import WeakValueDictionary

from pydantic import TypeAdapter, ValidationError

from redraft.errors import ConfigError
from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.models.key import request_key
from redraft.models.response_file import ResponseFile
from redraft.models.wrapper import PerLoop, Wrapper

_RESPONSE: TypeAdapter[ChatResponse] = TypeAdapter(ChatResponse)
_INCOMPLETE = frozenset({"abort", "cancelled", "error", "unknown"})


def to_keep(response: ChatResponse) -> bytes | None:
    """`response` as the store keeps it; None for one with a completion that was broken off at the server."""
    broken_off = any(completion.finish_reason in _INCOMPLETE for completion in response.completions)
    return None if broken_off else _RESPONSE.dump_json(response)


def kept(raw: bytes, path: Path) -> ChatResponse:
    """The response that was kept in the store at `path`. Raises ConfigError where it is damaged."""
    try:
        return replace(_RESPONSE.validate_json(raw), stored=True)
    except ValidationError as error:
        raise ConfigError(f"the response store {path} cannot be used ({error}); delete it or name another") from error


class Stored(Wrapper):
    """Answers from the file at `path` what was asked before, and keeps there what was not.

    A stored response is the first one, usage and all, with `stored=True`. Equal requests at the same time share one
    call; where that call fails, each of them asks for itself. A response with a completion that was broken off at the
    server is passed on but not kept. Any number of processes may use one file. `hits` and `misses` count the chats of
    this object that were answered from the store, and those that went to the model.

    Raises ConfigError where the file cannot be read or written, or is not a response store.
    """

    def __init__(self, model: ChatModel, path: Path) -> None:
        super().__init__(model)
        self._path = path
        self._file = ResponseFile(path)
        self._identity = ""
        self.hits = 0
        self.misses = 0
        self._asking: PerLoop[WeakValueDictionary[bytes, asyncio.Lock]] = PerLoop(WeakValueDictionary)

    async def chat(self, request: ChatRequest) -> ChatResponse:
        self._identity = self._identity or await self.settled_identity()
        key = request_key(self._identity, request)
        raw = self._file.get(key)
        if raw is None:
            # Held weakly: the lock lives as long as somebody asks for this key.
            asking = self._asking.here().setdefault(key, asyncio.Lock())
            somebody_asks = asking.locked()
            async with asking:
                if not somebody_asks or (raw := self._file.get(key)) is None:
                    response = await self.model.chat(request)
                    self.misses += 1
                    return await self._put(key, response)
        self.hits += 1
        return kept(raw, self._path)

    async def _put(self, key: bytes, response: ChatResponse) -> ChatResponse:
        """Keep `response`, and return what the store now holds: another process may have been first."""
        raw = to_keep(response)
        if raw is None or await self._file.put(key, raw):
            return response
        first = self._file.get(key)
        return response if first is None else replace(kept(first, self._path), stored=response.stored)

    async def aclose(self) -> None:
        self._file.close()
        await super().aclose()
