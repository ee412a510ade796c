"""Calls in Python's syntax: `[weather(city="Bonn"), clock.now()]`, as Llama's pythonic models and BFCL's write them.

Only literals are read: what would have to be run, and an argument without a name, makes the reply unreadable.
"""

from __future__ import annotations

import ast
import re
import warnings
from typing import cast

from redraft.agents.parsing.json_text import Json
from redraft.agents.parsing.relaxed_json import NoJson
from redraft.schema import ToolCall

STARTS = re.compile(r"^[ \t]*(\[[ \t\n]*)?[A-Za-z_][\w.]*\(", re.MULTILINE)
_PIECE = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[()\[\]{}]")
_LITERALS: dict[str, Json] = {"true": True, "false": False, "null": None}
_LONGEST = 100_000


def read_python(text: str, start: int) -> tuple[list[ToolCall], int]:
    """The call, or list of calls, at `start`, and where it ends. Raises NoJson, saying what cannot be read."""
    end = _closed(text, start)
    written = text[start:end].strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a backslash that escapes nothing
            tree = ast.parse(written, mode="eval").body
        nodes = tree.elts if isinstance(tree, (ast.List, ast.Tuple)) else [tree]
        return [_call(node) for node in nodes], end
    except (SyntaxError, RecursionError, MemoryError):
        raise NoJson("no call that Python could read") from None


def _closed(text: str, start: int) -> int:
    depth = 0
    for piece in _PIECE.finditer(text, start, start + _LONGEST):
        depth += 1 if piece[0] in "([{" else -1 if piece[0] in ")]}" else 0
        if depth == 0 and piece[0] in ")]}":
            return piece.end()
        if depth > 64:
            raise NoJson("nested deeper than 64")
    raise NoJson("it is cut short")


def _call(node: ast.expr) -> ToolCall:
    if not isinstance(node, ast.Call):
        raise NoJson(f"{ast.unparse(node)[:40]!r} is no call")
    name = ast.unparse(node.func)
    if not re.fullmatch(r"[A-Za-z_][\w.]*", name):
        raise NoJson(f"{name[:40]!r} is no function's name")
    if node.args:
        raise NoJson(f"{name} has an argument without a name")
    arguments: dict[str, Json] = {}
    for keyword in node.keywords:
        if keyword.arg is None:
            unpacked = _value(keyword.value)
            if not isinstance(unpacked, dict):
                raise NoJson(f"{name} unpacks what is no dictionary")
            arguments |= unpacked
        else:
            arguments[keyword.arg] = _value(keyword.value)
    return ToolCall(name=name, arguments=arguments)


def _value(node: ast.expr) -> Json:
    match node:
        case ast.Constant(value=bool() | int() | float() | str() | None as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
        case ast.Name(id=name) if name in _LITERALS:
            return _LITERALS[name]
        case ast.List(elts=inner) | ast.Tuple(elts=inner):
            return [_value(each) for each in inner]
        case ast.Dict(keys=keys, values=values):
            names = [key.value if isinstance(key, ast.Constant) else None for key in keys]
            if len(set(names)) != len(names) or not all(isinstance(key, str) for key in names):
                raise NoJson("a dictionary whose keys are not texts, or not all different")
            return {cast(str, key): _value(each) for key, each in zip(names, values, strict=True)}
        case _:
            raise NoJson(f"{ast.unparse(node)[:40]!r} is no literal")
