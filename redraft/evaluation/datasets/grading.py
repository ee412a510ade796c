"""From samples to the oracle verifier that knows their gold; the verifiers themselves are in `redraft.verifiers`.

The gold of a sample is a row of that verifier's file without the task's text, so each kind of task has one schema:
`GOLD`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from pydantic import ValidationError

from redraft.errors import ConfigError
from redraft.evaluation.sample import Sample
from redraft.tools.sandbox import Limits
from redraft.verifiers import gold
from redraft.verifiers.base import Verifier
from redraft.verifiers.chrf import ChrF, Reference
from redraft.verifiers.code import CodeGold, HiddenTests, may_run_unsafe
from redraft.verifiers.constraints.verifier import Constrained, Constraints, installed
from redraft.verifiers.formal import Formal
from redraft.verifiers.maths import RightAnswer, RightOrWrong

G = TypeVar("G", bound=gold.Row)

GOLD: Mapping[str, type[gold.Row]] = {
    "question": RightAnswer,
    "code": CodeGold,
    "instruction": Constrained,
    "translation": Reference,
}
"""The schema of gold by kind of task. Other kinds have none."""


def gold_row(sample: Sample, row: type[G]) -> G:
    """The gold of `sample` with its task's text. Raises ConfigError, naming sample and field, where it is none."""
    if not isinstance(sample.gold, dict):
        raise ConfigError(f"sample {sample.id!r}, gold: an object is expected, such as {{{_fields(row)}}}")
    name = next(name for name in gold.Row.model_fields if isinstance(getattr(sample.task, name, None), str))
    try:
        return row.model_validate({**sample.gold, name: gold.text_of(sample.task)})
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(("gold", *map(str, fault["loc"])))
        raise ConfigError(f"sample {sample.id!r}, {field}: {fault['msg'].removeprefix('Value error, ')}") from error


def _fields(row: type[gold.Row]) -> str:
    return ", ".join(f'"{name}": ...' for name in row.model_fields if name not in gold.Row.model_fields)


def _rows(samples: Sequence[Sample], row: type[G]) -> dict[str, G]:
    """Gold by the text of its task, as verifiers look it up; samples without gold are left out."""
    rows: dict[str, tuple[str, G]] = {}
    for sample in samples:
        if sample.gold is not None:
            found = gold_row(sample, row)
            first, same = rows.setdefault(gold.text_of(sample.task), (sample.id, found))
            if same != found:
                raise ConfigError(f"samples {first!r} and {sample.id!r} ask the same and have different gold")
    if not rows:
        raise ConfigError("no sample has gold, so nothing can be graded")
    return {text: found for text, (_, found) in rows.items()}


def by_answer(samples: Sequence[Sample]) -> Verifier:
    """Right or wrong by the answer. Raises MissingExtra without math-verify."""
    return RightOrWrong({text: row.final for text, row in _rows(samples, RightAnswer).items()})


def by_tests(samples: Sequence[Sample]) -> Verifier:
    """Hidden tests in a sandbox, which is found when the first program comes."""
    return HiddenTests(_rows(samples, CodeGold), unsafe=may_run_unsafe())


def by_long_tests(samples: Sequence[Sample]) -> Verifier:
    """As `by_tests`, with time for tests of thousands of inputs, of which each is solved twice."""
    limits = Limits(cpu=30, wall=90.0, total=240.0)
    return HiddenTests(_rows(samples, CodeGold), limits=limits, unsafe=may_run_unsafe())


def by_constraints(samples: Sequence[Sample]) -> Verifier:
    """Every constraint of the instruction, read strictly. Raises MissingExtra without redraft[constraints]."""
    installed()
    return Constraints({text: row.constraints for text, row in _rows(samples, Constrained).items()})


def by_reference(samples: Sequence[Sample]) -> Verifier:
    """chrF against the reference: a grade, which calls nothing wrong."""
    return ChrF({text: row.reference for text, row in _rows(samples, Reference).items()})


def by_proof(_: Sequence[Sample]) -> Verifier:
    """The prover that each task names: a proof needs no gold. Raises nothing; without the prover no draft is judged."""
    return Formal(unsafe=may_run_unsafe())


_BY_KIND: Mapping[str, Callable[[Sequence[Sample]], Verifier]] = {
    "question": by_answer,
    "code": by_tests,
    "instruction": by_constraints,
    "translation": by_reference,
    "theorem": by_proof,
}


def by_kind(samples: Sequence[Sample]) -> Verifier:
    """The verifier for samples of one kind of task. Raises ConfigError for several kinds, or one that has none."""
    kinds = sorted({sample.task.kind for sample in samples})
    if len(kinds) != 1:
        raise ConfigError(f"one verifier grades one kind of task; here are {', '.join(kinds) or 'no samples'}")
    if kinds[0] not in _BY_KIND:
        raise ConfigError(f"no verifier grades {kinds[0]} tasks; there is one for {', '.join(_BY_KIND)} tasks")
    return _BY_KIND[kinds[0]](samples)
