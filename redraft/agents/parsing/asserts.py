"""Tests that a model wrote: the assertions in a reply. Nothing is run here, and nothing is made up."""

from __future__ import annotations

import ast
import re
import warnings

from redraft.agents.parsing.visible import unread, visible
from redraft.schema import Unparsed

LONGEST = 2_000
"""Characters of the longest assertion."""
LINES = 30
"""Lines of the longest assertion."""
PATIENCE = 200
"""So many assertions are looked at; a reply with more of them is no list of tests."""
_BEGINNING = re.compile(r"^[ \t]*(?:[-*>][ \t]+|\d{1,3}[.)][ \t]+)?(?:`{1,2}(?!`))?(?=assert\b)")


def parse_asserts(text: str, entry_point: str | None = None) -> tuple[str, ...] | Unparsed:
    """The assertions in the reply, in order, each once: `assert` statements that are Python and call `entry_point`.

    Without an `entry_point` they must call something. An assertion may run over lines. What calls nothing, such as
    `assert True`, tests nothing and is left out. Unparsed where there is no such assertion.
    """
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    rows = said.split("\n")
    found: dict[str, None] = {}
    number = begun = 0
    while number < len(rows) and begun < PATIENCE:
        taken = 1
        if beginning := _BEGINNING.match(rows[number]):
            begun += 1
            first = rows[number][beginning.end() :].strip(" \t`")
            for lines in range(1, LINES + 1):
                written = "\n".join([first, *rows[number + 1 : number + lines]]).strip()
                if len(written) > LONGEST:
                    break
                if (calls := _calls(written)) is not None:
                    taken = lines
                    if calls and (entry_point is None or entry_point in calls):
                        found[written] = None
                    break
        number += taken
    return tuple(found) or unread(text, f"no assertion that calls {entry_point or 'anything'}")


def _calls(statement: str) -> set[str] | None:
    """The names of what an assertion calls; None where `statement` is not one assertion."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            (body,) = ast.parse(statement).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not isinstance(body, ast.Assert):
        return None
    called = [part.func for part in ast.walk(body.test) if isinstance(part, ast.Call)]
    names = {func.id for func in called if isinstance(func, ast.Name)}
    return names | {func.attr for func in called if isinstance(func, ast.Attribute)}
