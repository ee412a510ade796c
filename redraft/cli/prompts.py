"""`redraft prompts`: read a method's prompts, or copy them out to edit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from redraft.agents.prompt import shipped_text
from redraft.cli.options import JsonOption, MethodName
from redraft.errors import ConfigError
from redraft.graphs.catalogue import find


def prompts(
    method: MethodName,
    copy: Annotated[Path | None, typer.Option("--copy", metavar="DIR", help="Copy the files there, to edit.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Print a method's prompts, or copy them out; `redraft run --prompts DIR` then uses the copies."""
    texts = {name: shipped_text(name) for name in find(method).prompts}
    if copy:
        _copy(texts, copy)
    elif as_json:
        typer.echo(json.dumps(texts, ensure_ascii=False, indent=2))
    else:
        console = Console()
        for name, text in texts.items():
            console.rule(f"{name}.jinja", align="left")
            console.print(text, markup=False, highlight=False)


def _copy(texts: dict[str, str], folder: Path) -> None:
    there = [name for name in texts if (folder / f"{name}.jinja").exists()]
    if there:
        raise ConfigError(f"{folder} has a {there[0]}.jinja already, which may be edited: name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / f"{name}.jinja").write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write to {folder}: {error.strerror}") from error
    Console(stderr=True).print(f"{len(texts)} prompts in {folder}; use them with: redraft run ... --prompts {folder}")
