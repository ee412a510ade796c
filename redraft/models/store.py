"""The response store: a finished model call is never paid for twice, in this run or the next. Nothing but the store.

Content-addressed SQLite in WAL mode: a crash of the process loses nothing, a loss of power at most the last calls.
Responses that arrive together are committed together, and a chat returns only when its response is: what a caller has
seen is never asked for again. Reads and writes take tens of microseconds, so they stay on the event loop.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

from pydantic import TypeAdapter, ValidationError

from redraft.errors import ConfigError
from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.models.key import request_key
from redraft.models.wrapper import PerLoop, Wrapper

RESPONSE: TypeAdapter[ChatResponse] = TypeAdapter(ChatResponse)

_INCOMPLETE = frozenset({"abort", "cancelled", "error", "unknown"})
_FORMAT = 1

_Waiting = list[tuple[bytes, bytes, "asyncio.Future[bool]"]]
"""Responses to be committed: key, JSON, and what tells whether they were the first."""


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
        self._identity = ""
        self.hits = 0
        self.misses = 0
        self._asking: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()
        self._waiting: PerLoop[_Waiting] = PerLoop(list)
        self._committing = Lock()  # Loops in different threads share the one connection.
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
            database.execute("CREATE TABLE IF NOT EXISTS responses (key BLOB PRIMARY KEY, response BLOB NOT NULL)")
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
        self._identity = self._identity or await self.settled_identity()
        key = bytes.fromhex(request_key(self._identity, request))
        response = self._get(key)
        if response is None:
            # Held weakly: the lock lives as long as somebody asks for this key.
            asking = self._asking.setdefault(key, asyncio.Lock())
            somebody_asks = asking.locked()
            async with asking:
                if not somebody_asks or (response := self._get(key)) is None:
                    response = await self.model.chat(request)
                    self.misses += 1
                    return await self._put(key, response)
        self.hits += 1
        return replace(response, stored=True)

    def _get(self, key: bytes) -> ChatResponse | None:
        with self._faults():
            row = self._database.execute("SELECT response FROM responses WHERE key = ?", (key,)).fetchone()
            return None if row is None else RESPONSE.validate_json(row[0])

    async def _put(self, key: bytes, response: ChatResponse) -> ChatResponse:
        """Keep `response`, and return what the store now holds: another process may have been first."""
        if any(completion.finish_reason in _INCOMPLETE for completion in response.completions):
            return response
        loop, waiting = asyncio.get_running_loop(), self._waiting.here()
        if not waiting:
            loop.call_soon(self._commit, waiting)  # After everything that is ready to run now, and may add to it.
        kept: asyncio.Future[bool] = loop.create_future()
        waiting.append((key, RESPONSE.dump_json(response), kept))
        return response if await kept else self._get(key) or response

    def _commit(self, waiting: _Waiting) -> None:
        batch = waiting.copy()
        waiting.clear()
        try:
            with self._faults(), self._committing:
                self._database.execute("BEGIN IMMEDIATE")
                try:
                    first = [
                        self._database.execute("INSERT OR IGNORE INTO responses VALUES (?, ?)", row[:2]).rowcount == 1
                        for row in batch
                    ]
                    self._database.execute("COMMIT")
                finally:
                    if self._database.in_transaction:
                        self._database.execute("ROLLBACK")
        except ConfigError as error:
            for *_, kept in batch:
                if not kept.done():
                    kept.set_exception(error)
        else:
            for (*_, kept), new in zip(batch, first, strict=True):
                if not kept.done():
                    kept.set_result(new)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ValidationError) as error:
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> ConfigError:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            return ConfigError(
                f"the response store {self._path} cannot be used ({error}); what it holds is kept: "
                "see that the disk has room and is sound, then start again to go on"
            )
        return ConfigError(f"the response store {self._path} cannot be used ({error}); delete it or name another")

    async def aclose(self) -> None:
        self._database.close()
        await super().aclose()
