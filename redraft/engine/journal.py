"""The journal of a run: each record goes to `OUT.partial` as it finishes, and is never written twice.

A run that was ended in any way is continued from there; when all is done, the records go to OUT in the order of the
input. `OUT.run.json` says what the run was begun with, and holds the lock that keeps a second process away.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from redraft.engine.manifest import Manifest, differences, read_manifest
from redraft.engine.ordering import cut_torn_line, write_all, write_in_order
from redraft.engine.reading import read_records
from redraft.engine.records import Done, Record
from redraft.errors import ConfigError


class Journal:
    """The journal of the run that writes `out`, as a context manager: entering locks it.

    Raises ConfigError where another process writes to `out`, where an unfinished run of another kind stands in the way
    (`restart` discards it), and where a file cannot be written or `out` is something else than a file of plain JSONL.
    With `retry_failed` the run goes on from what is in `out`, or in its journal, without the records that failed;
    ConfigError where there is nothing, or with `restart`.
    """

    def __init__(self, out: Path, manifest: Manifest, restart: bool = False, retry_failed: bool = False) -> None:
        if out.suffix == ".gz":
            raise ConfigError(f"{out}: the output is plain JSONL, so name a file without .gz")
        if restart and retry_failed:
            raise ConfigError("a run that begins anew has nothing to retry: give --restart or --retry-failed, not both")
        try:
            if out.exists() and not out.is_file():
                raise ConfigError(f"{out} is no regular file, which the output must be: name another")
        except OSError as error:
            raise ConfigError(f"{out} cannot be written: {error.strerror}") from error
        out = Path(os.path.realpath(out)) if out.is_symlink() else out  # What it points to is replaced, not the link.
        self.out = out
        self.partial = out.with_name(out.name + ".partial")
        self._manifest_path = out.with_name(out.name + ".run.json")
        self._manifest = manifest
        self._restart = restart
        self._retry_failed = retry_failed
        self._before = b""
        self._done = bytearray()
        self._in_order = True
        self._last = 0

    # ---- beginning ---------------------------------------------------------------------------------------------

    def __enter__(self) -> Journal:
        try:
            self._lock: IO[bytes] = self._manifest_path.open("a+b", buffering=0)
        except OSError as error:
            raise ConfigError(f"{self.out} cannot be written: {error.strerror}") from error
        try:
            self._begin()
        except (ConfigError, OSError) as error:
            self._lock.close()
            if isinstance(error, ConfigError):
                raise
            raise ConfigError(f"{self.out} cannot be written: {error.strerror}") from error
        return self

    def _begin(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigError(f"another process is writing {self.out}: wait for it, or name another output") from error
        if self.partial.exists() and (self._restart or not self.partial.stat().st_size):
            self._say(b"")  # It tells of the journal, and not of OUT.
            self.partial.unlink()
        if not self.partial.exists():
            self._before = self._told()
        if self.partial.exists():
            cut_torn_line(self.partial)
            self._compare(self.partial)
        elif self._retry_failed and self.out.exists():
            self._compare(self.out)
        if self._retry_failed:
            self._keep_good()
        anew = not self.partial.exists()
        self._file: IO[bytes] = self.partial.open("ab", buffering=0)
        if anew:
            try:
                self._say(json.dumps(self._manifest, indent=1, ensure_ascii=False).encode() + b"\n")
            except OSError:
                self._file.close()
                self._forget()
                raise

    def _told(self) -> bytes:
        self._lock.seek(0)
        return self._lock.read()

    def _say(self, manifest: bytes) -> None:
        self._lock.truncate(0)
        write_all(self._lock, manifest)

    def _compare(self, records: Path) -> None:
        begun = read_manifest(self._told().decode(errors="replace"), self._manifest_path)
        if found := differences(begun, self._manifest):
            raise ConfigError(
                f"{records} holds a run that was begun otherwise: {'; '.join(found)}. "
                "Give the same again to go on with it, --restart to begin anew, or another output"
            )

    def _keep_good(self) -> None:
        last = self.partial if self.partial.exists() else self.out
        if not last.exists():
            raise ConfigError(f"there is no {self.out} whose failed items could be run again")
        good = self.out.with_name(self.out.name + ".good")
        with good.open("wb") as file:
            for record in read_records(last):
                if isinstance(record, Done) and not record.failed:
                    file.write(record.line_of_json().encode() + b"\n")
        good.replace(self.partial)

    # ---- going on ----------------------------------------------------------------------------------------------

    def finished(self) -> Iterator[Record]:
        """The records that stand in the journal already. To be read to the end before the first `write`."""
        for record in read_records(self.partial):
            self._note(record.line)
            yield record

    def __contains__(self, line: int) -> bool:
        """Whether the record of that line of the input stands in the journal."""
        return line // 8 < len(self._done) and bool(self._done[line // 8] >> line % 8 & 1)

    def write(self, record: Record) -> None:
        """Add one record, and hand it to the operating system, so that a killed process keeps it."""
        data = record.line_of_json().encode() + b"\n"
        try:
            write_all(self._file, data)
        except OSError as error:
            raise ConfigError(
                f"{self.partial} cannot be written further ({error.strerror}); what it holds is kept: "
                "make room, then start again to go on"
            ) from error
        self._note(record.line)

    def _note(self, line: int) -> None:
        self._in_order = self._in_order and line > self._last
        self._last = line
        if line // 8 >= len(self._done):
            self._done.extend(bytes(line // 8 + 1024 - len(self._done)))
        self._done[line // 8] |= 1 << line % 8

    # ---- ending ------------------------------------------------------------------------------------------------

    def complete(self, ordered: bool = True) -> None:
        """The run is done: make the journal OUT, in the order of the input or as the records finished."""
        try:
            os.fsync(self._file.fileno())
            if ordered and not self._in_order:
                write_in_order(self.partial, self.out, len(self._done) * 8)
                self.partial.unlink()
            else:
                self.partial.replace(self.out)
        except OSError as error:
            raise ConfigError(
                f"{self.out} cannot be written ({error.strerror}); every record is in {self.partial}: "
                "make room, then start again"
            ) from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        empty = self.partial.exists() and self._file.tell() == 0
        self._file.close()
        if empty:
            self._forget()
        self._lock.close()

    def _forget(self) -> None:
        """Nothing came of this run, so OUT is still what an earlier one made: let its manifest say so again."""
        with suppress(OSError):  # A manifest that is cut off is taken for no run's.
            self._say(self._before)
        self.partial.unlink()
