"""Rows of a local file, each made a `Sample`; whatever is wrong is told with file, line and field.

What a row of one data set looks like belongs in that data set's file.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from redraft.errors import ConfigError
from redraft.evaluation.sample import Sample


class Row(BaseModel):
    """A row as the data set's authors wrote it. Fields that are not asked for are passed over."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)


R = TypeVar("R", bound=BaseModel)
Place = str
"""Where a row stands: `test.jsonl, line 3`."""


def read_rows(path: Path, row: type[R], make: Callable[[R, int], Sample]) -> list[Sample]:
    """The samples of a file of JSON lines or of one JSON list, gzipped or not; `make` gets a row and its index from 0.

    A sample that is repeated word for word counts once. Raises ConfigError, naming file, line and field, for a row that
    cannot be used, for an id that two samples share, and for a file without any.
    """
    rows = ((place, row, value) for place, value in documents(path))
    return samples_of(path, (made(place, row, value, make, index) for index, (place, row, value) in enumerate(rows)))


def samples_of(source: object, samples: Iterable[tuple[Place, Sample]]) -> list[Sample]:
    """The samples, each once. Raises ConfigError for an id that two share, and where there are none."""
    seen: dict[str, tuple[Place, Sample]] = {}
    for place, sample in samples:
        first, same = seen.setdefault(sample.id, (place, sample))
        if same != sample:
            raise ConfigError(f"{place}, id: {sample.id!r} is the id of another sample already ({first})")
    if not seen:
        raise ConfigError(f"{source} holds no samples")
    return [sample for _, sample in seen.values()]


def made(
    place: Place, row: type[R], value: JsonValue, make: Callable[[R, int], Sample], index: int
) -> tuple[Place, Sample]:
    """The sample of one row, with its place. Raises ConfigError naming place and field."""
    try:
        return place, make(row.model_validate(value), index)
    except ValidationError as error:
        raise _fault(place, error) from error


def parsed_row(place: Place, row: type[R], value: JsonValue) -> R:
    """The row that `value` is. Raises ConfigError naming place and field."""
    try:
        return row.model_validate(value)
    except ValidationError as error:
        raise _fault(place, error) from error


def _fault(place: Place, error: ValidationError) -> ConfigError:
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"])) or "the row"
    return ConfigError(f"{place}, {field}: {first['msg'].removeprefix('Value error, ')}")


def documents(path: Path) -> Iterator[tuple[Place, JsonValue]]:
    """Every JSON document of the file with its place. Raises ConfigError for what is no JSON, or no UTF-8."""
    text = read_text(path)
    if text.lstrip()[:1] == "[":
        listed = _parsed(f"{path}", text)
        assert isinstance(listed, list)
        yield from ((f"{path}, item {number}", value) for number, value in enumerate(listed, start=1))
        return
    # Not splitlines(): a string of JSON may hold U+2028 and U+0085.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield f"{path}, line {number}", _parsed(f"{path}, line {number}", line)


def json_of(path: Path) -> JsonValue:
    """The one JSON document that the file is. Raises ConfigError."""
    return _parsed(f"{path}", read_text(path))


def read_text(path: Path) -> str:
    """The text of a file, gzipped or not. Raises ConfigError where it cannot be read or is no UTF-8."""
    path = path.expanduser()
    try:
        raw = path.read_bytes()
        return (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"{path} cannot be read: {reason}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 at byte {error.start + 1}") from error


def _parsed(place: Place, text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ConfigError(f"{place}: not JSON: {error}") from error
    return value
