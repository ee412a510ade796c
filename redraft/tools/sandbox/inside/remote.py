"""How a test sees the program: every name of it is asked for, and what is no plain value stands for itself.

What a test compares with a value of its own is compared here, between plain values. A thing of the program's never
equals a plain value, and has no order with one. Only where a test asks nothing but the program's own things (two of
them, whether one is true, what a method of it says) the answer is the program's.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from typing import Any

from .wire import Wire


class Remote:
    """A thing of the program's that is no plain value: a function, a class, an object, an iterator."""

    __slots__ = ("_about", "_number", "_wire")
    _wire: Wire
    _number: int
    _about: str

    def __init__(self, wire: Wire, number: int, about: str) -> None:
        for name, value in (("_wire", wire), ("_number", number), ("_about", about)):
            object.__setattr__(self, name, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return ask(self, "call", list(args), kwargs)

    def __getattr__(self, name: str) -> Any:
        return ask(self, "getattr", name)

    def __setattr__(self, name: str, value: Any) -> None:
        ask(self, "setattr", name, value)

    def __delattr__(self, name: str) -> None:
        ask(self, "delattr", name)

    def __instancecheck__(self, thing: Any) -> bool:
        return isinstance(thing, Remote) and ask(self, "isinstance", thing) is True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Remote) and (self._number == other._number or ask(self, "eq", other) is True)

    def __hash__(self) -> int:
        return int(ask(self, "hash"))

    def __repr__(self) -> str:
        return str(ask(self, "repr"))

    def __str__(self) -> str:
        return str(ask(self, "str"))

    def __format__(self, form: str) -> str:
        return str(ask(self, "format", form))

    def __bool__(self) -> bool:
        return bool(ask(self, "bool"))

    def __iter__(self) -> Iterator[Any]:
        made = ask(self, "iter")
        while True:
            try:
                yield ask(made, "next")
            except StopIteration:
                return

    def __await__(self) -> Any:
        yield from ()
        return ask(self, "await")

    def __enter__(self) -> Any:
        return ask(self, "enter")

    def __exit__(self, *_: object) -> None:
        ask(self, "exit")


def _asked(operation: str) -> Any:
    def method(self: Remote, *others: Any) -> Any:
        return ask(self, operation, *others)

    return method


def _ordered(operation: str) -> Any:
    def method(self: Remote, other: Any) -> Any:
        return ask(self, operation, other) is True if isinstance(other, Remote) else NotImplemented

    return method


def _swapped(operation: str) -> Any:
    def method(self: Remote, other: Any) -> Any:
        return exchange(self._wire, operation, [other, self])

    return method


for _name in ("lt", "le", "gt", "ge"):
    setattr(Remote, f"__{_name}__", _ordered(_name))
for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor"):
    setattr(Remote, f"__{_name.rstrip('_')}__", _asked(_name))
    setattr(Remote, f"__r{_name.rstrip('_')}__", _swapped(_name))
for _name in (
    "len",
    "next",
    "getitem",
    "setitem",
    "delitem",
    "neg",
    "pos",
    "invert",
    "abs",
    "reversed",
    "round",
    "dir",
):
    setattr(Remote, f"__{_name}__", _asked(_name))
for _name in ("int", "float"):
    setattr(Remote, f"__{_name}__", _asked(_name))


def number_of(thing: Any) -> int | None:
    """The program's number for `thing`, where it is the program's."""
    return thing._number if type(thing) is Remote else None


def ask(thing: Remote, operation: str, *operands: Any) -> Any:
    """Have the program do `operation` on its `thing`."""
    return exchange(thing._wire, operation, [thing, *operands])


def exchange(wire: Wire, operation: str, operands: list[Any]) -> Any:
    """One question and its answer; lists, dicts and sets that the program changed are changed here too."""
    wire.send([operation, wire.pack(operands)])
    _, value, *changed = reply(wire)
    if changed:
        _, args, kwargs = operands
        theirs, by_name = map(wire.unpack, changed[0])
        for mine, now in zip([*args, *kwargs.values()], [*theirs, *by_name.values()], strict=False):
            _take_over(mine, now)
    return wire.unpack(value)


def find(wire: Wire, name: str) -> tuple[bool, Any]:
    """Whether the program has that name, and what it is. An exception's class gets one here that stands for it."""
    wire.send(["name", name])
    kind, *rest = reply(wire)
    if kind == "exception":
        return True, wire.exceptions.setdefault(rest[0][0], type(rest[0][0], (_nearest(rest[0], {}),), {}))
    return kind == "value", wire.unpack(rest[0]) if kind == "value" else None


def reply(wire: Wire) -> list[Any]:
    """The program's answer, its calls of the test's functions answered in between. Raises what the program raised."""
    while True:
        kind, *rest = message = wire.receive()
        if kind == "raised":
            raise rebuilt(wire, *rest)
        if kind != "call":
            return message
        called, *args = map(wire.unpack, [["yours", rest[0]], *rest[1:]])
        try:
            answer = ["value", wire.pack(called(*args))]
        except Exception as error:  # noqa: BLE001 The program is told, and the test goes on.
            answer = ["failed", repr(error)[:500]]
        wire.send(answer)


def rebuilt(wire: Wire, names: list[str], text: Any, told: str) -> BaseException:
    """The exception that the program raised, as the nearest class there is here."""
    try:
        error = _nearest(names, wire.exceptions)(text)
    except TypeError:  # Such as UnicodeDecodeError, which wants five.
        error = Exception(f"{names[0]}: {text}")
    error.__dict__["told"] = str(told)
    return error


def _nearest(names: list[str], more: dict[str, type[BaseException]]) -> type[BaseException]:
    for each in names:
        kind = more.get(each) or getattr(builtins, each, None)
        if isinstance(kind, type) and issubclass(kind, BaseException):
            return kind
    return Exception


def _take_over(mine: Any, theirs: Any) -> None:
    if type(mine) is not type(theirs) or mine == theirs:
        return
    if isinstance(mine, list | bytearray):
        mine[:] = theirs
    elif isinstance(mine, dict | set):
        mine.clear()
        mine.update(theirs)
