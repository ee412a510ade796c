"""Options that several commands take, and how their texts are read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from redraft.errors import ConfigError
from redraft.models.budget import Budget, Price
from redraft.models.weights import cache_dir

MethodName = Annotated[
    str,
    typer.Argument(metavar="METHOD", help="A name that `redraft list` shows, or several in a row: cove+self-refine."),
]
SetOption = Annotated[
    list[str], typer.Option("--set", metavar="KEY=VALUE", help="A setting of the method; VALUE as JSON, text or @FILE.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


def pairs(texts: Iterable[str], option: str) -> dict[str, str]:
    """`KEY=VALUE` texts as a dict. Raises ConfigError for one that is not of that form."""
    split = [text.partition("=") for text in texts]
    for key, equals, value in split:
        if not (key and equals and value):
            raise ConfigError(f"{option} takes KEY=VALUE, not {key + equals + value!r}")
    return {key.strip(): value for key, _, value in split}


def settings(texts: Iterable[str]) -> dict[str, object]:
    """The settings given by `--set`. A value is JSON where it reads as JSON, `@FILE` is JSON in a file, else text."""
    return {key: _value(value) for key, value in pairs(texts, "--set").items()}


def _value(text: str) -> object:
    if text.startswith("@"):
        try:
            return json.loads(Path(text[1:]).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigError(f"--set: {text[1:]} is no file of JSON: {error}") from error
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def budget(calls: int | None, tokens: int | None, cost: float | None, price: Price | None) -> Budget | None:
    """What a run may spend, which may be nothing; None where nothing bounds it. Raises ConfigError as `Budget` does."""
    bounded = any(bound is not None for bound in (calls, tokens, cost))
    return Budget(calls, tokens, cost, price) if bounded else None


def price(text: str | None) -> Price | None:
    """The price given as `IN/OUT`. Raises ConfigError for anything else."""
    if text is None:
        return None
    try:
        prompt, completion = map(float, text.split("/"))
        return Price(prompt, completion)
    except (ValueError, ConfigError) as error:
        raise ConfigError(f"--price takes IN/OUT, such as 0.5/1.5, not {text!r}") from error


def default_store() -> Path:
    """Where the response store lies unless a run names another file."""
    return cache_dir() / "responses.sqlite"
