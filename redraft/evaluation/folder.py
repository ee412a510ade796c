"""A comparison on disk: what it was begun with, and its results, each file whole or not there."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from pydantic import JsonValue

from redraft.engine.manifest import Manifest, differences
from redraft.errors import ConfigError
from redraft.evaluation.outcomes import Outcome
from redraft.evaluation.sample import Sample


class Folder:
    """`path` with `comparison.json`, `tasks.jsonl` (what graphs are given: no gold), `records/`, `verdicts.jsonl` and
    `outcomes.jsonl`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tasks = path / "tasks.jsonl"
        self.verdicts = path / "verdicts.jsonl"
        self._about = path / "comparison.json"

    def records(self, label: str) -> Path:
        """The engine's records of one method."""
        return self.path / "records" / f"{label}.jsonl"

    def begin(self, samples: Sequence[Sample], about: Mapping[str, JsonValue]) -> None:
        """Write down what is compared, or see that it is what was written down.

        Raises ConfigError for no samples or an id that stands twice, and where the folder is of another comparison.
        """
        if not samples:
            raise ConfigError("there are no samples to compare on")
        id, times = Counter(sample.id for sample in samples).most_common(1)[0]
        if times > 1:
            raise ConfigError(f"the sample {id!r} is there {times} times")
        now = {"redraft": version("redraft"), **about, "items": len(samples), "samples": _digest(samples)}
        if self._about.exists():
            if found := differences(self._begun(), now):
                raise ConfigError(
                    f"{self.path} holds another comparison: {'; '.join(found)}. Give the same again, or another folder"
                )
            return
        try:
            self.records("").parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be written: {error.strerror}") from error
        _write(self.tasks, (_task(sample) for sample in samples))
        _write(self._about, [json.dumps(now, indent=1, ensure_ascii=False)])

    def _begun(self) -> Manifest:
        try:
            value = json.loads(self._about.read_bytes())
        except (OSError, ValueError) as error:
            raise ConfigError(f"{self._about} cannot be read: {error}; name another folder") from error
        if not isinstance(value, dict):
            raise ConfigError(f"{self._about} is of no comparison that redraft began; name another folder")
        return {key: part for key, part in value.items() if key not in _CAME}

    def finish(
        self,
        rows: Iterable[Outcome],
        methods: Mapping[str, Manifest],
        pairs: Iterable[tuple[str, str]],
        notes: Iterable[str],
    ) -> None:
        """Write the outcomes, and beside what the comparison was begun with what it came to."""
        _write(self.path / "outcomes.jsonl", (row.model_dump_json(exclude_none=True) for row in rows))
        told: dict[str, object] = {
            **self._begun(),
            "methods": methods,
            "controls": [{"method": method, "control": control} for method, control in pairs],
            "notes": list(notes),
        }
        _write(self._about, [json.dumps(told, indent=1, ensure_ascii=False)])


_CAME = ("methods", "controls", "notes")
"""What `comparison.json` holds besides what the comparison was begun with."""


def _task(sample: Sample) -> str:
    return json.dumps({"id": sample.id, **sample.task.model_dump(mode="json")}, ensure_ascii=False)


def _digest(samples: Iterable[Sample]) -> str:
    digest = sha256()
    for sample in samples:
        digest.update(sample.model_dump_json().encode() + b"\n")
    return f"sha256 {digest.hexdigest()[:16]}"


def _write(path: Path, lines: Iterable[str]) -> None:
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(line + "\n" for line in lines)
        beside.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
