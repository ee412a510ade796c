"""`redraft show`: one item of an output file, with its revisions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from redraft.cli.options import JsonOption
from redraft.cli.view import record_view
from redraft.engine.reading import read_records
from redraft.errors import ConfigError


def show(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A file that `redraft run` wrote.")],
    id: Annotated[str, typer.Option("--id", help="The item's id.")],
    as_json: JsonOption = False,
) -> None:
    """One item: spans marked, each revision as a word diff, the verdicts, the cost."""
    record = next((record for record in read_records(out) if record.id == id), None)
    if record is None:
        raise ConfigError(f"{out} has no item {id!r}")
    if as_json:
        typer.echo(record.model_dump_json(indent=2))
    else:
        Console(soft_wrap=True).print(record_view(record))
