"""Methods over one data set, and beside each the controls that spend the same calls without correcting.

All runs go through the engine's journal in one folder, and all models through one response store: ended in any way, the
same call continues, makes no call twice, and shares calls between methods. The grader, which holds the gold, is asked
only after every graph has ended. What the numbers are belongs in `summary`, how they look in `report`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from redraft.engine.files import Files, run_files
from redraft.engine.manifest import Manifest, differences, manifest, read_manifest
from redraft.engine.reading import read_records
from redraft.engine.records import Done, Record
from redraft.engine.run import run_all
from redraft.engine.watch import Watcher
from redraft.errors import ConfigError
from redraft.evaluation.contender import Contender, Players, contenders
from redraft.evaluation.controls import CONTROLS, Measured, controls
from redraft.evaluation.folder import Folder
from redraft.evaluation.judged import grade
from redraft.evaluation.lending import Lender
from redraft.evaluation.outcomes import Outcomes, collect
from redraft.evaluation.pairs import against_controls
from redraft.evaluation.rounds import drafts, outcomes
from redraft.evaluation.sample import Sample
from redraft.evaluation.summary import Test
from redraft.evaluation.timed import timed
from redraft.graphs.method import Method
from redraft.graphs.state import stronger
from redraft.models.budget import Price
from redraft.models.open import wrap
from redraft.schema import Failure
from redraft.verifiers.base import Verifier


@dataclass(frozen=True)
class Setup:
    """How a comparison is run.

    `settings` are by label of a method or name of a control (`single`, `self-consistency`, `best-of-n`). `store` is the
    file of the response store (none: methods share no calls, and an unfinished item's are made again); `window` the
    items in flight and `at_once` the chats in flight per model (none: as many as the models work on). `price` gives
    `money`. With `retry_failed`, items whose calls brought no reply are run again. `about` is written down with the
    rest, such as where the samples come from. `watch` gives who looks on while a method runs.
    """

    players: Players = field(default_factory=Players)
    settings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    controls: bool = True
    store: Path | None = None
    window: int | None = None
    at_once: int | None = None
    patience: float = 600.0
    price: Price | None = None
    retry_failed: bool = False
    about: Mapping[str, JsonValue] = field(default_factory=dict)
    watch: Callable[[str], Iterable[Watcher]] = lambda label: ()


@dataclass(frozen=True)
class Comparison:
    """What came of it: outcomes by label, the pairs of a method and a control of it, and in words which controls there
    are not. `failures` say why drafts have no verdict, and why items have no result, each with how often."""

    folder: Path
    outcomes: dict[str, Outcomes]
    pairs: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    failures: Mapping[Failure, int] = field(default_factory=dict)

    def tests(self, *, resamples: int = 10_000, seed: int = 0) -> list[Test]:
        """Each pair tested, with Holm's correction over all of them."""
        return against_controls(self.outcomes, self.pairs, resamples=resamples, seed=seed)


async def compare(
    samples: Sequence[Sample],
    grader: Verifier,
    methods: Mapping[str, str | Method[Any, Any]],
    folder: Path,
    setup: Setup | None = None,
) -> Comparison:
    """Run `methods`, named by label, over `samples`, with their controls, and judge every draft of every round.

    The folder then holds `outcomes.jsonl`, `records/LABEL.jsonl`, `tasks.jsonl`, `verdicts.jsonl` and
    `comparison.json`. What goes wrong with one item is in its record and its outcome. The caller closes `grader`.

    Raises ConfigError for samples with one id twice, methods or settings of no use, and a folder that was begun with
    other samples or settings; RedraftError where the run cannot go on, what it finished being kept.
    """
    return await _Run(samples, grader, folder, setup or Setup()).all(methods)


class _Run:
    def __init__(self, samples: Sequence[Sample], grader: Verifier, folder: Path, setup: Setup) -> None:
        self._samples = {sample.id: sample for sample in samples}
        self._kinds = frozenset(sample.task.kind for sample in samples)
        self._grader = grader
        self._setup = setup
        self._folder = Folder(folder)
        self._given = samples
        self._lender = Lender(partial(wrap, store=setup.store, limit=setup.at_once, patience=setup.patience))
        self._records: dict[str, list[Record]] = {}
        self._described: dict[str, Manifest] = {}

    async def all(self, methods: Mapping[str, str | Method[Any, Any]]) -> Comparison:
        setup = self._setup
        chosen = contenders(methods, setup.settings, setup.players)
        self._check_names(chosen)
        await asyncio.to_thread(self._folder.begin, self._given, setup.about)
        for contender in chosen:
            self._check_same(contender)
        try:
            for contender in chosen:
                await self._run(contender)
            pairs, notes = await self._controls(chosen) if setup.controls else ((), ["controls were left out"])
        finally:
            await self._lender.aclose()
        return await self._judge(pairs, notes)

    def _check_names(self, chosen: Sequence[Contender]) -> None:
        labels = {contender.label: contender.method for contender in chosen}
        known = {*labels, *CONTROLS}
        if lost := sorted(set(self._setup.settings) - known):
            raise ConfigError(f"settings are given for {', '.join(lost)}, which is none of {', '.join(sorted(known))}")
        if lost := [role for role in self._setup.players.unused(labels) if role.partition(".")[0] not in CONTROLS]:
            raise ConfigError(f"no method that is compared has the role {', '.join(lost)}")
        if "single" in labels:
            raise ConfigError("the label 'single' is that of a control; choose another")
        for contender in chosen:
            objections = [found for sample in self._given if (found := contender.method.objection(sample.task))]
            if objections and len(objections) == len(self._given):
                raise ConfigError(f"{contender.label} takes none of the samples: {objections[0].message}")

    # ---- running -----------------------------------------------------------------------------------------------

    def _check_same(self, contender: Contender) -> None:
        """A run that is there was made with other settings: refused before anything is run."""
        out = self._folder.records(contender.label)
        begun = out.with_name(out.name + ".run.json")
        if out.exists() or out.with_name(out.name + ".partial").exists():
            was = read_manifest(begun.read_text(encoding="utf-8"), begun)
            if found := differences(was, manifest(contender.described(), self._folder.tasks)):
                raise ConfigError(
                    f"{out} was made otherwise: {'; '.join(found)}. "
                    "Give the same again, another label, or another folder"
                )

    async def _run(self, contender: Contender) -> None:
        out = self._folder.records(contender.label)
        self._check_same(contender)
        records = await asyncio.to_thread(_read, out)
        again = self._setup.retry_failed and any(isinstance(record, Done) and record.failed for record in records)
        if not records or again:
            async with contender.build(self._lender) as flow:
                await flow.connect()
                await run_files(
                    timed(partial(run_all, flow, window=self._setup.window)),
                    Files(self._folder.tasks, out, retry_failed=again),
                    contender.described(),
                    flow.method.kinds,
                    self._setup.watch(contender.label),
                )
            records = await asyncio.to_thread(_read, out)
        self._records[contender.label] = records
        self._described[contender.label] = contender.described()

    async def _controls(self, chosen: Sequence[Contender]) -> tuple[tuple[tuple[str, str], ...], list[str]]:
        pairs: list[tuple[str, str]] = []
        notes: list[str] = []
        for contender in chosen:
            measured = _measured(self._records[contender.label])
            if measured is None:
                notes.append(f"no control beside {contender.label}: it has no result, so its calls are not known")
                continue
            found, said = controls(contender, measured, self._kinds, self._setup.settings)
            notes += said
            for control in found:
                described = control.described()
                if self._described.get(control.label, described) != described:
                    control = control.labelled(f"{control.label}@{contender.label}")
                if control.label not in self._records:
                    await self._run(control)
                pairs.append((contender.label, control.label))
        return tuple(pairs), notes

    # ---- judging -----------------------------------------------------------------------------------------------

    async def _judge(self, pairs: tuple[tuple[str, str], ...], notes: Sequence[str]) -> Comparison:
        judged = (each for records in self._records.values() for record in records for each in drafts(record))
        verdicts = await grade(judged, self._samples, self._grader, self._folder.verdicts)
        controls_first = sorted(self._records, key=lambda label: label.partition("@")[0] != "single")
        rows = [
            row
            for label in controls_first
            for record in self._records[label]
            for row in outcomes(label, self._given[record.line - 1], record, verdicts, self._setup.price)
        ]
        failures: dict[Failure, int] = {}
        for fault in (
            *(verdict for verdict in verdicts.values() if isinstance(verdict, Failure)),
            *(fault for records in self._records.values() for record in records for fault in _faults(record)),
        ):
            failures[fault] = failures.get(fault, 0) + 1
        await asyncio.to_thread(self._folder.finish, rows, self._described, pairs, notes)
        return Comparison(self._folder.path, collect(rows, "method"), pairs, tuple(notes), failures)


def _read(out: Path) -> list[Record]:
    return list(read_records(out)) if out.exists() else []


def _faults(record: Record) -> Sequence[Failure]:
    return record.result.errors if isinstance(record, Done) else (record.error,)


def _measured(records: Sequence[Record]) -> Measured | None:
    """What the items with a result spent; None where there is none."""
    done = [record.result for record in records if isinstance(record, Done)]
    if not done:
        return None
    return Measured(sum(result.usage.calls for result in done) / len(done), stronger(result.signal for result in done))
