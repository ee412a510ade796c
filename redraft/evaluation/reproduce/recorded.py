"""Reading recorded files: JSON lines and CSV, packed or not, typed."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from redraft.errors import ConfigError

R = TypeVar("R", bound=BaseModel)


def text_of(path: Path) -> str:
    """The text of a file, unpacked where its name ends in `.gz`. Raises ConfigError where it cannot be read."""
    try:
        packed = path.read_bytes()
        return (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error


def read_lines(path: Path, row: type[R]) -> list[R]:
    """The rows of a file of JSON lines. Raises ConfigError, naming file, line and field."""
    # At line feeds alone: some strings hold U+0085 or U+2028, where splitlines would cut.
    lines = [line for line in text_of(path).split("\n") if line]
    return [_read(path, number, row, line) for number, line in enumerate(lines, start=1)]


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file with a head. Raises ConfigError where it cannot be read."""
    return list(csv.DictReader(text_of(path).split("\n")))


def _read(path: Path, number: int, row: type[R], line: str) -> R:
    try:
        return row.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"{path}, line {number}, {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
