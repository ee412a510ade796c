"""The command line: each command in a file of its own, what they share in `options` and `view`.

Commands print; nothing else in redraft does. A fault of the command or its files is one sentence and exit code 2; a
run in which items went wrong ends with 1.
"""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from redraft.cli.evaluate import app as evaluate
from redraft.cli.graph import graph
from redraft.cli.list import list_methods
from redraft.cli.models import models
from redraft.cli.prompts import prompts
from redraft.cli.run import run
from redraft.cli.show import show
from redraft.cli.verify import verify
from redraft.errors import RedraftError

app = typer.Typer(
    name="redraft",
    help="Self-correction for language-model output, as graphs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("list")(list_methods)
app.command("run")(run)
app.command("show")(show)
app.command("verify")(verify)
app.command("graph")(graph)
app.command("models")(models)
app.command("prompts")(prompts)
app.add_typer(evaluate, name="eval")


def main() -> None:
    """The `redraft` program."""
    try:
        app()
    except RedraftError as error:
        Console(stderr=True, soft_wrap=True).print(f"redraft: {error}", style="red", markup=False, highlight=False)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(141)
