"""The program in a reply: a fenced block, or the whole reply where that is a program. Python only; nothing is run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Container

from redraft.agents.parsing.visible import unread, visible
from redraft.schema import Unparsed

_BAR = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+.-]*)[^\n`]*$\n?", re.MULTILINE)
_PYTHON = frozenset({"", "python", "python3", "py", "py3"})
_STATEMENT = re.compile(r"^(?:async[ \t]+def|def|class)[ \t]+\w+|^(?:import|from)[ \t]+[\w.]+", re.MULTILINE)


def parse_code(text: str, entry_point: str | None = None) -> str | Unparsed:
    """The Python program that the reply gives.

    Of several fenced blocks it is the last that defines `entry_point`, or else the last that defines anything, or else
    the last; a block that was never closed reaches to the end. Without a fence the whole reply counts if it is Python,
    or has a line that begins a definition or an import: a program with a mistake in it is a program. Unparsed
    otherwise.
    """
    if _is_program(text):
        return text
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    if blocks := fenced(said, _PYTHON):
        defining = [block for block in blocks if entry_point and re.search(_defines(entry_point), block, re.MULTILINE)]
        return (defining or [block for block in blocks if _STATEMENT.search(block)] or blocks)[-1]
    if _is_program(said) or _STATEMENT.search(said):
        return said
    return unread(text, "no fenced block, and the reply is no program")


def fenced(said: str, languages: Container[str]) -> list[str]:
    """What stands between bars whose word, in lower case, is one of `languages`; blank blocks are left out.

    A block that was never closed reaches to the end.
    """
    found: list[str] = []
    position = 0
    while opening := _BAR.search(said, position):
        closing = next(
            (bar for bar in _BAR.finditer(said, opening.end()) if bar[1].startswith(opening[1]) and not bar[2]), None
        )
        block = said[opening.end() : closing.start() if closing else len(said)]
        if opening[2].lower() in languages and block.strip():
            found.append(block)
        position = closing.end() if closing else len(said)
    return found


def _defines(name: str) -> str:
    return rf"^(?:async[ \t]+def|def|class)[ \t]+{re.escape(name)}\b|^{re.escape(name)}[ \t]*="


def _is_program(text: str) -> bool:
    """Whether it is Python that does something; a word alone is Python too, and no program."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(not isinstance(part, ast.Expr) or isinstance(part.value, ast.Call) for part in body)
