"""What a report shows, gathered from a comparison's folder or from files of outcomes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue, TypeAdapter, ValidationError

from redraft.errors import ConfigError
from redraft.evaluation.outcomes import Outcomes, read_outcomes
from redraft.evaluation.pairs import against_controls
from redraft.evaluation.summary import Summary, Test, summarise, test_against
from redraft.schema import Noun


class Controlled(Noun):
    """A line of `controls` in a comparison's settings."""

    method: str
    control: str


_CONTROLS = TypeAdapter(list[Controlled])


@dataclass(frozen=True)
class Contents:
    """A comparison in numbers and texts.

    `tests` are against the `baseline`, or where that is None each method's against its controls; `untested` says why
    there are none. `records` has, for some methods, the file of the engine's records; `settings` is how the comparison
    was made, as it was written down.
    """

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

    Without a `baseline` the methods of one folder are tested against their controls at equal budget, others against the
    first, where they have the same items. Raises ConfigError for what cannot be read, a method that is in two files, or
    a baseline that is none of the methods.
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
    pairs = _controls(settings, methods) if baseline is None and len(paths) == 1 else []
    if pairs:
        against, untested = None, None
        tests = against_controls(methods, pairs, resamples=resamples, seed=seed)
    else:
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


def _controls(settings: Mapping[str, JsonValue], methods: Mapping[str, Outcomes]) -> list[tuple[str, str]]:
    """The pairs of a method and its control that a comparison was made for."""
    try:
        pairs = _CONTROLS.validate_python(settings.get("controls", []))
    except ValidationError as error:
        raise ConfigError(f"comparison.json: controls: {error.errors()[0]['msg']}") from error
    return [(each.method, each.control) for each in pairs if {each.method, each.control} <= methods.keys()]


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
