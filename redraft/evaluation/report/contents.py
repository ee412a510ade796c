"""What a report shows, gathered from a comparison's folder or from files of outcomes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from redraft.errors import ConfigError
from redraft.evaluation.outcomes import Outcomes, read_outcomes
from redraft.evaluation.summary import Summary, Test, summarise, test_against


@dataclass(frozen=True)
class Contents:
    """A comparison in numbers and texts. `untested` says why there are no `tests`; `records` has, for some methods, the
    file of the engine's records; `settings` is how the comparison was made, as it was written down."""

    methods: dict[str, Outcomes]
    summaries: Sequence[Summary]
    tests: Sequence[Test] = ()
    baseline: str | None = None
    untested: str | None = None
    records: dict[str, Path] = field(default_factory=dict)
    settings: dict[str, JsonValue] = field(default_factory=dict)
    resamples: int = 10_000
    seed: int = 0


def gather(paths: Sequence[Path], *, baseline: str | None = None, resamples: int = 10_000, seed: int = 0) -> Contents:
    """Read folders of comparisons and files of outcomes, and summarise what is in them.

    Without a `baseline` the methods are tested against the first one, where they have the same items. Raises
    ConfigError for what cannot be read, a method that is in two files, or a baseline that is none of the methods.
    """
    methods: dict[str, Outcomes] = {}
    records: dict[str, Path] = {}
    settings: dict[str, JsonValue] = {}
    for path in paths:
        folder = path if path.is_dir() else None
        found = read_outcomes(path / "outcomes.jsonl" if folder else path)
        if twice := sorted(methods.keys() & found):
            raise ConfigError(f"{path} holds {twice[0]!r}, which another file holds too; give it another `method`")
        methods |= found
        if folder:
            places = {name: folder / "records" / f"{name}.jsonl" for name in found}
            records |= {name: place for name, place in places.items() if place.is_file()}
            settings |= _settings(folder / "comparison.json")
    against = baseline or next(iter(methods))
    tests, untested = _tested(methods, against, baseline is not None, resamples, seed)
    return Contents(
        methods=methods,
        summaries=summarise(methods, resamples=resamples, seed=seed),
        tests=tests,
        baseline=against,
        untested=untested,
        records=records,
        settings=settings,
        resamples=resamples,
        seed=seed,
    )


def _tested(
    methods: dict[str, Outcomes], baseline: str, asked: bool, resamples: int, seed: int
) -> tuple[list[Test], str | None]:
    if len(methods) == 1 and baseline in methods:
        return [], "There is one method, and nothing to test it against."
    try:
        return test_against(methods, baseline, resamples=resamples, seed=seed), None
    except ConfigError as error:
        if asked:
            raise
        return [], f"The methods cannot be tested against each other: {error}."


def _settings(path: Path) -> dict[str, JsonValue]:
    if not path.is_file():
        return {}
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise ConfigError(f"{path} holds no object")
    return value
