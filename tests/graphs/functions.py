"""Functions for tests of methods that call: some that work, and every way in which one can fail."""

from __future__ import annotations

import time
from datetime import date, timedelta

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


def weekday(day: date) -> str:
    """The day of the week.

    Args:
        day: a date, as YYYY-MM-DD
    """
    return day.strftime("%A")


def days_between(first: date, last: date) -> int:
    """The number of days from one date to another.

    Args:
        first: a date, as YYYY-MM-DD
        last: a later date
    """
    return (last - first).days


CALENDAR = [weekday, days_between]


def dates(count: int) -> list[ToolCallTask]:
    """Questions that take a calendar."""
    functions = [from_python(each).schema for each in CALENDAR]
    days = [date(1999, 12, 31) + timedelta(days=1234 * n) for n in range(count)]
    asked = [
        f"What day of the week is {day}?" if n % 2 else f"How many days pass from 1990-01-01 to {day}?"
        for n, day in enumerate(days)
    ]
    return [ToolCallTask(request=request, functions=functions) for request in asked]
