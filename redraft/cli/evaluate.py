"""`redraft eval`: its commands, each in a file of its own."""

from __future__ import annotations

import typer

from redraft.cli.eval_compare import compare
from redraft.cli.eval_data import data
from redraft.cli.eval_import import import_
from redraft.cli.eval_report import report
from redraft.cli.eval_reproduce import reproduce

app = typer.Typer(help="Does correcting help, what does it break, and what does it cost.", no_args_is_help=True)
app.command("compare")(compare)
app.command("data")(data)
app.command("import")(import_)
app.command("reproduce")(reproduce)
app.command("report")(report)
