"""Calls between two processes that do not trust each other: plain values by value, everything else by number.

Nothing that arrives can do more than be a value: it is JSON, made into Python's own types, and only objects that this
side has sent can be named by the other.
"""

from __future__ import annotations

import builtins
import importlib
import json
import sys
from collections import Counter, OrderedDict, deque, namedtuple
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from socket import socket
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

LARGEST = 64 << 20
"""Bytes of the longest message."""

_BY_TEXT: dict[type, tuple[str, Callable[[Any], str], Callable[[str], Any]]] = {
    Decimal: ("decimal", str, Decimal),
    Fraction: ("fraction", str, Fraction),
    date: ("date", date.isoformat, date.fromisoformat),
    datetime: ("datetime", datetime.isoformat, datetime.fromisoformat),
    time: ("time", time.isoformat, time.fromisoformat),
    bytes: ("bytes", bytes.hex, bytes.fromhex),
    bytearray: ("bytearray", bytearray.hex, bytearray.fromhex),
}
_FROM_TEXT = {tag: read for tag, _, read in _BY_TEXT.values()}
_SEQUENCES: dict[type, str] = {list: "list", tuple: "tuple", set: "set", frozenset: "frozenset", deque: "deque"}
_MAPPINGS: dict[type, str] = {dict: "dict", OrderedDict: "ordered", Counter: "counter"}
_MAKE: dict[str, Callable[[Any], Any]] = {
    **{tag: kind for kind, tag in _SEQUENCES.items()},
    **{tag: kind for kind, tag in _MAPPINGS.items()},
}
_PLAIN: tuple[Any, ...] = (str, int, float, list, tuple, set, frozenset, dict, bytes, bytearray)


class Gone(BaseException):
    """The other side ended, or said what is no message."""


