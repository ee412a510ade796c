"""`redraft eval reproduce`: published numbers beside the same numbers from recorded outputs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from redraft.cli.options import JsonOption
from redraft.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from redraft.evaluation.reproduce import Published
    from redraft.evaluation.reproduce.own import Round
    from redraft.evaluation.statistics.estimate import Estimate

STYLES = {"yes": "green", "no": "bold red", "known difference": "yellow"}


def reproduce(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Such as `gsm8k`; none: all there are.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", envvar="REDRAFT_DATA", help="Where the recorded outputs lie."),
    ] = None,
    input: Annotated[
        Path | None, typer.Option("-i", "--input", metavar="FILE", help="Outcomes of your own, as JSONL, instead.")
    ] = None,
    published: Annotated[
        Path | None, typer.Option("--published", metavar="FILE", help="With -i: what was published of them, as JSONL.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Recompute published numbers from the outputs that their authors recorded, or your own from yours.

    With -i, shows how right each round is, what it mends and what it breaks, and puts the numbers of --published to the
    test. Exit code 0: every number matches, or differs for a reason that is known and told; 1: one does not, or could
    not be recomputed; 2: the command could not be run.
    """
    if input is None and published is not None:
        raise ConfigError("--published goes with -i FILE: the outcomes that the numbers were published of")
    if input is not None and names:
        raise ConfigError("a NAME goes with the recorded data, -i FILE with your own: give one or the other")
    try:
        fine = _recorded(names or [], data, as_json) if input is None else _own(input, published, as_json)
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "numpy", "evaluation") from error
    raise typer.Exit(0 if fine else 1)


def _recorded(names: Sequence[str], data: Path | None, as_json: bool) -> bool:
    from redraft.evaluation.reproduce import REPRODUCTIONS

    if unknown := [name for name in names if name not in REPRODUCTIONS]:
        raise ConfigError(f"there is nothing to reproduce of {unknown[0]!r}; there are {', '.join(REPRODUCTIONS)}")
    if data is None:
        raise ConfigError("say where the recorded outputs lie: --data DIR, or REDRAFT_DATA in the environment")
    rows: list[Published] = []
    missing = False
    for name in names or REPRODUCTIONS:
        each = REPRODUCTIONS[name]
        try:
            if not (data / each.folder).is_dir():
                raise ConfigError(f"no folder {each.folder} with recorded outputs in {data}")
            rows += each.rows(data)
        except ConfigError as error:
            if names:
                raise
            typer.echo(f"{name}: not recomputed: {error}", err=True)
            missing = True
    return _show(rows, as_json) and not missing


def _own(input: Path, published: Path | None, as_json: bool) -> bool:
    from redraft.evaluation.outcomes import read_outcomes
    from redraft.evaluation.reproduce.own import claimed, rounds

    methods = read_outcomes(input)
    claims = [] if published is None else claimed(methods, published)
    found = rounds(methods)
    if as_json:
        for each in found:
            typer.echo(each.model_dump_json())
    else:
        Console(soft_wrap=True).print(_rounds(found))
    return _show(claims, as_json) if published is not None else True


def _show(rows: Sequence[Published], as_json: bool) -> bool:
    """Print the rows; whether each matches or is known to differ."""
    counts = {match: sum(row.match == match for row in rows) for match in STYLES}
    if as_json:
        for row in rows:
            typer.echo(row.model_dump_json())
    elif rows:
        table = Table("source", "number", "published", "recomputed", "match", "note")
        for row in rows:
            numbers = (Text(_number(value), justify="right") for value in (row.published, row.recomputed))
            table.add_row(
                Text(row.source), Text(row.name), *numbers, Text(row.match, STYLES[row.match]), Text(row.note or "")
            )
        console = Console(soft_wrap=True)
        console.print(table)
        console.print(
            f"{counts['yes']} of {len(rows)} match, {counts['known difference']} differ for a known reason,"
            f" {counts['no']} differ",
            highlight=False,
        )
    return not counts["no"]


def _number(value: float | str | None) -> str:
    if value is None:
        return "undefined"
    return value if isinstance(value, str) else f"{value:.10g}"


def _rounds(found: Sequence[Round]) -> Table:
    table = Table(
        "method", "round", "items", "accuracy", "parse rate", "since", "wrong → right", "right → wrong", "note"
    )
    for each in found:
        shares = each.estimates
        since = ("", "", "")
        if each.since is not None:
            since = (f"round {each.since}", _share(shares["wrong_to_right"]), _share(shares["right_to_wrong"]))
        accuracy, parsed = _share(shares["accuracy"]), _share(shares["parse_rate"])
        note = shares["accuracy"].note or ""
        table.add_row(*map(Text, (each.method, str(each.round), str(each.items), accuracy, parsed, *since, note)))
    return table


def _share(estimate: Estimate) -> str:
    from redraft.evaluation.report.words import told

    return told(estimate, share=True)
