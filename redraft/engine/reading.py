"""Items out of a JSONL file (gzipped too), a line at a time; a bad line becomes a record of its own, never an end.

Lines end at "\\n" alone: JSON strings may hold U+2028 and U+0085, at which `str.splitlines` would cut.
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from redraft.engine.records import RECORD, Bad, Item, Record
from redraft.engine.seen import Seen
from redraft.errors import ConfigError
from redraft.schema import (
    BaseTask,
    CodeTask,
    Failure,
    InstructionTask,
    QuestionTask,
    Task,
    TextTask,
    TheoremTask,
    ToolCallTask,
    ToolMakingTask,
    TranslationTask,
)

TASK: TypeAdapter[Task] = TypeAdapter(Task)

_KINDS: dict[str, type[BaseTask]] = {
    task.model_fields["kind"].default: task
    for task in (
        TranslationTask,
        QuestionTask,
        InstructionTask,
        CodeTask,
        TheoremTask,
        ToolCallTask,
        ToolMakingTask,
        TextTask,
    )
}
_FIELDS = {kind: {*task.model_fields} - {"kind"} for kind, task in _KINDS.items()}
_FIELDS["translation"].add("translation")
_TELLING = {
    "source": "translation",
    "question": "question",
    "instruction": "instruction",
    "specification": "code",
    "statement": "theorem",
    "request": "tool_call",
    "held_out": "tool_making",
    "text": "text",
}
"""The field that tells a task's kind where the line does not name it."""


class _BadField(ValueError):
    def __init__(self, cause: str, message: str) -> None:
        super().__init__(message)
        self.cause = cause


def read_items(path: Path, kinds: frozenset[str] = frozenset(), limit: int | None = None) -> Iterator[Item | Bad]:
    """The items of the file, and a `Bad` for every line that holds none.

    `kinds` is what the method takes, if not all; `limit` ends the reading after so many lines.

    Raises ConfigError where the file cannot be read at all, or is UTF-16.
    """
    with closing(Seen()) as seen:
        for number, raw in enumerate(islice(_lines(path), limit), start=1):
            id: str | None = None
            try:
                fields = _object(raw)
                id = _id(fields.pop("id", number))
                if first := seen.line_of(id, number):
                    raise _BadField("duplicate_id", f"field id: {id!r} stands on line {first} already")
                yield _item(id, number, fields, kinds)
            except _BadField as fault:
                message = f"{path}:{number}: {fault}".encode(errors="backslashreplace").decode()
                yield Bad(id=id, line=number, error=Failure(cause=fault.cause, message=message))


def read_records(path: Path) -> Iterator[Record]:
    """The records of an output file. Raises ConfigError with file and line where one is not a record."""
    for number, raw in enumerate(_lines(path), start=1):
        try:
            yield RECORD.validate_json(raw)
        except ValidationError as error:
            raise ConfigError(f"{path}:{number}: not a record that `redraft run` wrote") from error


def count_lines(path: Path, limit: int | None = None) -> int | None:
    """How many lines `read_items` will read; None where that cannot be told without unpacking the file."""
    if path.suffix == ".gz":
        return None
    with path.open("rb") as file:
        lines = sum(block.count(b"\n") for block in iter(partial(file.read, 1 << 20), b""))
        if file.tell():
            file.seek(-1, os.SEEK_END)
            lines += file.read(1) != b"\n"
    return lines if limit is None else min(lines, limit)


def _lines(path: Path) -> Iterator[bytes]:
    """Lines that are not blank, without a byte order mark."""
    try:
        with cast(BinaryIO, gzip.open(path) if path.suffix == ".gz" else path.open("rb")) as file:
            for number, raw in enumerate(file):
                if number == 0:
                    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
                        raise ConfigError(f"{path} is UTF-16: write it as UTF-8 (iconv -f UTF-16 -t UTF-8)")
                    raw = raw.removeprefix(b"\xef\xbb\xbf")
                yield raw.strip(b"\r\n")
    except (OSError, EOFError, zlib.error) as error:
        reason = isinstance(error, OSError) and error.strerror  # gzip's own have none
        raise ConfigError(f"{path} cannot be read: {reason or error}") from error


def _object(raw: bytes) -> dict[str, object]:
    try:
        value = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _BadField("bad_encoding", f"not UTF-8 at byte {error.start + 1}") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise _BadField("bad_json", f"not a JSON object: {error}") from error
    except ValueError as error:  # The interpreter refuses to read it, because that would take long.
        raise _BadField("bad_json", "holds a whole number of thousands of digits: write it as a text") from error
    if not isinstance(value, dict):
        raise _BadField("bad_json", f"a JSON object was expected, not {type(value).__name__}")
    return value


def _id(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise _BadField("bad_field", "field id: a text or a whole number is expected")
    try:
        str(value).encode()
    except UnicodeEncodeError as error:
        raise _BadField("bad_field", "field id: holds half a surrogate pair") from error
    return str(value)


def _item(id: str, line: int, fields: dict[str, object], kinds: frozenset[str]) -> Item:
    kind = fields.pop("kind", None) or _kind(fields, kinds)
    if not isinstance(kind, str):
        raise _BadField("bad_field", f"field kind: a text is expected, one of {', '.join(_FIELDS)}")
    if kind not in _FIELDS:
        raise _BadField("bad_field", f"field kind: {kind!r} is none of {', '.join(_FIELDS)}")
    known = _FIELDS[kind]
    task = {"kind": kind, **{name: value for name, value in fields.items() if name in known}}
    try:
        item = Item(
            id=id,
            line=line,
            task=TASK.validate_python(task),
            meta={name: value for name, value in fields.items() if name not in known},
        )
    except RecursionError as error:
        raise _BadField("bad_field", f"a field of the {kind} task holds too many levels") from error
    except ValidationError as error:
        fault = error.errors()[0]
        name = ".".join(map(str, fault["loc"][1:]))  # after the kind
        message = "is missing" if fault["type"] == "missing" else fault["msg"].removeprefix("Value error, ")
        raise _BadField("bad_field", f"field {name}: {message}") from error
    _check_kept(item)
    return item


def _check_kept(item: Item) -> None:
    """Refuse now what could not be written to a record, or not be read again, once its calls are paid for."""
    for name, value in {**item.task.model_dump(), **item.meta}.items():
        try:
            from_json(to_json({"meta": {name: value}}), allow_inf_nan=False)  # As deep as it lies in the record.
        except ValueError as error:
            raise _BadField(
                "bad_field",
                f"field {name}: no record can hold half a surrogate pair, NaN, Infinity, or more than 190 levels",
            ) from error


def _kind(fields: dict[str, object], kinds: frozenset[str]) -> str:
    if len(kinds) == 1:
        return next(iter(kinds))
    told = {kind for field, kind in _TELLING.items() if field in fields}
    if len(told) != 1:
        raise _BadField("bad_field", f"field kind: say which it is, one of {', '.join(_FIELDS)}")
    return told.pop()
