"""Worked examples of calls: what exploration (`ste`) leaves behind, and other methods show a model.

A file of them is JSONL, one demonstration a line, or the output of `redraft run ste`, whose final drafts hold such
lines. Making them is `ste`'s; nothing here asks a model.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, ValidationError

from redraft.errors import ConfigError, MissingExtra
from redraft.graphs.calling import Move, Observation, transcript
from redraft.schema import Noun, ToolCallTask

if TYPE_CHECKING:
    from types import ModuleType


class Demonstration(Noun):
    """A request, the calls that answered it with what they brought, and the answer."""

    request: str
    calls: tuple[Observation, ...] = Field(min_length=1)
    answer: str


def write_demonstrations(demonstrations: Sequence[Demonstration]) -> str:
    """As JSONL."""
    return "\n".join(each.model_dump_json() for each in demonstrations)


def read_demonstrations(path: Path) -> list[Demonstration]:
    """Those in the file, in order. Raises ConfigError naming the line at fault."""
    try:
        lines = path.expanduser().read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the demonstrations {path} cannot be read: {error}") from error
    found: list[Demonstration] = []
    for number, line in enumerate(lines, start=1):
        try:
            found += [Demonstration.model_validate_json(each) for each in _lines_in(line)]
        except ValueError as error:
            first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
            raise ConfigError(f"{path}, line {number}: no demonstration: {first}") from error
    return found


def _lines_in(line: str) -> list[str]:
    """The demonstrations in a line: itself, or those in the final draft of a run's record (none in a failed one)."""
    if not line.strip():
        return []
    given = json.loads(line)
    if not isinstance(given, dict) or not given.keys() & {"result", "error"}:
        return [line]
    final = (given.get("result") or {}).get("final") or {}
    return [each for each in str(final.get("text", "")).split("\n") if each.strip()]


def nearest(demonstrations: Sequence[Demonstration], task: ToolCallTask, most: int) -> list[Demonstration]:
    """Of those that call nothing but the task's functions, the `most` whose requests are likest to the task's."""
    offered = {each.name for each in task.functions}
    fit = [each for each in demonstrations if {made.call.name for made in each.calls} <= offered]
    if not fit:
        return []
    fuzz = _fuzz()
    alike = [fuzz.token_set_ratio(task.request.lower(), each.request.lower()) for each in fit]
    return [fit[place] for place in sorted(range(len(fit)), key=lambda place: -alike[place])[:most]]


def _fuzz() -> ModuleType:
    try:
        from rapidfuzz import fuzz
    except ImportError as error:
        raise MissingExtra("rapidfuzz", "tools") from error
    module: ModuleType = fuzz
    return module


def shown(demonstrations: Sequence[Demonstration]) -> str:
    """For a prompt: each request with its calls, what they brought, and the answer."""
    return "\n\n".join(
        f"Request: {each.request}\n{transcript([Move(observations=each.calls)])}\nAnswer: {each.answer}"
        for each in demonstrations
    )
