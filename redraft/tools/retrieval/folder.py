"""The texts in a folder: what is read, and what is left out and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from redraft.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Text:
    """A file that was read. `path` is relative to the folder, with "/" between its parts."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or folder that was not."""

    path: str
    reason: str


def read_folder(folder: Path, max_file: int, max_total: int) -> Iterator[Text | Skipped]:
    """Every file under `folder` in the order of their paths, as text where it is UTF-8 and no longer than `max_file`
    bytes, until `max_total` bytes were read.

    Links are not followed and names that begin with a dot are passed over, each told of. Raises ConfigError where
    `folder` is no folder that can be read.
    """
    root = folder.expanduser()
    if not root.is_dir():
        raise ConfigError(f"there is no folder {folder}")
    left = max_total
    for path, reason in _walk(root):
        name = path.relative_to(root).as_posix()
        read = reason or _read(path, max_file, left)
        if isinstance(read, bytes):
            left -= len(read)
            try:
                yield Text(name, read.decode("utf-8-sig"))
            except UnicodeDecodeError:
                yield Skipped(name, "not text in UTF-8")
        else:
            yield Skipped(name, read)


def _walk(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every plain file; what is none, or is not looked into, with the reason."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise ConfigError(f"{folder} cannot be read: {error.strerror}") from error
    for path in entries:
        if path.name.startswith("."):
            yield path, "hidden"
        elif path.is_symlink():
            yield path, "a link"
        elif path.is_dir():
            yield from _walk(path)
        else:
            yield path, "" if path.is_file() else "no plain file"


def _read(path: Path, max_file: int, left: int) -> bytes | str:
    """The bytes of a file, or why it was left out. Never takes in more than the limits, whatever the file's size."""
    limit = min(max_file, left)
    try:
        with path.open("rb") as file:
            read = file.read(limit + 1)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if len(read) > max_file:
        return f"larger than {max_file:,} bytes"
    if len(read) > left:
        return "the folder's limit is used up"
    return "binary" if b"\0" in read else read
