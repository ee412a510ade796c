"""JSON as models write it: comments, trailing commas, single quotes, Python's literals. Nothing is made up.

Whatever needs a guess (a value cut short, a key twice, a bare word) is no value here; `json_text` guesses.
"""

from __future__ import annotations

import json
import re
from typing import cast

from redraft.agents.parsing.json_text import Json

_TOKEN = re.compile(
    r'(?P<space>\s+|//[^\n]*|\#[^\n]*|/\*.*?\*/)|(?P<mark>[{}\[\],:()])|(?P<double>"(?:[^"\\]|\\.)*")'
    r"|(?P<single>'(?:[^'\\]|\\.)*')|(?P<word>[A-Za-z]+)|(?P<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)",
    re.DOTALL,
)
_WORDS = {"true": "true", "false": "false", "null": "null", "True": "true", "False": "false", "None": "null"}
_OPENING = {"{": "}", "[": "]"}
_MAX_DEPTH = 64


class NoJson(ValueError):
    """Why there is no value."""


def read_relaxed(text: str, start: int = 0) -> tuple[Json, int]:
    """The object or list that opens at `start`, and where it ends. Raises NoJson. Takes linear time."""
    strict: list[str] = []
    closing: list[str] = []
    position = start
    while True:
        token = _TOKEN.match(text, position)
        if not token:
            rest = text[position : position + 20]
            raise NoJson("it is cut short" if rest[:1] in ("", '"', "'") else f"no JSON from {rest!r} on")
        position, written = token.end(), token[0]
        match token.lastgroup:
            case "space":
                continue
            case "double":
                strict.append(written)
            case "single":
                strict.append(_double_quoted(written))
            case "word":
                if written not in _WORDS:
                    raise NoJson(f"{written!r} is no value")
                strict.append(_WORDS[written])
            case "number":
                strict.append(written)
            case _:
                if written in "()":
                    raise NoJson("a bracket that JSON does not have")
                if written in _OPENING:
                    closing.append(_OPENING[written])
                elif written in "]}":
                    if not closing or closing.pop() != written:
                        raise NoJson("brackets that do not match")
                    if strict[-1] == ",":
                        strict.pop()
                strict.append(written)
        if not closing:
            return _loaded("".join(strict)), position
        if len(closing) > _MAX_DEPTH:
            raise NoJson(f"nested deeper than {_MAX_DEPTH}")


def _double_quoted(single: str) -> str:
    inside = re.sub(r"\\.|\"", lambda found: {"\\'": "'", '"': '\\"'}.get(found[0], found[0]), single[1:-1])
    return f'"{inside}"'


def _loaded(strict: str) -> Json:
    try:
        value = json.loads(strict, strict=False, object_pairs_hook=_once)
    except ValueError as error:
        raise NoJson(str(error)) from None
    return cast(Json, value)


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise NoJson("a key stands twice")
    return read
