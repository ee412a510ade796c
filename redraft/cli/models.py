"""`redraft models`: which backends are installed, and whether a given model answers."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table

from redraft.cli.options import JsonOption
from redraft.models.base import ChatRequest, ChatResponse, Message, Sampling
from redraft.models.open import FORMS, backends, open_model
from redraft.models.wrapper import Connects


def models(
    model: Annotated[str | None, typer.Argument(metavar="[MODEL]", help="A model to check with one request.")] = None,
    as_json: JsonOption = False,
) -> None:
    """The backends there are; or one request to MODEL, to see that it answers."""
    if model is None:
        _backends(as_json)
        return
    response = asyncio.run(_ask(model))
    if as_json:
        typer.echo(TypeAdapter(ChatResponse).dump_json(response, indent=2).decode())
        return
    usage = response.usage
    console = Console()
    console.print(f"{model} answers as {response.model}", markup=False)
    console.print(repr(response.completions[0].text), markup=False)
    console.print(
        f"{usage.prompt_tokens} prompt tokens, {usage.completion_tokens} completion tokens, {usage.seconds:.2f} s"
    )


async def _ask(spec: str) -> ChatResponse:
    model = open_model(spec)
    try:
        if isinstance(model, Connects):
            await model.connect()
        question = Message("user", "Answer with one word: what is the capital of France?")
        return await model.chat(ChatRequest((question,), Sampling(max_tokens=16)))
    finally:
        await model.aclose()


def _backends(as_json: bool) -> None:
    rows = backends()
    if as_json:
        fields = ("form", "extra", "package", "version", "installed")
        typer.echo(json.dumps([{name: getattr(row, name) for name in fields} for row in rows], indent=2))
        return
    table = Table("--model", "installed", "what it is")
    for row in rows:
        missing = f"no: pip install 'redraft[{row.extra}]'"
        installed = f"{row.package} {row.version}" if row.installed else missing
        table.add_row(row.form, installed, FORMS.get(row.form, ""))
    console = Console()
    console.print(table)
    console.print("redraft models MODEL sends one request and shows the answer.")
