"""Any data set of the Hugging Face hub, through `datasets`; the argument says which of its fields is what.

`hf:openai/gsm8k/main@test?question=question&answer=answer`: id, configuration, split; then redraft's name for a field,
and the data set's. A field within a field is written `translation.en`; a value that begins with `=` is meant as it
stands (`source_lang==en`). A local folder or file that `datasets` can read may stand for the id.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, JsonValue

from redraft.errors import ConfigError, MissingExtra
from redraft.evaluation.datasets.dataset import Dataset
from redraft.evaluation.datasets.grading import by_kind
from redraft.evaluation.datasets.rows import made, samples_of
from redraft.evaluation.sample import Sample

if TYPE_CHECKING:
    from collections.abc import Iterable

_TEXT = {
    "question": "question",
    "source": "translation",
    "instruction": "instruction",
    "specification": "code",
    "statement": "theorem",
    "request": "tool_call",
    "text": "text",
}
"""The field that tells which kind of task it is."""
_TASK = frozenset({*_TEXT, "draft", "source_lang", "target_lang", "entry_point", "prover", "functions"})
_GOLD = frozenset({"answer", "reference", "tests", "test", "setup", "entry_point"})
_NAMES = ("id", "group", *sorted(_TASK), "visible_tests", *sorted(_GOLD - _TASK))


class Fields(BaseModel):
    """A row under redraft's names."""

    model_config = ConfigDict(frozen=True)

    id: str
    group: str | None
    task: dict[str, JsonValue]
    gold: dict[str, JsonValue] | None

    def sample(self) -> Sample:
        """Raises ValidationError for a task that is none."""
        return Sample.model_validate(self.model_dump())


def _load(argument: str) -> list[Sample]:
    where, _, query = argument.partition("?")
    where, _, split = where.partition("@")
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    fields = {name: unquote(field) for name, _, field in pairs}
    if unknown := [name for name in fields if name not in _NAMES]:
        raise ConfigError(f"hf:{argument}: {unknown[0]} is none of {', '.join(_NAMES)}")
    kinds = [kind for name, kind in _TEXT.items() if name in fields]
    if len(kinds) != 1:
        raise ConfigError(f"hf:{argument}: say by ?NAME=FIELD what is asked; NAME is one of {', '.join(_TEXT)}")
    return samples_of(
        where,
        (
            made(
                f"{where}, row {index}",
                Fields,
                _row(f"{where}, row {index}", row, fields, kinds[0], index),
                lambda row, _: row.sample(),
                index,
            )
            for index, row in enumerate(_rows(where, split))
        ),
    )


def _rows(where: str, split: str) -> Iterable[Mapping[str, JsonValue]]:
    """Raises ConfigError for what cannot be had, MissingExtra without `datasets`."""
    try:
        from datasets import load_dataset
        from datasets.exceptions import DatasetsError
    except ImportError as error:
        raise MissingExtra("datasets", "datasets") from error
    id, configuration = where, None
    if not Path(where).exists() and where.count("/") > 1:
        id, _, configuration = where.rpartition("/")
    try:
        splits: Mapping[str, Iterable[Mapping[str, JsonValue]]] = load_dataset(id, configuration)
    except (OSError, ValueError, DatasetsError) as error:
        raise ConfigError(f"hf:{where} cannot be loaded: {error}") from error
    if split in splits:
        return splits[split]
    if not split and len(splits) == 1:
        return next(iter(splits.values()))
    raise ConfigError(f"hf:{where}: say which split by @SPLIT, one of {', '.join(splits)}")


def _row(
    place: str, row: Mapping[str, JsonValue], fields: Mapping[str, str], kind: str, index: int
) -> dict[str, JsonValue]:
    given = {name: _value(place, row, field) for name, field in fields.items()}
    task: dict[str, JsonValue] = {"kind": kind}
    task.update((name, value) for name, value in given.items() if name in _TASK)
    if "visible_tests" in given:
        task["tests"] = given["visible_tests"]
    gold: dict[str, JsonValue] = {name: given[name] for name in given if name in _GOLD}
    fields_of: dict[str, JsonValue] = {
        "id": str(given.get("id", index)),
        "group": None if given.get("group") is None else str(given["group"]),
        "task": task,
        "gold": gold or None,
    }
    return fields_of


def _value(place: str, row: Mapping[str, JsonValue], field: str) -> JsonValue:
    if field.startswith("="):
        return field[1:]
    value: object = row
    for name in field.split("."):
        if not isinstance(value, Mapping) or name not in value:
            raise ConfigError(f"{place}: there is no field {field!r}; there are {', '.join(row)}")
        value = value[name]
    return value  # type: ignore[return-value]  # datasets is untyped


DATASET = Dataset(
    name="hf",
    argument="ID[/CONFIG][@SPLIT]?question=FIELD&answer=FIELD",
    task="any",
    about="any data set of the Hugging Face hub; redraft[datasets]",
    source="Lhoest et al., arXiv 2109.02846",
    licence="",
    load=_load,
    grader=by_kind,
)
