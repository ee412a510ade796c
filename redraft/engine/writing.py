"""Records into a file that is whole or not there: lines go to `OUT.partial` as they finish, which becomes OUT at the
end. A run that is stopped leaves an older OUT untouched and its own finished lines in `OUT.partial`.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from redraft.engine.records import Record
from redraft.errors import ConfigError


class Output:
    """The output file of one run, as a context manager. Raises ConfigError where it cannot be written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(path.name + ".partial")

    def __enter__(self) -> Output:
        try:
            self._file = self._partial.open("w", encoding="utf-8", newline="\n")
        except OSError as error:
            raise ConfigError(f"{self._path} cannot be written: {error.strerror}") from error
        return self

    def write(self, record: Record) -> None:
        """Write one line and hand it to the operating system, so that a killed process keeps it."""
        try:
            self._file.write(record.model_dump_json() + "\n")
            self._file.flush()
        except OSError as error:
            raise ConfigError(f"{self._partial} cannot be written further: {error.strerror}") from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        empty = self._file.tell() == 0
        self._file.close()
        if kind is None:
            self._partial.replace(self._path)
        elif empty:
            self._partial.unlink()
