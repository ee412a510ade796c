"""Files of records as bytes: putting them in the order of the input in bounded memory, and mending a torn end."""

from __future__ import annotations

import os
import re
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_LINE = re.compile(rb'"line":(\d+)')
"""Only an id stands before it, in which a quotation mark would be escaped."""

_AT_ONCE = 1 << 18
"""Records put in order in one pass over the file: 2 MiB of offsets, however long it is."""

_BLOCK = 1 << 20


def write_all(file: IO[bytes], data: bytes) -> None:
    """Write to a file without a buffer, which may take less at once. Raises OSError."""
    while data:
        data = data[file.write(data) :]


def write_in_order(records: Path, out: Path, lines: int) -> None:
    """Write `records`, which are of the first `lines` lines of the input, to `out` by line; OUT is whole or untouched.

    Raises OSError.
    """
    sorted_ = out.with_name(out.name + ".sorted")
    try:
        with records.open("rb") as source, sorted_.open("wb") as target:
            for first in range(0, lines + 1, _AT_ONCE):
                offsets = _offsets(source, first, min(_AT_ONCE, lines + 1 - first))
                for offset in offsets:
                    if offset:
                        source.seek(offset - 1)
                        target.write(source.readline())
            target.flush()
            os.fsync(target.fileno())
        sorted_.replace(out)
    finally:
        sorted_.unlink(missing_ok=True)


def _offsets(source: IO[bytes], first: int, count: int) -> array[int]:
    """Where the records of `count` lines begin, each plus one; 0 where there is none."""
    found = array("Q", bytes(8 * count))
    for offset, record in _with_offsets(source):
        if (told := _LINE.search(record)) and first <= (line := int(told[1])) < first + count:
            found[line - first] = offset + 1
    return found


def _with_offsets(source: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    source.seek(0)
    offset = 0
    for record in source:
        yield offset, record
        offset += len(record)


def cut_torn_line(path: Path) -> None:
    """Cut a last line off that has no end: its writer was killed, or the disk was full. Raises OSError."""
    with path.open("r+b") as file:
        end = start = file.seek(0, os.SEEK_END)
        while start > 0:
            start = max(0, start - _BLOCK)
            file.seek(start)
            newline = file.read(min(_BLOCK, end - start)).rfind(b"\n")
            if newline >= 0:
                file.truncate(start + newline + 1)
                return
        file.truncate(0)
