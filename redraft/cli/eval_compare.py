"""`redraft eval compare`: methods over a data set, beside what the same calls bring without correcting."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from redraft.cli.options import JsonOption, default_store, pairs, price, settings
from redraft.cli.progress import Progress
from redraft.cli.tally import Tally
from redraft.engine.watch import Watcher
from redraft.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from redraft.evaluation.compare import Comparison, Setup


def compare(
    data: Annotated[str, typer.Argument(metavar="DATA", help="Such as `gsm8k:FILE`; `redraft eval data` shows all.")],
    methods: Annotated[
        list[str],
        typer.Argument(metavar="METHOD...", help="As for `redraft run`; LABEL=METHOD where one comes twice."),
    ],
    folder: Annotated[
        Path, typer.Option("-o", "--out", metavar="FOLDER", help="Everything is kept here; the same goes on.")
    ] = Path("comparison"),
    model: Annotated[str, typer.Option("--model", help="`redraft models` shows the forms.")] = "local",
    role: Annotated[
        list[str],
        typer.Option(
            "--role", metavar="[METHOD.]ROLE=MODEL", help="Another model, a verifier, or functions, for one role."
        ),
    ] = [],  # noqa: B006 - typer copies it
    set_: Annotated[
        list[str],
        typer.Option(
            "-s", "--set", metavar="METHOD.KEY=VALUE", help="A setting of a method, or of a control (`single.KEY=...`)."
        ),
    ] = [],  # noqa: B006
    prompts: Annotated[Path | None, typer.Option("--prompts", metavar="DIR", help="Edited prompts.")] = None,
    control: Annotated[
        bool, typer.Option("--control/--no-control", help="Run the controls that spend the same calls.")
    ] = True,
    limit: Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="Only N samples.")] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Which N, and which resamples.")] = 0,
    price_: Annotated[
        str | None, typer.Option("--price", metavar="IN/OUT", help="Of a million prompt/completion tokens.")
    ] = None,
    window: Annotated[int | None, typer.Option("--window", min=1, metavar="N", help="Items in flight.")] = None,
    at_once: Annotated[
        int | None, typer.Option("--at-once", min=1, metavar="N", help="Calls in flight per model.")
    ] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Run again what failed, keep the rest.")] = False,
    store: Annotated[Path | None, typer.Option("--store", metavar="FILE", help="The response store.")] = None,
    resamples: Annotated[int, typer.Option("--resamples", min=100, metavar="N", help="For the intervals.")] = 10_000,
    as_json: JsonOption = False,
) -> None:
    """Run each METHOD over DATA, and its controls: one draft, and as many calls spent on self-consistency or best-of-N.

    Every draft of every round is judged by the data set's gold once all methods are done. The same command continues a
    comparison that was ended in any way, and makes no call twice; methods share calls. Exit code 0: every item has a
    result and every draft was judged; 1: some not, and why is printed; 2: the command could not be run.
    """
    try:
        from redraft.evaluation.compare import Setup
        from redraft.evaluation.contender import Players
        from redraft.evaluation.controls import CONTROLS
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "numpy", "evaluation") from error
    labels = named(methods)
    console = Console(stderr=True, soft_wrap=True)

    def watch(label: str) -> list[Watcher]:
        console.print(label, style="bold", markup=False, highlight=False)
        tally = Tally()
        return [tally, Progress(console, tally)]

    setup = Setup(
        Players(model, pairs(role, "--role"), prompts),
        by_label(settings(set_), (*labels, *CONTROLS)),
        control,
        store or default_store(),
        window,
        at_once,
        price=price(price_),
        retry_failed=retry_failed,
        about={"data": data, "limit": limit, "seed": seed},
        watch=watch,
    )
    _show(asyncio.run(_compare(data, limit, seed, labels, folder, setup)), resamples, seed, as_json)


def named(methods: Iterable[str]) -> dict[str, str]:
    """Methods by label, which is the method's name unless `LABEL=METHOD` says another. Raises ConfigError."""
    found: dict[str, str] = {}
    for text in methods:
        label, _, method = text.partition("=")
        if label in found:
            raise ConfigError(f"{label!r} comes twice: call one of them otherwise, as LABEL={method or label}")
        found[label] = method or label
    return found


def by_label(given: dict[str, object], labels: Iterable[str]) -> dict[str, dict[str, object]]:
    """`LABEL.KEY` settings by label. Raises ConfigError for one that begins with none of `labels`."""
    found: defaultdict[str, dict[str, object]] = defaultdict(dict)
    longest_first = sorted(labels, key=len, reverse=True)
    for key, value in given.items():
        label = next((label for label in longest_first if key.startswith(f"{label}.")), None)
        if label is None:
            raise ConfigError(f"-s takes METHOD.KEY=VALUE, where METHOD is one of {', '.join(labels)}, not {key!r}")
        found[label][key.removeprefix(f"{label}.")] = value
    return dict(found)


async def _compare(
    data: str, limit: int | None, seed: int, labels: dict[str, str], folder: Path, setup: Setup
) -> Comparison:
    from redraft.evaluation.compare import compare
    from redraft.evaluation.datasets import open_grader, open_samples

    samples = open_samples(data, limit, seed)
    grader = open_grader(data if limit is None else samples)
    try:
        return await compare(samples, grader, labels, folder, setup)
    finally:
        await grader.aclose()


def _show(found: Comparison, resamples: int, seed: int, as_json: bool) -> None:
    from redraft.cli.compared import show
    from redraft.evaluation.front import front
    from redraft.evaluation.summary import summarise

    summaries = summarise(found.outcomes, resamples=resamples, seed=seed)
    tests = found.tests(resamples=resamples, seed=seed)
    points = front(summaries)
    if as_json:
        told = {
            "summaries": [summary.model_dump(mode="json") for summary in summaries],
            "controls": [test.model_dump(mode="json") for test in tests],
            "front": [point.model_dump(mode="json") for point in points],
            "notes": list(found.notes),
            "failures": [{**fault.model_dump(), "times": times} for fault, times in found.failures.items()],
        }
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        show(Console(), found, summaries, tests, points)
    raise typer.Exit(1 if found.failures else 0)
