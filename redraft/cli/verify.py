"""`redraft verify`: try a verifier on drafts in a file."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from redraft.cli.options import JsonOption, default_store
from redraft.engine.judging import Judged, judge_all
from redraft.engine.reading import read_items
from redraft.engine.records import Bad
from redraft.errors import ConfigError
from redraft.models.open import open_model, wrap
from redraft.models.wrapper import Connects
from redraft.schema import Verdict
from redraft.verifiers.base import AnyVerifier
from redraft.verifiers.catalogue import KINDS
from redraft.verifiers.kind import Kind
from redraft.verifiers.open import find_kind, open_verifier


def verify(
    verifier: Annotated[str | None, typer.Argument(metavar="[KIND]", help="Such as `tests`; none: show all.")] = None,
    input: Annotated[
        Path | None, typer.Option("-i", "--input", metavar="FILE", help="JSONL, one task with its draft a line.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="Only the first N lines.")] = None,
    window: Annotated[int, typer.Option("--window", min=1, metavar="N", help="Drafts judged at once.")] = 64,
    no_store: Annotated[bool, typer.Option("--no-store", help="Keep no responses of judges and reuse none.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Judge the drafts in FILE with the verifier KIND, or show the kinds there are.

    A line is a task, as for `redraft run`, with its `draft`; a pair has a `revision` too, and a group has a list of
    `drafts` instead. With --json each line's record is printed as a line of JSON. Exit code 0: every line has a
    verdict, good or bad; 1: some have none, and their records say why; 2: the command could not be run.
    """
    if verifier is None:
        _kinds(as_json)
        return
    if (kind := find_kind(verifier)) is None:
        raise ConfigError(f"there is no verifier {verifier!r}; `redraft verify` shows those there are")
    if kind.signal == "human":
        raise ConfigError("a person judges within a workflow: see `redraft.workflow(..., checkpointer=SAVER)`")
    if input is None:
        raise ConfigError("-i FILE is missing: the drafts to judge")
    wrapping = partial(wrap, store=None if no_store else default_store())
    judge = open_verifier(verifier, lambda spec: wrapping(open_model(spec)))
    assert judge is not None
    count = _Count()
    asyncio.run(_run(judge, kind, input, limit, window, count, as_json))
    if not as_json:
        Console(soft_wrap=True).print(count.summary(kind), markup=False, highlight=False)
    raise typer.Exit(1 if count.missing else 0)


class _Count:
    """What the last line tells."""

    def __init__(self) -> None:
        self.passed = self.judged = 0
        self.scores = 0.0
        self.missing: Counter[str] = Counter()

    def add(self, record: Judged | Bad) -> None:
        if isinstance(record, Bad):
            self.missing[record.error.cause] += 1
        elif record.verdict is None:
            self.missing[getattr(record.missing, "cause", "unparsed")] += 1
        else:
            self.judged += 1
            if isinstance(record.verdict, Verdict):
                self.passed += record.verdict.passed
                self.scores += record.verdict.score
            else:
                self.scores += record.verdict.uncertainty

    def summary(self, kind: Kind) -> str:
        parts = [f"{self.judged} judged by {kind.name} (signal {kind.signal})"]
        if self.judged and kind.judges != "group":
            parts += [f"{self.passed} passed", f"mean score {self.scores / self.judged:.3f}"]
        elif self.judged:
            parts.append(f"mean uncertainty {self.scores / self.judged:.3f} nats")
        parts += [f"{count} without a verdict: {cause}" for cause, count in sorted(self.missing.items())]
        return ", ".join(parts)


async def _run(
    judge: AnyVerifier, kind: Kind, input: Path, limit: int | None, window: int, count: _Count, as_json: bool
) -> None:
    console = Console(soft_wrap=True)
    try:
        if isinstance(judge, Connects):
            await judge.connect()
        async for record in judge_all(judge, read_items(input, kind.tasks, limit), window):
            count.add(record)
            if as_json:
                typer.echo(record.line_of_json())
            else:
                console.print(_line(record), highlight=False)
    finally:
        await judge.aclose()


def _line(record: Judged | Bad) -> Text:
    """One line for a person: which item, how it fared, and why."""
    id = f"{record.id or f'line {record.line}'}  "
    if isinstance(record, Bad):
        return Text.assemble(id, ("no verdict", "red"), f"  {record.error.message}")
    if record.verdict is None:
        reason = getattr(record.missing, "message", None) or getattr(record.missing, "reason", "")
        return Text.assemble(id, ("no verdict", "red"), f"  {reason}")
    verdict = record.verdict
    if isinstance(verdict, Verdict):
        mark = ("passed", "green") if verdict.passed else ("not passed", "yellow")
        return Text.assemble(id, mark, f"  {verdict.score:.3f}  {_indented(verdict.evidence)}")
    winner = "" if verdict.winner is None else f"  draft {verdict.winner + 1} wins"
    return Text.assemble(id, f"{verdict.uncertainty:.3f} nats", winner, f"  {_indented(verdict.evidence)}")


def _indented(evidence: str) -> str:
    return evidence.replace("\n", "\n    ")


def _kinds(as_json: bool) -> None:
    if as_json:
        fields = ("form", "judges", "signal", "about", "needs", "cost", "source")
        rows = [{name: getattr(kind, name) for name in fields} | {"tasks": sorted(kind.tasks)} for kind in KINDS]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    table = Table("verifier", "judges", "signal", "what it is", "needs", "cost")
    for kind in KINDS:
        table.add_row(*map(Text, (kind.form, kind.judges, kind.signal, kind.about, kind.needs, kind.cost)))
    console = Console()
    console.print(table)
    console.print("redraft verify KIND -i FILE judges the drafts in FILE.", markup=False)
