"""`redraft graph`: a method's graph as Mermaid text, SVG or PNG."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from redraft.cli.options import MethodName, SetOption, settings
from redraft.errors import ConfigError, MissingExtra
from redraft.graphs.catalogue import find
from redraft.graphs.workflow import configure, workflow


class Format(StrEnum):
    """What the graph is drawn as."""

    mermaid = "mermaid"
    svg = "svg"
    png = "png"


def graph(
    method: MethodName,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write there, not to stdout.")] = None,
    form: Annotated[Format | None, typer.Option("--format", help="Default: by FILE's ending, else mermaid.")] = None,
    set_: SetOption = [],  # noqa: B006 - typer copies it
) -> None:
    """Draw a method's graph, with the settings given."""
    chosen = form or next((f for f in Format if out and out.suffix == f".{f}"), Format.mermaid)
    config = configure(find(method), settings(set_))
    mermaid = workflow(method, "local", config=config).graph.get_graph().draw_mermaid()
    if chosen is Format.mermaid and not out:
        typer.echo(mermaid)
        return
    if not out:
        raise ConfigError(f"--format {chosen} needs -o FILE")
    try:
        out.write_bytes(mermaid.encode() if chosen is Format.mermaid else draw(mermaid, chosen))
    except OSError as error:
        raise ConfigError(f"cannot write {out}: {error.strerror}") from error


def draw(mermaid: str, form: Format) -> bytes:
    """The picture of a Mermaid text, drawn on this machine. Raises MissingExtra without the extra `draw`."""
    try:
        import mermaidx
    except ImportError as error:
        raise MissingExtra("the drawing library mermaidx", "draw") from error
    diagram = mermaidx.render(mermaid)
    picture: bytes = diagram.svg().encode() if form is Format.svg else diagram.png()
    return picture
