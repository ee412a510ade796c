"""The process that runs the program and answers for it. Nothing here is trusted: the program may have rewritten it."""

from __future__ import annotations

import io
import linecache
import operator
import sys
import traceback
from collections.abc import Callable
from socket import socket
from types import ModuleType, TracebackType
from typing import Any

from .wire import Gone, Wire, known

NAME = "<program>"

_OPERATIONS: dict[str, Callable[..., Any]] = {
    "call": lambda thing, args, kwargs: thing(*args, **kwargs),
    "getattr": getattr,
    "setattr": setattr,
    "delattr": delattr,
    "await": lambda thing: _waited_for(thing),
    "isinstance": lambda kind, thing: isinstance(thing, kind),
    **{made.__name__: made for made in (len, iter, next, bool, str, repr, hash, abs, int, float, round, reversed, dir)},
    **{
        name: getattr(operator, name)
        for name in (
            *("getitem", "setitem", "delitem", "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"),
            *("and_", "or_", "xor", "lshift", "rshift", "neg", "pos", "invert", "eq", "lt", "le", "gt", "ge"),
        )
    },
    "enter": lambda thing: thing.__enter__(),
    "exit": lambda thing: thing.__exit__(None, None, None),
    "format": format,
}


def _waited_for(thing: Any) -> Any:
    import asyncio  # Every process would be a third larger for it.

    async def waiting() -> Any:
        return await thing

    return asyncio.run(waiting())


class Callback:
    """A function of the test's, called from the program."""

    def __init__(self, wire: Wire, number: int) -> None:
        self._wire = wire
        self.number = number

    def __call__(self, *args: Any) -> Any:
        self._wire.send(["call", self.number, *map(self._wire.pack, args)])
        return _answer(self._wire, self._wire.receive(), {})


def serve(wire: Wire, code: str, main: bool) -> None:
    """Run the program, say how that went, and answer what the test asks, until it asks no more."""
    module = ModuleType("__main__" if main else "program")
    sys.modules[module.__name__] = module
    linecache.cache[NAME] = (len(code), None, code.splitlines(keepends=True), NAME)
    try:
        exec(compile(code, NAME, "exec", dont_inherit=True), module.__dict__)
    except BaseException as error:  # noqa: BLE001 It may raise what it likes.
        wire.send(["raised", *_described(error)])
        return
    wire.send(["loaded"])
    while True:
        _answer(wire, wire.receive(), module.__dict__)


def _answer(wire: Wire, message: list[Any], names: dict[str, Any]) -> Any:
    """Do what the test asks until, inside a callback, its answer has come; that is returned or raised."""
    while True:
        kind, *rest = message
        if kind == "value":
            return wire.unpack(rest[0])
        if kind == "failed":
            raise RuntimeError(f"the test's function raised {rest[0]}")
        try:
            if kind == "name":
                reply = _named(wire, names, rest[0])
            else:
                operands = wire.unpack(rest[0])
                reply = ["value", wire.pack(_OPERATIONS[kind](*operands))]
                if kind == "call" and (after := wire.pack(operands)[2:]) != rest[0][2:]:
                    reply.append(after)
        except Gone:
            raise
        except BaseException as error:  # noqa: BLE001 It may raise what it likes.
            reply = ["raised", *_described(error)]
        wire.send(reply)
        if not names:
            message = wire.receive()
            continue
        return None


def _named(wire: Wire, names: dict[str, Any], name: str) -> list[Any]:
    if name not in names:
        return ["none"]
    value = names[name]
    if isinstance(value, type) and issubclass(value, BaseException) and not known(value):
        return ["exception", _lineage(value)]
    return ["value", wire.pack(value)]


def _lineage(kind: type) -> list[str]:
    """The names of the exception's classes, from its own up to the first of Python's."""
    names = [each.__name__ for each in kind.__mro__]
    first = next(place for place, each in enumerate(kind.__mro__) if known(each))
    return names[: first + 1]


def _described(error: BaseException) -> list[Any]:
    """The exception's classes, its text (for SystemExit its code), and the traceback."""
    names = _lineage(type(error))
    text = getattr(error, "code", None) if isinstance(error, SystemExit) else _text(error)
    return [names, text if isinstance(text, str | int | None) else str(text), _traceback(error)]


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException as other:  # noqa: BLE001 Its __str__ is the program's too.
        return f"(its text cannot be had: {type(other).__name__})"


def _traceback(error: BaseException) -> str:
    """Without our own frames. Short: the last six, of those the program's."""
    frame: TracebackType | None = error.__traceback__
    while frame and frame.tb_frame.f_code.co_filename != NAME:
        frame = frame.tb_next
    written = io.StringIO()
    try:
        traceback.print_exception(type(error), error, frame, limit=-6, file=written, chain=False)
    except BaseException:  # noqa: BLE001 What cannot be told is left out; the class still stands in the reply.
        return type(error).__name__
    return written.getvalue()[-4000:]


def new_wire(channel: socket) -> Wire:
    """The program's end of the wire."""
    return Wire(channel, lambda wire, number, _: Callback(wire, number), _number_of)


def _number_of(thing: Any) -> int | None:
    return thing.number if type(thing) is Callback else None
