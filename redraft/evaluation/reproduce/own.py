"""A user's own recorded outputs: accuracies and flips round by round, and numbers claimed of them put to the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Literal

from pydantic import field_validator

from redraft.errors import ConfigError
from redraft.evaluation.outcomes import Outcomes
from redraft.evaluation.reproduce.recorded import read_lines
from redraft.evaluation.reproduce.table import Published, compared
from redraft.evaluation.statistics.estimate import Estimate
from redraft.evaluation.summary import SHARES, summarise
from redraft.schema import Noun

Share = Literal[
    "accuracy",
    "parse_rate",
    "accuracy_of_parsed",
    "first_accuracy",
    "wrong_to_right",
    "right_to_wrong",
    "cl",
    "cs",
    "rss",
]


class Round(Noun):
    """One method after `round`, with what changed since the round `since` (None for the first drafts).

    `estimates` are the shares of `redraft.evaluation.summary.Summary`, with `since` for the first draft and `round` for
    the last.
    """

    method: str
    round: int
    since: int | None
    items: int
    estimates: dict[str, Estimate]


class Claim(Noun):
    """A line of a file of published numbers.

    `published` is as precise as it is written: a share (`0.829`) or, as text, per cent (`"82.9 %"`); as text it may end
    in zeros that count. `round` is the last one unless it is given, and flips, CL, CS and RSS are since round 0.
    `method` may be left out where there is one.
    """

    published: str | float
    metric: Share = "accuracy"
    method: str | None = None
    round: int | None = None
    source: str = "published"

    @field_validator("published")
    @classmethod
    def _number(cls, value: str | float) -> str | float:
        if not _decimal(value).is_finite():
            raise ValueError(f"{value!r} is no number")
        return value

    @property
    def number(self) -> float:
        """The number in the unit in which it is written."""
        return float(_decimal(self.published))

    @property
    def scale(self) -> int:
        """100 for per cent, else 1."""
        return 100 if str(self.published).strip().endswith("%") else 1

    @property
    def digits(self) -> int:
        """How many decimals are written."""
        exponent = _decimal(self.published).as_tuple().exponent
        return max(0, -exponent) if isinstance(exponent, int) else 0


def _decimal(value: str | float) -> Decimal:
    try:
        return Decimal(str(value).strip().removesuffix("%").strip())
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is no number") from error


def rounds(methods: Mapping[str, Outcomes]) -> list[Round]:
    """Each method's rounds in order, each since the one before; where there are more than two, last since first too."""
    found: list[Round] = []
    for name, outcomes in methods.items():
        last = outcomes.verdicts.shape[1] - 1
        steps: list[tuple[int | None, int]] = [(None, 0), *((k - 1, k) for k in range(1, last + 1))]
        if last > 1:
            steps.append((0, last))
        for since, number in steps:
            shares = _shares(name, outcomes, since, number)
            found.append(Round(method=name, round=number, since=since, items=len(outcomes.ids), estimates=shares))
    return found


def claimed(methods: Mapping[str, Outcomes], path: Path) -> Sequence[Published]:
    """The numbers in a file of lines such as `Claim`, beside what the outcomes say.

    Raises ConfigError for a file that cannot be read, and for a method or round that is not there.
    """
    return [_row(methods, claim) for claim in read_lines(path, Claim)]


def _row(methods: Mapping[str, Outcomes], claim: Claim) -> Published:
    if claim.method is None and len(methods) > 1:
        raise ConfigError(f"a published number must say of which method; there are {', '.join(methods)}")
    name = claim.method or next(iter(methods))
    if name not in methods:
        raise ConfigError(f"no method is named {name!r}; there are {', '.join(methods)}")
    last = methods[name].verdicts.shape[1] - 1
    number = last if claim.round is None else claim.round
    if not 0 <= number <= last:
        raise ConfigError(f"{name} has no round {number}; its last is {last}")
    estimate = _shares(name, methods[name], 0 if number else None, number)[claim.metric]
    value = float("nan") if estimate.value is None else claim.scale * estimate.value
    unit = " in per cent" if claim.scale == 100 else ""
    row = compared(claim.source, f"{name}, round {number}, {claim.metric}{unit}", claim.number, value, claim.digits)
    return row.model_copy(update={"note": estimate.note})


def _shares(name: str, outcomes: Outcomes, since: int | None, number: int) -> dict[str, Estimate]:
    columns = [number] if since is None else [since, number]
    [summary] = summarise({name: replace(outcomes, verdicts=outcomes.verdicts[:, columns])})
    return {share: summary.estimates[share] for share in SHARES}
