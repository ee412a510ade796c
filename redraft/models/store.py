"""The response store: a finished model call is never paid for twice, in this run or the next. Nothing but the store.

Content-addressed SQLite in WAL mode: a crash of the process loses nothing, a loss of power at most the last calls.
Reads and writes take tens of microseconds, so they stay on the event loop.
"""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path
from weakref import WeakValueDictionary

from pydantic import TypeAdapter, ValidationError

from redraft.errors import ConfigError
from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.models.key import request_key
from redraft.models.wrapper import Wrapper

RESPONSE: TypeAdapter[ChatResponse] = TypeAdapter(ChatResponse)

_INCOMPLETE = frozenset({"abort", "cancelled", "error", "unknown"})
_FORMAT = 1


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
        self.hits = 0
        self.misses = 0
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = self._open()
        except (OSError, sqlite3.Error) as error:
            raise self._fault(error) from error

    def _open(self) -> sqlite3.Connection:
        # Threads never share a statement here, but a model may be used from one event loop's thread after another's.
        database = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
        try:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")
            database.execute("CREATE TABLE IF NOT EXISTS responses (key TEXT PRIMARY KEY, response BLOB NOT NULL)")
            (version,) = database.execute("PRAGMA user_version").fetchone()
            if version == 0:
                database.execute(f"PRAGMA user_version={_FORMAT}")
            elif version != _FORMAT:
                raise ConfigError(f"the response store {self._path} is of another redraft's format ({version})")
        except (sqlite3.Error, ConfigError):
            database.close()
            raise
        return database

    async def chat(self, request: ChatRequest) -> ChatResponse:
        key = request_key(await self.settled_identity(), request)
        if (response := self._get(key)) is None:
            # Held weakly: the lock lives as long as somebody asks for this key.
            async with self._asking.setdefault(key, asyncio.Lock()):
                if (response := self._get(key)) is None:
                    response = await self.model.chat(request)
                    self.misses += 1
                    return self._put(key, response)
        self.hits += 1
        return replace(response, stored=True)

    def _get(self, key: str) -> ChatResponse | None:
        try:
            row = self._database.execute("SELECT response FROM responses WHERE key = ?", (key,)).fetchone()
            return None if row is None else RESPONSE.validate_json(row[0])
        except (sqlite3.Error, ValidationError) as error:
            raise self._fault(error) from error

    def _put(self, key: str, response: ChatResponse) -> ChatResponse:
        """Keep `response`, and return what the store now holds: another process may have been first."""
        if any(completion.finish_reason in _INCOMPLETE for completion in response.completions):
            return response
        try:
            added = self._database.execute(
                "INSERT OR IGNORE INTO responses VALUES (?, ?)", (key, RESPONSE.dump_json(response))
            )
        except sqlite3.Error as error:
            raise self._fault(error) from error
        return response if added.rowcount else self._get(key) or response

    def _fault(self, error: Exception) -> ConfigError:
        return ConfigError(f"the response store {self._path} cannot be used ({error}); delete it or name another")

    async def aclose(self) -> None:
        self._database.close()
        await super().aclose()
