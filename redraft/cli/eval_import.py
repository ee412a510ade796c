"""`redraft eval import`: logs of other tools as outcomes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from redraft.errors import MissingExtra


def import_(
    format: Annotated[str, typer.Argument(metavar="FORMAT", help="`lm-eval` (samples_*.jsonl) or `inspect`.")],
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="A log; the first drafts, where AFTER is given.")],
    after: Annotated[Path | None, typer.Argument(metavar="[AFTER]", help="A log of the same items, corrected.")] = None,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The outcomes, as JSONL.")] = Path(
        "outcomes.jsonl"
    ),
    method: Annotated[str | None, typer.Option("--method", metavar="NAME", help="What to call it.")] = None,
    metric: Annotated[
        str | None, typer.Option("--metric", metavar="NAME", help="The score that tells right from wrong.")
    ] = None,
    filter: Annotated[str | None, typer.Option("--filter", metavar="NAME", help="Of lm-eval's filters.")] = None,
) -> None:
    """Read one log, or a log before and one after a correction, and write the outcomes.

    The two become rounds 0 and 1 of one method, so that everything that reads outcomes can say what the correction
    mended and what it broke. They must be of the same items.
    """
    try:
        from redraft.evaluation.datasets.jsonl import write_lines
        from redraft.evaluation.importers import import_logs
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "numpy", "evaluation") from error
    outcomes = import_logs(format, before, after, method=method, metric=metric, filter=filter)
    write_lines(out, (outcome.model_dump_json(exclude_none=True) for outcome in outcomes))
    items = len({outcome.id for outcome in outcomes})
    typer.echo(f"{out}: {items} items, {'one round' if after is None else 'before and after'}")
