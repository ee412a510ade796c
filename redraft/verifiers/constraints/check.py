"""What every check shares: what it gives back, how it declines, and the words for counts.

A check is a function of the text and of the constraint's arguments. It takes time linear in the text, whatever that is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

Relation = Literal["at least", "less than"]
"""How IFEval compares a count with the number asked for."""

Count = Annotated[int, Field(ge=0, le=10**9)]
Words = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]


class Check(NamedTuple):
    """Whether the text keeps to the constraint, what was wanted, and what was found instead (or all the same)."""

    kept: bool
    wanted: str
    found: str


class Unchecked(Exception):
    """The constraint cannot be checked: `cause` is the kind of reason. Never the text's fault."""

    def __init__(self, cause: str, message: str) -> None:
        super().__init__(message)
        self.cause = cause


Checker = Callable[..., Check]
"""`(text, /, *, argument...) -> Check`; it raises Unchecked, and nothing else, for any text."""


def many(number: int, unit: str) -> str:
    """`1 word`, `2 words`."""
    return f"{number} {unit}" + ("" if number == 1 else "s")


def clip(text: str, limit: int = 60) -> str:
    """`text` in quotation marks on one line, cut in the middle to about `limit` characters."""
    half = limit // 2
    return repr(text if len(text) <= limit else f"{text[:half]} ... {text[-half:]}")


def line(message: str, limit: int = 200) -> str:
    """What a library says, on one line and cut to `limit` characters."""
    return " ".join(message[: 2 * limit].split())[:limit]


def holds(found: int, relation: Relation, wanted: int) -> bool:
    """Whether a count is as IFEval asks for it."""
    return found >= wanted if relation == "at least" else found < wanted


def related(found: int, relation: Relation, wanted: int, unit: str) -> Check:
    """A count as IFEval asks for it."""
    return Check(holds(found, relation, wanted), f"{relation} {many(wanted, unit)}", many(found, unit))


def between(found: int, minimum: int | None, maximum: int | None, unit: str) -> Check:
    """A count within limits, both included. Raises Unchecked where there is no limit, or none can be met."""
    if minimum is None and maximum is None:
        raise Unchecked("bad_arguments", "minimum or maximum must be given")
    if minimum is not None and maximum is not None and minimum > maximum:
        raise Unchecked("bad_arguments", f"minimum {minimum} is above maximum {maximum}")
    wanted = [f"at least {many(minimum, unit)}"] if minimum is not None else []
    wanted += [f"at most {many(maximum, unit)}"] if maximum is not None else []
    kept = (minimum is None or found >= minimum) and (maximum is None or found <= maximum)
    return Check(kept, " and ".join(wanted), many(found, unit))