class Wire:
    """One end. `far` makes what stands here for an object of the other side, from its number and a word about it;
    `near` gives that number back for such a thing, None for any other."""

    def __init__(
        self, channel: socket, far: Callable[[Wire, int, str], Any], near: Callable[[Any], int | None]
    ) -> None:
        self._channel = channel
        self._far = far
        self._near = near
        self._sent: dict[int, Any] = {}
        self.exceptions: dict[str, type[BaseException]] = {}
        self.broken = ""

    # ---- messages ----

    def send(self, message: list[Any]) -> None:
        """Raises Gone."""
        data = json.dumps(message).encode()
        try:
            self._channel.sendall(len(data).to_bytes(8, "big") + data)
        except OSError as error:
            raise self._break("it ended") from error

    def receive(self) -> list[Any]:
        """Raises Gone."""
        size = int.from_bytes(self._read(8), "big")
        if size > LARGEST:
            raise self._break(f"it sent a value of {size} bytes")
        try:
            message = json.loads(self._read(size))
        except (ValueError, RecursionError) as error:
            raise self._break("it sent what is no message") from error
        if not isinstance(message, list) or not message:
            raise self._break("it sent what is no message")
        return message

    def _read(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            try:
                piece = self._channel.recv(min(size - len(data), 1 << 20))
            except OSError as error:
                raise self._break("it ended") from error
            if not piece:
                raise self._break("it ended")
            data += piece
        return bytes(data)

    def _break(self, why: str) -> Gone:
        self.broken = self.broken or why
        return Gone(why)

    # ---- values ----

    def pack(self, value: Any) -> Any:
        """`value` as JSON can carry it. Raises RecursionError for one that holds itself."""
        kind = type(value)
        if kind is int and value.bit_length() > 4096:
            return ["int", hex(value)]  # Writing it with ten digits takes time that grows with its square.
        if value is None or kind in (bool, int, float, str):
            return value
        if kind in _SEQUENCES:
            return [_SEQUENCES[kind], *map(self.pack, value)]
        if kind in _MAPPINGS:
            return [_MAPPINGS[kind], *([self.pack(key), self.pack(item)] for key, item in value.items())]
        if (number := self._near(value)) is not None:
            return ["yours", number]
        if kind in _BY_TEXT:
            tag, write, _ = _BY_TEXT[kind]
            return [tag, write(value)]
        if kind is complex:
            return ["complex", value.real, value.imag]
        if kind is range:
            return ["range", value.start, value.stop, value.step]
        if kind is timedelta:
            return ["timedelta", value.days, value.seconds, value.microseconds]
        if value is NotImplemented or value is Ellipsis:
            return ["known", "builtins", str(value)]
        if (place := known(value)) is not None:
            return ["known", *place]
        # Of a subclass of Python's own types, the value counts and not what the class makes of it.
        for base in _PLAIN:
            if issubclass(kind, base):
                if base is tuple and isinstance(fields := getattr(kind, "_fields", None), tuple):
                    return ["named", kind.__name__, list(fields), *map(self.pack, tuple.__iter__(value))]
                return self.pack(_plain(base, value))
        self._sent[id(value)] = value
        return ["mine", id(value), kind.__name__]

    def unpack(self, packed: Any) -> Any:
        """What `pack` had. Raises Gone for what it cannot have made."""
        if not isinstance(packed, list):
            if isinstance(packed, dict):
                raise self._break("it sent what is no value")
            return packed
        try:
            return self._made(*packed)
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, ImportError, RecursionError) as e:
            raise self._break(f"it sent what is no value ({type(e).__name__})") from e

    def _made(self, tag: str, *rest: Any) -> Any:
        if tag in _MAPPINGS.values():
            return _MAKE[tag]({self.unpack(key): self.unpack(item) for key, item in rest})
        if tag in ("set", "frozenset"):
            return _in_order(_MAKE[tag], [self.unpack(each) for each in rest])
        if tag in _MAKE:
            return _MAKE[tag](map(self.unpack, rest))
        if tag in _FROM_TEXT:
            return _FROM_TEXT[tag](*rest)
        if tag == "int":
            return int(rest[0], 16)
        if tag == "known":
            return _find(*rest)
        if tag == "named":
            return namedtuple(rest[0], rest[1])(*map(self.unpack, rest[2:]))
        if tag == "mine":
            return self._far(self, int(rest[0]), str(rest[1]))
        if tag == "yours":
            return self._sent[rest[0]]
        return {"complex": complex, "range": range, "timedelta": timedelta}[tag](*rest)


def _in_order(kind: Any, values: list[Any]) -> Any:
    """A set in the order that it has on the other side, where it can be: it depends on how a set was made, and there
    are programs that depend on it."""
    ways = (values, set(values), values[::-1])
    return next((made for made in map(kind, ways) if list(made) == values), kind(values))


def _plain(base: Any, value: Any) -> Any:
    return base.__new__(base, value) if base in (str, int, float) else base(value)


def known(value: object) -> tuple[str, str] | None:
    """Where `value` stands in Python's own library, if it does: a module, a class or a function."""
    if isinstance(value, ModuleType):
        name = value.__name__
        return (name, "") if name.partition(".")[0] in sys.stdlib_module_names else None
    if isinstance(value, type | FunctionType | BuiltinFunctionType):
        module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
        if isinstance(module, str) and isinstance(name, str):
            found = getattr(sys.modules.get(module), name, None)
            if module.partition(".")[0] in sys.stdlib_module_names and found is value:
                return module, name
    return None


def _find(module: str, name: str) -> object:
    if module.partition(".")[0] not in sys.stdlib_module_names:
        raise LookupError(module)
    if module == "builtins" and name in ("NotImplemented", "Ellipsis"):
        return getattr(builtins, name)
    found = importlib.import_module(module)
    found = getattr(found, name) if name else found
    if known(found) is None:  # For one, unittest.mock.ANY equals everything.
        raise LookupError(name)
    return found
