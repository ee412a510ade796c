"""What came of each item, round by round: the JSONL that every comparison, report and reproduction reads."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import FiniteFloat, NonNegativeInt, ValidationError

from redraft.errors import ConfigError
from redraft.schema import Noun, Signal, Usage


class Outcome(Noun):
    """One line: the draft of item `id` after `round` (0 is the first draft), and whether it is right.

    `verdict` is true, false, or null where there is none: the draft could not be read or judged. `score` is a grade
    where right and wrong are not enough. `usage` is the cost of everything up to this round; `money` in the currency of
    the model's price. `signal` is the strongest that decided on the way here. Lines of one method may stand in any
    order.
    """

    id: str
    round: NonNegativeInt = 0
    output: str | None = None
    verdict: bool | None = None
    score: FiniteFloat | None = None
    method: str | None = None
    signal: Signal | None = None
    usage: Usage | None = None
    money: FiniteFloat | None = None
    group: str | None = None


@dataclass(frozen=True)
class Outcomes:
    """One method over many items, in columns.

    `verdicts` has shape (items, rounds): 1 right, 0 wrong, -1 none. `scores` has the same shape, NaN where there is
    none. An item that ended early keeps its last draft in the rounds that follow. `calls`, `tokens`, `seconds`, `money`
    are each item's whole cost, NaN where unknown.
    """

    method: str
    ids: tuple[str, ...]
    verdicts: NDArray[np.int8]
    scores: NDArray[np.float64]
    calls: NDArray[np.float64]
    tokens: NDArray[np.float64]
    seconds: NDArray[np.float64]
    money: NDArray[np.float64]
    groups: tuple[str, ...] = ()
    signal: Signal | None = None
    outputs: tuple[tuple[str | None, ...], ...] = field(default=(), repr=False)
    """The texts, in the shape of `verdicts`."""

    @property
    def final(self) -> NDArray[np.int8]:
        """The verdicts of what was handed over."""
        return self.verdicts[:, -1]

    @property
    def first(self) -> NDArray[np.int8]:
        """The verdicts of the first drafts."""
        return self.verdicts[:, 0]


def read_outcomes(path: Path, method: str | None = None) -> dict[str, Outcomes]:
    """The methods in a file of lines such as `Outcome`, by name; lines without one get `method`, or the file's name.

    Raises ConfigError, naming file and line, for a line that cannot be read, an item that has one round twice, or a
    round that is missing between others.
    """
    try:
        lines = path.expanduser().read_bytes().split(b"\n")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    with _uncollected():
        rows = [_row(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]
        if not rows:
            raise ConfigError(f"{path} holds no outcomes")
        return collect(rows, method or path.name.partition(".")[0])


def _row(path: Path, number: int, line: bytes) -> Outcome:
    try:
        return Outcome.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the line"
        raise ConfigError(f"{path}, line {number}, {place}: {first['msg']}") from error


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without garbage collection, which looks at all rows again and again: over a million it took most of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def collect(rows: Iterable[Outcome], method: str) -> dict[str, Outcomes]:
    """The rows as columns, each method's by its name; `method` for rows without one. Raises ConfigError."""
    methods: dict[str, dict[str, dict[int, Outcome]]] = {}
    for row in rows:
        rounds = methods.setdefault(row.method or method, {}).setdefault(row.id, {})
        if rounds.setdefault(row.round, row) is not row:
            raise ConfigError(f"{row.method or method}: item {row.id!r} has round {row.round} twice")
    return {name: _columns(name, items) for name, items in methods.items()}


def _columns(name: str, items: dict[str, dict[int, Outcome]]) -> Outcomes:
    width = 1 + max(max(rounds) for rounds in items.values())
    table: list[list[Outcome]] = []
    for key, rounds in items.items():
        for number in range(max(rounds)):
            if number not in rounds:
                raise ConfigError(f"{name}: item {key!r} has round {max(rounds)} and lacks round {number}")
        row = [rounds[number] for number in sorted(rounds)]
        table.append(row + [row[-1]] * (width - len(row)))
    last = [row[-1] for row in table]
    usages = [row.usage for row in last]
    signals = {row.signal for row in last}
    order: Sequence[Signal] = ("oracle", "human", "tool", "self")
    return Outcomes(
        method=name,
        ids=tuple(items),
        verdicts=np.array([[-1 if o.verdict is None else int(o.verdict) for o in row] for row in table], np.int8),
        scores=_floats([[o.score for o in row] for row in table]),
        calls=_floats([None if use is None else use.calls for use in usages]),
        tokens=_floats([None if use is None else use.prompt_tokens + use.completion_tokens for use in usages]),
        seconds=_floats([None if use is None else use.seconds for use in usages]),
        money=_floats([row.money for row in last]),
        groups=tuple(row.group or row.id for row in last),
        signal=next((signal for signal in order if signal in signals), None),
        outputs=tuple(tuple(o.output for o in row) for row in table),
    )


def _floats(values: object) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)


def paired(first: Outcomes, second: Outcomes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where the items of both stand, in the order of `first`. Raises ConfigError, naming some, where they differ."""
    places = {key: place for place, key in enumerate(second.ids)}
    lacking = [key for key in first.ids if key not in places]
    extra = sorted(set(second.ids) - set(first.ids))
    if lacking or extra:
        told = [
            f"{name} lacks {', '.join(keys[:3])}"
            for name, keys in ((second.method, lacking), (first.method, extra))
            if keys
        ]
        raise ConfigError(
            f"{first.method} and {second.method} are not of the same items: {'; '.join(told)}"
            f" ({len(lacking) + len(extra)} differ)"
        )
    return np.arange(len(first.ids)), np.array([places[key] for key in first.ids], dtype=np.intp)
