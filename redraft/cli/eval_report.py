"""`redraft eval report`: a comparison as a page, as Markdown and as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from redraft.errors import ConfigError, MissingExtra


def report(
    inputs: Annotated[
        list[Path], typer.Argument(metavar="INPUT...", help="Folders of `redraft eval compare`, or outcomes as JSONL.")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The page.")] = Path("report.html"),
    markdown: Annotated[Path | None, typer.Option("--markdown", metavar="FILE", help="The tables, too.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="The estimates, too.")] = None,
    baseline: Annotated[
        str | None,
        typer.Option("--baseline", metavar="METHOD", help="What to test against; none: the controls."),
    ] = None,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="None: the first INPUT's name.")] = None,
    resamples: Annotated[int, typer.Option("--resamples", min=100, metavar="N", help="Of the bootstrap.")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of the bootstrap.")] = 0,
) -> None:
    """Show what came of a comparison: one HTML file that opens offline, with intervals, tests, costs and all items.

    A line of outcomes is {"id": ..., "round": 0, "method": ..., "output": ..., "verdict": true}; round 0 is the first
    draft, and a verdict of null says that there is none.
    """
    try:
        from redraft.evaluation.report.contents import gather
        from redraft.evaluation.report.csv import to_csv
        from redraft.evaluation.report.html import to_html
        from redraft.evaluation.report.markdown import to_markdown
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "numpy", "evaluation") from error
    contents = gather(inputs, baseline=baseline, resamples=resamples, seed=seed)
    named = title or inputs[0].resolve().name.removesuffix(".jsonl")
    _write(out, to_html(contents, named))
    if markdown is not None:
        _write(markdown, to_markdown(contents))
    if csv is not None:
        _write(csv, to_csv(contents.summaries))
    count = len(contents.methods)
    typer.echo(f"{out}: {count} {'method' if count == 1 else 'methods'}; open it in a browser")
    for path in (markdown, csv):
        if path is not None:
            typer.echo(str(path))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
