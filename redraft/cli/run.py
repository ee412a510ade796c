"""`redraft run`: a method over a file."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from redraft.cli.options import JsonOption, MethodName, SetOption, budget, default_store, pairs, price, settings
from redraft.cli.progress import Progress
from redraft.cli.tally import Tally
from redraft.cli.tracing import to_collector
from redraft.engine.files import Files, Runner, run_files
from redraft.engine.metrics import Metrics
from redraft.engine.on_ray import on_ray
from redraft.engine.recipe import Recipe
from redraft.engine.run import Halt, run_all
from redraft.engine.watch import Events, Watcher
from redraft.errors import ConfigError
from redraft.graphs.catalogue import find
from redraft.graphs.workflow import Workflow, configure

if TYPE_CHECKING:
    from redraft.engine.crew import Crew

BUDGETS = "Budgets: the run stops before one is passed"
SCALE = "More than one process"


class Engine(StrEnum):
    """What runs the workers of a run."""

    ray = "ray"


def run(
    method: MethodName,
    input: Annotated[Path, typer.Option("-i", "--input", metavar="IN", help="JSONL, one task a line; may be .gz.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="JSONL, one record a line.")],
    model: Annotated[str, typer.Option("--model", help="`redraft models` shows the forms.")] = "local",
    role: Annotated[
        list[str],
        typer.Option("--role", metavar="ROLE=MODEL", help="Another model, a verifier, or functions, for one role."),
    ] = [],  # noqa: B006 - typer copies it
    set_: SetOption = [],  # noqa: B006
    prompts: Annotated[
        Path | None, typer.Option("--prompts", metavar="DIR", help="A folder of edited prompts.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="Only the first N lines.")] = None,
    max_calls: Annotated[
        int | None, typer.Option("--max-calls", min=1, metavar="N", help="Model calls.", rich_help_panel=BUDGETS)
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option("--max-tokens", min=1, metavar="N", help="Tokens in all.", rich_help_panel=BUDGETS)
    ] = None,
    max_cost: Annotated[
        float | None,
        typer.Option("--max-cost", min=0.0, metavar="MONEY", help="Needs --price.", rich_help_panel=BUDGETS),
    ] = None,
    price_: Annotated[
        str | None,
        typer.Option(
            "--price", metavar="IN/OUT", help="Of a million prompt/completion tokens.", rich_help_panel=BUDGETS
        ),
    ] = None,
    window: Annotated[
        int | None,
        typer.Option("--window", min=1, metavar="N", help="Items in flight (default: as many as the model works on)."),
    ] = None,
    at_once: Annotated[
        int | None, typer.Option("--at-once", min=1, metavar="N", help="Calls in flight per model (default: likewise).")
    ] = None,
    on: Annotated[
        Engine | None,
        typer.Option("--on", help="Worker processes: here, or at $RAY_ADDRESS if that is set.", rich_help_panel=SCALE),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            metavar="N",
            help="With --on (default: one per CPU; for vllm:ID one per GPU).",
            rich_help_panel=SCALE,
        ),
    ] = None,
    patience: Annotated[
        float, typer.Option("--patience", min=0.0, metavar="SECONDS", help="How long a server may be down.")
    ] = 600.0,
    unordered: Annotated[bool, typer.Option("--unordered", help="Records as they finish, not as in IN.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Discard an unfinished run and begin anew.")] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Run again what failed in OUT, and keep the rest.")
    ] = False,
    store: Annotated[Path | None, typer.Option("--store", metavar="FILE", help="The response store.")] = None,
    no_store: Annotated[bool, typer.Option("--no-store", help="Keep no responses and reuse none.")] = False,
    events: Annotated[
        Path | None, typer.Option("--events", metavar="FILE", help="Append events as JSON lines for a program.")
    ] = None,
    metrics: Annotated[
        int | None,
        typer.Option("--metrics", min=1, max=65535, metavar="PORT", help="Serve Prometheus metrics at localhost:PORT."),
    ] = None,
    trace: Annotated[
        bool, typer.Option("--trace", help="Send OpenTelemetry spans, where to as $OTEL_EXPORTER_OTLP_ENDPOINT says.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Run METHOD over the tasks in IN and write one record a line to OUT, in the same order.

    The same command continues a run that was ended in any way; finished model calls are kept in the response store and
    never made again. Ctrl-C finishes what is in flight, a second one stops at once. Exit code 0: every line gave a
    result and no call failed; 1: some did not, and their records say why; 2: the command could not be run, or the run
    could not go on; 3: the budget is spent; 130: Ctrl-C.
    """
    recipe = Recipe(method, configure(find(method), settings(set_)), model, pairs(role, "--role"), prompts)
    purse = budget(max_calls, max_tokens, max_cost, price(price_))
    kept = None if no_store else store or default_store()
    if on and trace:
        raise ConfigError("--trace tells of one process: leave it out with --on")
    if workers and not on:
        raise ConfigError("--workers needs --on, which says where they are")
    flow = recipe.build(
        None if on else kept,
        at_once,
        purse,
        patience,
        trace=to_collector() if trace else False,
    )
    files = Files(input, out, limit, not unordered, restart, retry_failed)
    tally = Tally()
    watchers: list[Watcher] = [tally, *([Events(events)] if events else [])]
    if metrics is not None:
        watchers.append(Metrics(metrics))
    crew = partial(
        on_ray, recipe, workers=workers, window=window, store=kept, limit=at_once, budget=purse, patience=patience
    )
    gc.freeze()  # What was loaded until now stays, so no collection need look at it again.
    try:
        halt = asyncio.run(_run(_Run(flow, recipe, files, window, tally, watchers, crew if on else None)))
    except asyncio.CancelledError as error:
        raise KeyboardInterrupt from error
    if as_json:
        typer.echo(tally.to_json())
    else:
        console = Console(soft_wrap=True)
        tally.show(console)
        where = f"records in {out}; one item in full: redraft show {out} --id ID"
        if halt.reason:
            so_far = f"What is finished is in {out}.partial" if tally.lines else "Nothing was finished"
            where = f"stopped: {halt.reason}. {so_far}; the same command goes on"
        console.print(where, markup=False, highlight=False)
    if halt.reason:
        raise typer.Exit(130 if halt.reason == INTERRUPTED else 3)
    raise typer.Exit(0 if tally.clean else 1)


