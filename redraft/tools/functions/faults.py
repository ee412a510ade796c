"""What can be wrong with tool calls, in the field's words. Finding it is the part of `check` and of the metrics."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import JsonValue

from redraft.schema import Finding


class FaultKind(StrEnum):
    """The taxonomy. The first group is told by the schemas alone, the second needs the right answer."""

    UNPARSABLE = "unparsable"
    UNKNOWN_FUNCTION = "unknown_function"
    MISSING_ARGUMENT = "missing_argument"
    UNKNOWN_ARGUMENT = "unknown_argument"
    ILL_TYPED_ARGUMENT = "ill_typed_argument"
    WRONG_VALUE = "wrong_value"
    """Of the right type, and not what the schema (an enum, a range) or the right answer allows."""
    WRONG_COUNT = "wrong_count"
    UNCHECKED = "unchecked"
    """The function's schema is not one, or too costly to check: the fault is not the call's."""

    WRONG_FUNCTION = "wrong_function"
    """There is such a function, and another one was to be called."""
    WRONG_ORDER = "wrong_order"


@dataclass(frozen=True)
class Fault:
    """One thing wrong with calls. `call` is the index of the call; `path` leads from its arguments to the place.

    `options` are what could stand there: functions' names, arguments' names or an enum's values.
    """

    kind: FaultKind
    message: str
    call: int | None = None
    path: tuple[str | int, ...] = ()
    options: tuple[JsonValue, ...] = field(default=(), repr=False)

    def finding(self) -> Finding:
        """The fault as a finding of a critic: the precise words that a model is asked again with."""
        where = "" if self.call is None else f"call {self.call + 1}: "
        return Finding(severity="critical", category=self.kind.value, explanation=where + self.message)


def named(path: tuple[str | int, ...]) -> str:
    """An argument as a reader would write it: `stops[0].city`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")
