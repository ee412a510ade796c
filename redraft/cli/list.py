"""`redraft list`: the methods there are."""

from __future__ import annotations

import json

import typer
from rich.console import Console
from rich.table import Table

from redraft.cli.options import JsonOption
from redraft.graphs.catalogue import METHODS


def list_methods(as_json: JsonOption = False) -> None:
    """The methods, their papers, roles, signals and costs."""
    if as_json:
        rows = [
            {
                "name": method.name,
                "title": method.title,
                "paper": method.paper,
                "roles": dict(method.roles),
                "signal": method.signal,
                "calls_per_item": method.cost,
                "longest_chain": method.chain,
                "tasks": sorted(method.kinds) or ["any"],
                "settings": {name: repr(field.default) for name, field in method.config.model_fields.items()},
            }
            for method in METHODS.values()
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    table = Table("method", "paper", "roles", "signal", "calls per item", "tasks")
    for method in METHODS.values():
        tasks = ", ".join(sorted(method.kinds)) or "any"
        table.add_row(method.name, method.paper, "\n".join(method.roles), method.signal, method.cost, tasks)
    Console().print(table)
