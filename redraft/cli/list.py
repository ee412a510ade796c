"""`redraft list`: the methods there are, and one of them with its settings."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from pydantic import JsonValue
from rich.console import Console
from rich.table import Table

from redraft.cli.options import JsonOption
from redraft.graphs.catalogue import METHODS, find
from redraft.graphs.method import Method


def list_methods(
    method: Annotated[str | None, typer.Argument(metavar="[METHOD]", help="One of them, with its settings.")] = None,
    as_json: JsonOption = False,
) -> None:
    """The methods, their papers, roles, signals and costs; or all there is to know of METHOD."""
    chosen = [find(method)] if method else list(METHODS.values())
    if as_json:
        typer.echo(json.dumps([_row(each) for each in chosen], ensure_ascii=False, indent=2))
    elif method:
        _show(chosen[0])
    else:
        table = Table("method", "paper", "roles", "signal", "calls per item", "tasks")
        for each in chosen:
            table.add_row(each.name, each.paper, "\n".join(each.roles), each.signal, each.cost, _tasks(each))
        Console().print(table)


def _row(method: Method[Any, Any]) -> dict[str, JsonValue]:
    return {
        "name": method.name,
        "title": method.title,
        "paper": method.paper,
        "roles": dict(method.roles),
        "signal": method.signal,
        "calls_per_item": method.cost,
        "longest_chain": method.chain,
        "tasks": [*sorted(method.kinds)] or ["any"],
        "settings": {name: repr(field.default) for name, field in method.config.model_fields.items()},
    }


def _show(method: Method[Any, Any]) -> None:
    console = Console(highlight=False)
    console.print(f"{method.name}: {method.title}. {method.paper}", markup=False)
    console.print(f"tasks: {_tasks(method)}; signal: {method.signal}", markup=False)
    console.print(f"calls per item: {method.cost}; longest chain: {method.chain}", markup=False)
    roles = Table("--role", "what it does")
    for role, what in method.roles.items():
        roles.add_row(role, what)
    console.print(roles)
    settings = Table("--set", "default", "what it does")
    for name, field in method.config.model_fields.items():
        settings.add_row(name, repr(field.default), " ".join((field.description or "").split()))
    console.print(settings)


def _tasks(method: Method[Any, Any]) -> str:
    return ", ".join(sorted(method.kinds)) or "any"
