"""Functions offered by signature or by JSON, and called: whatever they do is a value."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Literal

import pytest
from pydantic import BaseModel

from redraft.errors import ConfigError
from redraft.schema import Failure, FunctionSchema, ToolCall

pytest.importorskip("docstring_parser")
pytest.importorskip("jsonschema_rs")

from redraft.tools.functions.catalogue import Catalogue, from_openai, from_python
from redraft.tools.functions.run import Bounds, Function, Output, run


class Unit(Enum):
    CELSIUS = "C"
    FAHRENHEIT = "F"


class Place(BaseModel):
    lat: float
    lon: float


def weather(
    day: date, place: Place | None = None, unit: Unit = Unit.CELSIUS, mode: Literal["rain", "sun"] = "rain"
) -> dict[str, object]:
    """Tell the weather.

    It may be wrong.

    Args:
        day: The day that is asked about.
        place: Where, if not here.
    """
    return {"day": day, "lat": place.lat if place else None, "unit": unit, "mode": mode}


async def later(number: int) -> int:
    """Answer later."""
    await asyncio.sleep(0)
    return number + 1


TOOLS = Catalogue([from_python(weather), from_python(later)])


def test_signature_and_docstring_become_the_schema() -> None:
    schema = TOOLS.functions["weather"].schema
    assert (schema.name, schema.description) == ("weather", "Tell the weather.\n\nIt may be wrong.")
    properties = schema.parameters["properties"]
    assert properties["day"] == {
        "format": "date",
        "title": "Day",
        "type": "string",
        "description": "The day that is asked about.",
    }
    assert schema.parameters["required"] == ["day"]
    assert properties["mode"]["enum"] == ["rain", "sun"]
    assert [each.name for each in TOOLS.schemas] == ["weather", "later"]


async def test_arguments_are_brought_to_the_types_of_the_signature() -> None:
    given = {"day": "2026-11-21", "place": {"lat": 50.7, "lon": 7.1}, "unit": "F"}
    brought = await TOOLS.call(ToolCall(name="weather", arguments=given))
    assert brought == Output(value={"day": "2026-11-21", "lat": 50.7, "unit": "F", "mode": "rain"})
    assert await TOOLS.call(ToolCall(name="later", arguments={"number": 1})) == Output(value=2)


@pytest.mark.parametrize(
    ("call", "cause"),
    [
        (ToolCall(name="wether"), "unknown_function"),
        (ToolCall(name="weather"), "missing_argument"),
        (ToolCall(name="weather", arguments={"day": 5}), "ill_typed_argument"),
        (ToolCall(name="weather", arguments={"day": "someday"}), "ill_typed_argument"),
        (ToolCall(name="weather", arguments={"day": "2026-11-21", "mode": "snow"}), "wrong_value"),
        (ToolCall(name="weather", arguments={"day": "2026-11-21", "wind": 1}), "unknown_argument"),
    ],
)
async def test_a_call_that_does_not_fit_is_not_made(call: ToolCall, cause: str) -> None:
    brought = await TOOLS.call(call)
    assert isinstance(brought, Failure)
    assert brought.cause == cause


async def test_openais_json_and_the_function_behind_it() -> None:
    tool = {"type": "function", "function": {"name": "add", "parameters": {"properties": {"a": {"type": "integer"}}}}}
    tools = Catalogue([from_openai(tool, lambda a: a + 1)])
    assert await tools.call(ToolCall(name="add", arguments={"a": 1})) == Output(value=2)
    with pytest.raises(ConfigError, match="no tool's JSON"):
        from_openai({"type": "function"}, print)


def positional(a: int, /) -> int:
    return a


def starred(*numbers: int) -> int:
    return sum(numbers)


def odd(lock: threading.Lock) -> None:
    lock.acquire()


@pytest.mark.parametrize("function", [positional, starred, odd])
def test_a_signature_that_no_model_could_call_is_refused(function: Callable[..., object]) -> None:
    with pytest.raises(ConfigError, match=r"without a name|cannot be offered"):
        from_python(function)


def test_two_functions_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="same name"):
        Catalogue([from_python(later), from_python(later)])


def raises() -> object:
    raise ValueError("no luck")


def leaves() -> object:
    raise SystemExit(3)


async def raises_later() -> object:
    raise ValueError("no luck")


def circular() -> object:
    ring: list[object] = []
    ring.append(ring)
    return ring


@pytest.mark.parametrize(
    ("function", "cause"),
    [
        (raises, "raised"),
        (raises_later, "raised"),
        (leaves, "raised"),
        (lambda: threading.Event().wait(60), "timeout"),
        (lambda: asyncio.sleep(60), "timeout"),
        (lambda: "x" * 100_000_000, "too_big"),
        (lambda: ["x" * 1_000] * 100_000, "too_big"),
        (lambda: object(), "not_json"),
        (lambda: float("nan"), "not_json"),
        (lambda: {(1, 2): 3}, "not_json"),
        (lambda: "\ud800", "not_json"),
        (circular, "not_json"),
    ],
)
async def test_whatever_a_function_does_is_a_value(function: Callable[[], object], cause: str) -> None:
    offered = Function(FunctionSchema(name="f"), lambda arguments: function())
    brought = await run(offered, {}, Bounds(seconds=1.0 if cause == "timeout" else 60.0, size=100_000))
    assert isinstance(brought, Failure)
    assert brought.cause == cause
