"""The file of the response store: responses as JSON by their key, for any number of processes. It knows no model.

Content-addressed SQLite in WAL mode: a crash of the process loses nothing, a loss of power at most the last calls.
Reads and writes take tens of microseconds, so they stay on the event loop.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from redraft.errors import ConfigError
from redraft.models.wrapper import PerLoop

_FORMAT = 1

_Waiting = list[tuple[bytes, bytes, "asyncio.Future[bool]"]]
"""Responses to be committed: key, JSON, and what tells whether they were the first."""


class ResponseFile:
    """The store at `path`, which is made if it is not there.

    Every method raises ConfigError where the file cannot be read or written, or is not a response store.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
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

    def get(self, key: bytes) -> bytes | None:
        """The response under `key`, if there is one."""
        response: bytes | None
        with self._faults():
            found = self._database.execute("SELECT CAST(response AS BLOB) FROM responses WHERE key = ?", (key,))
            (response,) = found.fetchone() or (None,)
        return response

    def put(self, key: bytes, response: bytes) -> asyncio.Future[bool]:
        """Keep `response`. Done when it is kept: whether it was the first, for another process's stays as it is.

        Responses that are put in one turn of the event loop are committed together.
        """
        loop, waiting = asyncio.get_running_loop(), self._waiting.here()
        if not waiting:
            loop.call_soon(self._commit, waiting)  # After everything that is ready to run now, and may add to it.
        kept: asyncio.Future[bool] = loop.create_future()
        waiting.append((key, response, kept))
        return kept

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
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> ConfigError:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            return ConfigError(
                f"the response store {self._path} cannot be used ({error}); what it holds is kept: "
                "see that the disk has room and is sound, then start again to go on"
            )
        return ConfigError(f"the response store {self._path} cannot be used ({error}); delete it or name another")

    def close(self) -> None:
        """Close the file. May be called more than once."""
        self._database.close()
