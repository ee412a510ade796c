"""Who looks on while a run goes on: progress, events and metrics. A watcher never changes a run."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from pydantic import JsonValue

from redraft.engine.ordering import write_all
from redraft.engine.records import Bad, Record
from redraft.errors import ConfigError


class Watcher(Protocol):
    """Is told of a run as it happens. Called for every record, so it must be cheap: draw and send at intervals."""

    def begin(self, total: int | None, done: int) -> None:
        """The run begins; `total` lines are known to be in the input, `done` of them were finished before."""
        ...

    def add(self, record: Record) -> None:
        """A record was written, in this run or (before `begin`) in the one that it continues."""
        ...

    def end(self, reason: str | None) -> None:
        """The run ends: with every line done (None), or early, and why."""
        ...


class Watchers:
    """Several watchers as one."""

    def __init__(self, watchers: Iterable[Watcher]) -> None:
        self._watchers = tuple(watchers)

    def begin(self, total: int | None, done: int) -> None:
        for watcher in self._watchers:
            watcher.begin(total, done)

    def add(self, record: Record) -> None:
        for watcher in self._watchers:
            watcher.add(record)

    def end(self, reason: str | None) -> None:
        with ExitStack() as ends:  # Each of them, though another's fails.
            for watcher in reversed(self._watchers):
                ends.callback(watcher.end, reason)


class Events:
    """Appends one JSON line per event to a file, for a program that follows the run.

    `{"event": "begin" | "item" | "end", "time": seconds since 1970, ...}`. Raises ConfigError where it cannot.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise ConfigError(f"the events cannot be written to {path}: {error.strerror}") from error
        self._begun = False

    def begin(self, total: int | None, done: int) -> None:
        self._begun = True
        self._write("begin", total=total, done=done)

    def add(self, record: Record) -> None:
        if not self._begun:
            return
        if isinstance(record, Bad):
            self._write("item", id=record.id, line=record.line, error=record.error.cause)
            return
        result, usage = record.result, record.result.usage
        self._write(
            "item",
            id=record.id,
            line=record.line,
            stop=result.stop,
            findings=len(result.findings),
            accepted=sum(revision.accepted for revision in result.revisions),
            revisions=len(result.revisions),
            unparsed=len(result.unparsed),
            errors=[error.cause for error in result.errors],
            calls=usage.calls,
            prompt_tokens=usage.prompt_tokens,
            cached_tokens=usage.cached_tokens,
            completion_tokens=usage.completion_tokens,
            model_seconds=round(usage.seconds, 6),
        )

    def end(self, reason: str | None) -> None:
        with self._file:
            self._write("end", reason=reason)

    def _write(self, event: str, **fields: JsonValue) -> None:
        line = json.dumps({"event": event, "time": round(time.time(), 3), **fields}) + "\n"
        try:
            write_all(self._file, line.encode())
        except OSError as error:
            raise ConfigError(f"the events cannot be written to {self._path}: {error.strerror}") from error
