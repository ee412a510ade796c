"""How a benchmark tells what it measured: a table for a person, JSON lines for a program."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

Row = dict[str, str | int | float]


def write(title: str, rows: list[Row], out: Path) -> None:
    """Print `rows` as a table and write them to `out`."""
    table = Table(title=title)
    columns = list(dict.fromkeys(key for row in rows for key in row))
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*(str(row.get(column, "")) for column in columns))
    Console().print(table)
    out.write_text("".join(json.dumps({"benchmark": title, **row}) + "\n" for row in rows))
