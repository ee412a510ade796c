"""Samples in redraft's own format: a JSON line each, with `id`, `task`, and perhaps `gold` and `group`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from redraft.errors import ConfigError
from redraft.evaluation.datasets.dataset import Dataset
from redraft.evaluation.datasets.grading import GOLD, by_kind, gold_row
from redraft.evaluation.datasets.rows import documents, made, samples_of
from redraft.evaluation.sample import Sample
from redraft.verifiers.gold import Row


def write_samples(path: Path, samples: Iterable[Sample]) -> None:
    """One line each, as `jsonl:PATH` reads them. Raises ConfigError where the file cannot be written."""
    write_lines(path, (sample.model_dump_json() for sample in samples))


def task_line(sample: Sample) -> str:
    """A line of `redraft run`'s input: id and task, without gold."""
    return json.dumps({"id": sample.id, **sample.task.model_dump(mode="json", exclude_none=True)}, ensure_ascii=False)


def gold_line(sample: Sample) -> str:
    """A line of the file that the verifier of its kind of task reads: the task's text, and the gold."""
    field = next(name for name in Row.model_fields if isinstance(getattr(sample.task, name, None), str))
    gold = sample.gold if isinstance(sample.gold, dict) else {"gold": sample.gold}
    return json.dumps({**gold, field: getattr(sample.task, field)}, ensure_ascii=False)


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """A text file of `lines`. Raises ConfigError where it cannot be written."""
    try:
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error


def _load(argument: str) -> list[Sample]:
    path = Path(argument)
    return samples_of(path, _checked(path))


def _checked(path: Path) -> Iterator[tuple[str, Sample]]:
    """Gold is checked by the schema of its task's kind, so that a fault shows before a model was asked anything."""
    for place, value in documents(path):
        pair = made(place, Sample, value, lambda sample, _: sample, 0)
        if (row := GOLD.get(pair[1].task.kind)) and isinstance(pair[1].gold, dict) and _told(pair[1], row.model_fields):
            try:
                gold_row(pair[1], row)
            except ConfigError as error:
                raise ConfigError(f"{place}: {error}") from error
        yield pair


def _told(sample: Sample, fields: Iterable[str]) -> bool:
    """Gold may hold other things alone, such as a person's score, which no verifier here reads."""
    return isinstance(sample.gold, dict) and not sample.gold.keys().isdisjoint(fields)


DATASET = Dataset(
    name="jsonl",
    argument="FILE.jsonl",
    task="any",
    about="your own samples: id, task, gold, group",
    source="",
    licence="",
    load=_load,
    grader=by_kind,
)
