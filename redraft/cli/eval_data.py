"""`redraft eval data`: the data sets there are, and one of them as JSONL."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from redraft.cli.options import JsonOption
from redraft.errors import ConfigError, MissingExtra


def data(
    spec: Annotated[
        str | None, typer.Argument(metavar="[SPEC]", help="Such as `gsm8k:test.jsonl`; none: show all.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="Only N samples.")] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Which N: the same for the same S.")] = 0,
    tasks: Annotated[bool, typer.Option("--tasks", help="Tasks alone, for `redraft run -i`.")] = False,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write here, not to stdout.")] = None,
    gold: Annotated[
        Path | None, typer.Option("--gold", metavar="FILE", help="Write gold here, for `redraft verify KIND:FILE`.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the data sets there are, or write the samples of the one that SPEC names as JSONL.

    A sample has its gold, which no method may see: `redraft run` wants --tasks, which leaves it out.
    """
    try:
        from redraft.evaluation.datasets import open_samples
        from redraft.evaluation.datasets.jsonl import gold_line, task_line, write_lines
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "numpy", "evaluation") from error
    if spec is None:
        if limit or tasks or out or gold:
            raise ConfigError("say which data set; `redraft eval data` shows those there are")
        _list(as_json)
        return
    samples = open_samples(spec, limit, seed)
    if gold is not None:
        write_lines(gold, (gold_line(sample) for sample in samples if sample.gold is not None))
    lines: Iterable[str] = (task_line(sample) if tasks else sample.model_dump_json() for sample in samples)
    if out is not None:
        write_lines(out, lines)
        return
    for line in lines:
        typer.echo(line)


def _list(as_json: bool) -> None:
    from redraft.evaluation.datasets import DATASETS

    if as_json:
        fields = ("form", "task", "about", "source", "licence")
        rows = [{name: getattr(dataset, name) for name in fields} for dataset in DATASETS.values()]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    table = Table("data set", "tasks", "what it is", "source", "licence")
    for dataset in DATASETS.values():
        table.add_row(*map(Text, (dataset.form, dataset.task, dataset.about, dataset.source, dataset.licence)))
    console = Console()
    console.print(table)
    console.print("Files are local, in the format of their authors; gzipped or not.", markup=False)
