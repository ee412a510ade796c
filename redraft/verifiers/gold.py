"""Gold answers, read from a file and handed to the verifier that needs them; never to a task, never to a graph.

What a row of the file holds besides the task's own text is each verifier's affair.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from redraft.errors import ConfigError
from redraft.schema import Failure, Task, Text


class Row(BaseModel):
    """One line: which task it is the gold of, by that task's own text. Further fields are passed over."""

    model_config = ConfigDict(frozen=True)

    source: Text | None = None
    question: Text | None = None
    instruction: Text | None = None
    specification: Text | None = None
    statement: Text | None = None
    request: Text | None = None
    text: Text | None = None

    @property
    def key(self) -> str | None:
        """The task's text."""
        return next((value for name in Row.model_fields if (value := getattr(self, name)) is not None), None)


R = TypeVar("R", bound=Row)
V = TypeVar("V")


def read_gold(path: Path, row: type[R]) -> dict[str, R]:
    """The rows of a file of JSON lines, by the text of their task.

    Raises ConfigError, naming file, line and field, for a line that cannot be read, for two lines of one task that
    differ, and for a file without any.
    """
    try:
        lines = path.expanduser().read_bytes().split(b"\n")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    rows: dict[str, R] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            read = row.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"])) or "the line"
            raise ConfigError(f"{path}, line {number}, {field}: {first['msg']}") from error
        if (key := read.key) is None:
            raise ConfigError(f"{path}, line {number}: none of {', '.join(Row.model_fields)} is there")
        if rows.setdefault(key, read) != read:
            raise ConfigError(f"{path}, line {number}: other gold for the same task stands on an earlier line")
    if not rows:
        raise ConfigError(f"{path} holds no gold")
    return rows


def gold_of(task: Task, gold: Mapping[str, V]) -> V | Failure:
    """What `gold` holds for the text of `task`; Failure (`no_gold`) where that is nothing."""
    key = text_of(task)
    return gold[key] if key in gold else Failure(cause="no_gold", message=f"no gold for the task {key[:60]!r}")


def text_of(task: Task) -> str:
    """The text that tells `task` from others of its kind; empty where it has none, as in tool making."""
    return next((text for name in Row.model_fields if isinstance(text := getattr(task, name, None), str)), "")