INTERRUPTED = "Ctrl-C"


@dataclass(frozen=True)
class _Run:
    flow: Workflow
    recipe: Recipe
    files: Files
    window: int | None
    tally: Tally
    watchers: list[Watcher]
    crew: Callable[[], contextlib.AbstractAsyncContextManager[Crew]] | None = None
    """Where the workers are others than this process."""


async def _run(run: _Run) -> Halt:
    console = Console(stderr=True, soft_wrap=True)
    progress = Progress(console, run.tally, run.flow)
    halt = Halt()
    with _interruptible(halt, console):
        async with _runner(run) as runner:
            await run_files(
                runner,
                run.files,
                (await run.recipe.settled()).described(),
                run.flow.method.kinds,
                [*run.watchers, progress],
                halt,
            )
    return halt


@contextlib.asynccontextmanager
async def _runner(run: _Run) -> AsyncIterator[Runner]:
    if run.crew is not None:
        async with run.crew() as crew:
            yield crew.run
            run.tally.paid = await crew.calls_made()
        return
    async with run.flow as flow:
        await flow.connect()
        yield partial(run_all, flow, window=run.window)
        run.tally.finish(flow)


@contextlib.contextmanager
def _interruptible(halt: Halt, console: Console) -> Iterator[None]:
    """The first Ctrl-C asks for the end, the second cancels what is in flight, a third kills the program.

    A KeyboardInterrupt, which is Python's own handling, may strike inside the event loop and have it wait for ever.
    """
    loop, main, asked = asyncio.get_running_loop(), asyncio.current_task(), False

    def stop() -> None:
        nonlocal asked
        if asked and main:
            main.cancel()
            loop.remove_signal_handler(signal.SIGINT)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            return
        asked = True
        halt.ask(INTERRUPTED)
        console.print("finishing what is in flight; Ctrl-C again stops at once", highlight=False)

    loop.add_signal_handler(signal.SIGINT, stop)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
