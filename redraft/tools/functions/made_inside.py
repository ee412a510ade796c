"""What runs in the sandbox to call a function that a model wrote; `made` sends the text of this file there.

It imports nothing of redraft, which is not there, and says one line of JSON: the value, or a cause and a message.
"""

import ast
import json
import linecache
import os
import sys
import types


def main(source: str, file: str, name: str | None, arguments: str, size: int) -> None:
    """Run `source`, call its function `name` if any, and say what came of it in at most `size` characters or so."""
    said, mine = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="backslashreplace"), os.getpid()
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)  # Both led to the same place.
    module = sys.modules["made"] = types.ModuleType("made")
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    try:
        exec(compile(source, file, "exec", dont_inherit=True), module.__dict__)
        value = getattr(module, name)(**ast.literal_eval(arguments)) if name else None
        print(_written(value, size), file=said, end="")
    finally:
        if os.getpid() != mine:  # A child that the source forked: what comes of it is not what comes of the call.
            os._exit(0)
    said.flush()


def _written(value: object, size: int) -> str:
    pieces: list[str] = []
    length = 0
    try:
        for piece in json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_plain).iterencode(value):
            pieces.append(piece)
            length += len(piece)
            if length > size:
                return json.dumps({"cause": "too_big"})
    except (TypeError, ValueError, RecursionError) as error:
        return json.dumps({"cause": "not_json", "message": str(error)[:500]})
    return '{"value": ' + "".join(pieces) + "}"


def _plain(value: object) -> object:
    if isinstance(value, set | frozenset):
        return list(value)
    raise TypeError(f"a value of type {type(value).__name__}")
