"""Running a function in this process, for at most so long and with a result of at most such a size.

For trusted functions: what a model wrote belongs in `tools.sandbox`. A function that blocks cannot be stopped from
outside; it is left to its thread, which ends with the process at the latest.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from pydantic import JsonValue
from pydantic_core import to_jsonable_python

from redraft.schema import Failure, FunctionSchema, Noun

Invoke = Callable[[dict[str, JsonValue]], object]
"""Takes the arguments, and returns a value, a `Failure`, or an awaitable of either."""


class Output(Noun):
    """What a function brought, as JSON."""

    value: JsonValue


@dataclass(frozen=True)
class Bounds:
    """Seconds that a call may take, and characters that its result may have as JSON."""

    seconds: float = 30.0
    size: int = 1_000_000


@dataclass(frozen=True)
class Function:
    """A function on offer, and how to call it."""

    schema: FunctionSchema
    invoke: Invoke


async def run(function: Function, arguments: dict[str, JsonValue], bounds: Bounds = Bounds()) -> Output | Failure:
    """What the function brings. Failure with the cause `raised`, `timeout`, `too_big`, `not_json`, or its own."""
    name = function.schema.name
    try:
        async with asyncio.timeout(bounds.seconds):
            value = await _called(function.invoke, arguments)
    except TimeoutError:
        return Failure(cause="timeout", message=f"{name} took longer than {bounds.seconds:g} s")
    if isinstance(value, _Raised):
        return Failure(cause="raised", message=f"{name} raised {type(value.error).__name__}: {value.error}"[:1000])
    return value if isinstance(value, Failure) else _output(name, value, bounds.size)


@dataclass(frozen=True)
class _Raised:
    error: BaseException


async def _called(invoke: Invoke, arguments: dict[str, JsonValue]) -> object:
    loop = asyncio.get_running_loop()
    told: asyncio.Future[object] = loop.create_future()

    def tell(value: object) -> None:
        if not told.done():
            told.set_result(value)

    def work() -> None:
        try:
            value = invoke(arguments)
        except BaseException as error:  # noqa: BLE001 Whatever a function raises is its answer, exit included.
            value = _Raised(error)
        with suppress(RuntimeError):  # nobody waits any more, and the loop is closed
            loop.call_soon_threadsafe(tell, value)

    threading.Thread(target=work, name="redraft function", daemon=True).start()
    value = await told
    if not inspect.isawaitable(value):
        return value
    try:
        return await value
    except asyncio.CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 As above.
        return _Raised(error)


def _output(name: str, value: object, size: int) -> Output | Failure:
    too_big = Failure(cause="too_big", message=f"{name} brought more than {size:,} characters")
    if isinstance(value, (str, bytes)) and len(value) > size:
        return too_big
    pieces: list[str] = []
    length = 0
    encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=to_jsonable_python)
    try:
        for piece in encoder.iterencode(value):
            pieces.append(piece)
            length += len(piece)
            if length > size:
                return too_big
        text = "".join(pieces)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        return Failure(cause="not_json", message=f"{name} brought what JSON cannot hold: {error}"[:1000])
    return Output(value=json.loads(text))
