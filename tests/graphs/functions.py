"""Functions for tests of methods that call: some that work, and every way in which one can fail."""

from __future__ import annotations

import time

from redraft.schema import FunctionSchema, ToolCallTask
from redraft.tools.functions.catalogue import Catalogue, from_python
from redraft.tools.functions.run import Bounds


def weather(city: str, days: int = 1) -> str:
    """The weather.

    Args:
        city: where
        days: from today
    """
    return f"rain in {city} for {days} days"


def fail() -> str:
    """Raise."""
    raise ValueError("no luck")


def hang() -> str:
    """Take a while."""
    time.sleep(3)
    return "late"


def flood() -> str:
    """Bring 100 MB."""
    return "x" * 100_000_000


def odd() -> object:
    """Bring what JSON cannot hold."""
    return float("nan")


def catalogue(seconds: float = 30.0) -> Catalogue:
    return Catalogue([from_python(each) for each in (weather, fail, hang, flood, odd)], Bounds(seconds=seconds))


def task(*names: str, request: str = "Will it rain in Bonn?", draft: str | None = None) -> ToolCallTask:
    """A task that offers the functions of these names, or all."""
    offered: list[FunctionSchema] = [each for each in catalogue().schemas if not names or each.name in names]
    return ToolCallTask(request=request, functions=offered, draft=draft)
