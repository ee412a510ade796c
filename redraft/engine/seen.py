"""Which ids have been seen, in bounded memory: a temporary database that spills to disk and goes with its owner."""

from __future__ import annotations

import sqlite3

from redraft.errors import ConfigError


class Seen:
    """The ids of a run's input with the line each stands on."""

    def __init__(self) -> None:
        # SQLite keeps a database without a name in a file of its own, deleted when it is closed.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=OFF")
        self._database.execute("PRAGMA synchronous=OFF")
        self._database.execute("CREATE TABLE seen (id TEXT PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID")

    def line_of(self, id: str, line: int) -> int | None:
        """The earlier line with this id; if there is none, `line` is remembered as its first.

        Raises ConfigError where there is no room for the database.
        """
        try:
            if self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (id, line)).rowcount:
                return None
            return int(self._database.execute("SELECT line FROM seen WHERE id = ?", (id,)).fetchone()[0])
        except sqlite3.OperationalError as error:
            raise ConfigError(
                f"there is no room for a temporary file of the input's ids ({error}): "
                "let the environment variable SQLITE_TMPDIR name a folder that has some"
            ) from error

    def close(self) -> None:
        """Delete it."""
        self._database.close()
