"""The process that runs a test. It never runs the program; what it says is what counts."""

from __future__ import annotations

import builtins
import linecache
import sys
import traceback
from socket import socket
from types import CodeType
from typing import Any

from .asserts import Failed, failed, telling
from .remote import Remote, find, number_of
from .wire import Gone, Wire

NAME = "<test>"

Verdict = dict[str, str]
"""`kind` (of `redraft.tools.sandbox.base.Kind`, or `gone`), `detail`, and `of`: whether the program or the test."""


def started(wire: Wire) -> Verdict | None:
    """Wait for the program to have started; what went wrong, if something did."""
    try:
        word, *rest = wire.receive()
        if word == "loaded":
            return None
        return {"of": "program", "kind": _kind(rest[0][0]), "detail": str(rest[2])}
    except Gone as gone:
        return {"of": "program", "kind": "gone", "detail": str(gone)}
    except (LookupError, TypeError):
        return {"of": "program", "kind": "gone", "detail": "it sent what is no message"}


def judge(wire: Wire, test: str, entry_point: str | None) -> Verdict:
    """Run `test` on the program that has started, and say what came of it."""
    verdict = _run(wire, test, entry_point)
    if wire.broken:  # Even where the test swallowed that.
        return {"of": "test", "kind": "gone", "detail": wire.broken}
    return {"of": "test", **verdict}


def _run(wire: Wire, test: str, entry_point: str | None) -> Verdict:
    linecache.cache[NAME] = (len(test), None, test.splitlines(keepends=True), NAME)
    try:
        code = compile(telling(test, NAME), NAME, "exec", dont_inherit=True)
        names: dict[str, Any] = {"__name__": "test", "@failed": failed}
        for name in _names(code):
            there, value = _find(wire, name, entry_point)
            if there:
                names[name] = value
        exec(code, names)
    except Gone as gone:
        return {"kind": "gone", "detail": str(gone)}
    except Failed as error:
        return {"kind": "failed", "detail": str(error)}
    except BaseException as error:  # noqa: BLE001 Whatever a test or a program may raise is no pass.
        told = getattr(error, "told", None)
        by_test = isinstance(error, AssertionError) and told is None
        detail = told or "".join(traceback.format_exception(error, limit=-4))
        return {"kind": "failed" if by_test else _kind(type(error).__name__), "detail": detail}
    return {"kind": "passed", "detail": ""}


def _find(wire: Wire, name: str, entry_point: str | None) -> tuple[bool, Any]:
    """What a test means by `name`: its own Python's functions and modules, so that no program can stand in for them."""
    if name != entry_point:
        if hasattr(builtins, name) or name.startswith("__"):
            return False, None
        if name in sys.stdlib_module_names:
            there, value = find(wire, name)
            return there, __import__(name) if isinstance(value, Remote) else value
    return find(wire, name)


def _names(code: CodeType) -> list[str]:
    """Every global name in `code` and the functions in it, in order, once."""
    inner = [name for part in code.co_consts if isinstance(part, CodeType) for name in _names(part)]
    return list(dict.fromkeys([*code.co_names, *inner]))


def _kind(exception: str) -> str:
    return "out_of_memory" if exception == "MemoryError" else "exception"


def new_wire(channel: socket) -> Wire:
    """The test's end of the wire."""
    return Wire(channel, Remote, number_of)
