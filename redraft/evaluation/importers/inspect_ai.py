"""Logs of inspect_ai: `.eval` (a zip with a file for each sample) and `.json` (one document), version 2 of both.

Since 2026 the zip's members are packed with Zstandard, for which Python before 3.14 needs the extra `inspect`.
"""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from redraft.errors import ConfigError, MissingExtra
from redraft.evaluation.datasets.rows import json_of, parsed_row
from redraft.evaluation.importers.logged import Logged
from redraft.schema import Usage

_ZSTANDARD = 93
_VALUES = {"C": 1.0, "I": 0.0, "P": 0.5}
"""Correct, incorrect, partial. `N`, no answer, is no score: nothing could be read."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Score(_Part):
    value: JsonValue
    answer: str | None = None


class _Tokens(_Part):
    input_tokens: int = 0
    output_tokens: int = 0
    input_tokens_cache_read: int | None = None


class _Output(_Part):
    completion: str = ""


class _Event(_Part):
    event: str


class _Sample(_Part):
    id: int | str
    epoch: int
    input: JsonValue
    target: JsonValue = None
    output: _Output | None = None
    scores: dict[str, _Score] | None = None
    model_usage: dict[str, _Tokens] = Field(default_factory=dict)
    total_time: float | None = None
    error: JsonValue = None
    events: tuple[_Event, ...] = ()

    @property
    def usage(self) -> Usage:
        """Of all models together; a call is a model event."""
        return Usage(
            calls=sum(event.event == "model" for event in self.events),
            prompt_tokens=sum(tokens.input_tokens for tokens in self.model_usage.values()),
            completion_tokens=sum(tokens.output_tokens for tokens in self.model_usage.values()),
            cached_tokens=sum(tokens.input_tokens_cache_read or 0 for tokens in self.model_usage.values()),
            seconds=round(self.total_time or 0.0, 3),
        )


def read_inspect(path: Path) -> list[Logged]:
    """The samples of a log; those that ended in an error have no scores.

    With several epochs the id is `ID/EPOCH`, and the epochs of one sample share a group. Raises ConfigError, naming
    file, sample and field, for what is no such log, and MissingExtra for a zip that needs Zstandard.
    """
    path = path.expanduser()
    found = [(place, parsed_row(place, _Sample, value)) for place, value in _documents(path)]
    several = len({sample.epoch for _, sample in found}) > 1
    return [_logged(place, sample, several) for place, sample in found]


def _logged(place: str, sample: _Sample, several: bool) -> Logged:
    scores = {} if sample.error is not None else sample.scores or {}
    return Logged(
        id=f"{sample.id}/{sample.epoch}" if several else str(sample.id),
        asked=json.dumps([_asked(sample.input), sample.target], sort_keys=True),
        output=sample.output.completion if sample.output and sample.error is None else None,
        scores={name: number for name, score in scores.items() if (number := _number(score.value)) is not None},
        group=str(sample.id) if several else None,
        usage=sample.usage,
        told=place,
    )


def _number(value: JsonValue) -> float | None:
    if isinstance(value, str):
        return _VALUES.get(value)
    return float(value) if isinstance(value, int | float) else None


def _asked(input: JsonValue) -> JsonValue:
    """Messages without their ids, which differ from run to run."""
    if isinstance(input, list):
        return [[m.get("role"), m.get("content")] if isinstance(m, dict) else m for m in input]
    return input


def _documents(path: Path) -> Iterator[tuple[str, JsonValue]]:
    if zipfile.is_zipfile(path):
        yield from _members(path)
        return
    log = json_of(path)
    samples = log.get("samples") if isinstance(log, dict) else None
    if not isinstance(samples, list):
        raise ConfigError(f"{path}, samples: no log of inspect_ai, or one without its samples")
    yield from ((f"{path}, sample {number}", sample) for number, sample in enumerate(samples, start=1))


def _members(path: Path) -> Iterator[tuple[str, JsonValue]]:
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if member.filename.startswith("samples/")]
        if not members:
            raise ConfigError(f"{path} holds no samples")
        for member in members:
            place = f"{path}, {member.filename}"
            try:
                value: JsonValue = json.loads(_unpacked(path, archive, member))
            except (ValueError, zipfile.BadZipFile) as error:
                raise ConfigError(f"{place}: not JSON: {error}") from error
            yield place, value


def _unpacked(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.compress_type != _ZSTANDARD:
        return archive.read(member)
    try:
        import zstandard
    except ImportError as error:
        raise MissingExtra("zstandard", "inspect") from error
    with path.open("rb") as file:
        file.seek(member.header_offset)
        # Of a member's own header the lengths of its name and of what follows are needed: the data comes behind them.
        name, extra = struct.unpack("<26xHH", file.read(30))
        file.seek(name + extra, 1)
        try:
            return zstandard.ZstdDecompressor().decompressobj().decompress(file.read(member.compress_size))
        except zstandard.ZstdError as error:
            raise ConfigError(f"{path}, {member.filename}: damaged: {error}") from error
