"""From the one string that names a data set to its samples, and to the verifier that knows their gold."""

from __future__ import annotations

from collections.abc import Sequence

from redraft.errors import ConfigError
from redraft.evaluation.datasets.catalogue import DATASETS
from redraft.evaluation.datasets.dataset import Dataset
from redraft.evaluation.datasets.grading import by_kind
from redraft.evaluation.sample import Sample, subset
from redraft.verifiers.base import Verifier


def open_samples(spec: str, limit: int | None = None, seed: int = 0) -> list[Sample]:
    """The samples that `spec` (`gsm8k:PATH`) names; `limit` of them, chosen by `seed`, the same everywhere.

    Raises ConfigError for a string that names nothing, and for files with a fault, with file, line and field.
    """
    dataset, argument = _find(spec)
    if limit is not None and limit < 1:
        raise ConfigError(f"a data set's limit is at least 1, not {limit}")
    samples = dataset.load(argument)
    return samples if limit is None else subset(samples, limit, seed)


def open_grader(given: str | Sequence[Sample]) -> Verifier:
    """The oracle verifier of a data set, or of samples by the kind of their tasks. It alone holds the gold.

    Raises ConfigError where the gold cannot grade a new draft, MissingExtra where the verifier's packages are missing.
    """
    if isinstance(given, str):
        dataset, argument = _find(given)
        return dataset.grader(dataset.load(argument))
    return by_kind(given)


def _find(spec: str) -> tuple[Dataset, str]:
    name, _, argument = spec.partition(":")
    if (dataset := DATASETS.get(name)) is None:
        raise ConfigError(f"{spec!r} names no data set; there are {', '.join(d.form for d in DATASETS.values())}")
    if not argument:
        raise ConfigError(f"{spec!r} names no file; it is written {dataset.form}")
    return dataset, argument
