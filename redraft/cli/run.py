"""`redraft run`: a method over a file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from redraft.cli.options import JsonOption, MethodName, SetOption, default_store, pairs, settings
from redraft.cli.tally import Tally
from redraft.engine.reading import read_items
from redraft.engine.run import run_all
from redraft.engine.writing import Output
from redraft.errors import ConfigError
from redraft.graphs.catalogue import find
from redraft.graphs.workflow import Workflow, configure, workflow


def run(
    method: MethodName,
    input: Annotated[Path, typer.Option("-i", "--input", metavar="IN", help="JSONL, one task a line; may be .gz.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="JSONL, one record a line.")],
    model: Annotated[str, typer.Option("--model", help="`redraft models` shows the forms.")] = "local",
    role: Annotated[
        list[str], typer.Option("--role", metavar="ROLE=MODEL", help="Another model, or a verifier, for one role.")
    ] = [],  # noqa: B006 - typer copies it
    set_: SetOption = [],  # noqa: B006
    prompts: Annotated[
        Path | None, typer.Option("--prompts", metavar="DIR", help="A folder of edited prompts.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="Only the first N lines.")] = None,
    window: Annotated[int, typer.Option("--window", min=1, metavar="N", help="Items in flight.")] = 32,
    store: Annotated[Path | None, typer.Option("--store", metavar="FILE", help="The response store.")] = None,
    no_store: Annotated[bool, typer.Option("--no-store", help="Keep no responses and reuse none.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run METHOD over the tasks in IN and write one record a line to OUT, in the same order.

    Finished model calls are kept in the response store: the same run again asks no model. Exit code 0: every line
    gave a result; 1: some did not, and their records say why; 2: the command could not be run.
    """
    if input.exists() and out.exists() and input.samefile(out):
        raise ConfigError(f"{out} is the input too: name another file to write to")
    kept = None if no_store else store or default_store()
    config = configure(find(method), settings(set_))
    flow = workflow(method, model, config=config, roles=pairs(role, "--role"), prompts=prompts, store=kept)
    tally = asyncio.run(_run(flow, input, out, limit, window))
    if as_json:
        typer.echo(tally.to_json())
    else:
        console = Console(soft_wrap=True)
        tally.show(console)
        console.print(f"records in {out}; one item in full: redraft show {out} --id ID", markup=False, highlight=False)
    raise typer.Exit(0 if tally.clean else 1)


async def _run(flow: Workflow, path: Path, out: Path, limit: int | None, window: int) -> Tally:
    progress = Console(stderr=True, soft_wrap=True)
    tally = Tally()
    async with flow:
        await flow.connect()
        with Output(out) as output:
            async for record in run_all(flow, read_items(path, flow.method.kinds, limit), window):
                output.write(record)
                tally.add(record)
                progress.print(tally.line(record), markup=False, highlight=False)
        tally.finish(flow)
    return tally
