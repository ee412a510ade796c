"""What goes into a run over a file and what comes out of it, one JSON line each."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, TypeAdapter
from pydantic.main import IncEx

from redraft.schema import Failure, Noun, Result, StopReason, Task


class Item(Noun):
    """One line of the input. `meta` holds its fields that are none of the task's; no graph ever sees them."""

    id: str
    line: int
    task: Task
    meta: dict[str, Any] = Field(default_factory=dict)


class Done(Item):
    """An item with what became of it."""

    result: Result

    @property
    def failed(self) -> bool:
        """Whether a call brought no reply, so that running the item again may do better."""
        return bool(self.result.errors) or self.result.stop is StopReason.FAILED

    def line_of_json(self) -> str:
        """The record for a file, without what the clock said: two runs with the same replies write the same bytes."""
        return self.model_dump_json(exclude=_CLOCK)


_CLOCK: dict[str, IncEx] = {"result": {"usage": {"seconds"}, "usage_by_role": {"__all__": {"seconds"}}}}


class Bad(Noun):
    """A line that holds no item, or an item that broke the program: the cause and what to mend, with file and line."""

    id: str | None
    line: int
    error: Failure

    def line_of_json(self) -> str:
        """The record for a file."""
        return self.model_dump_json()


Record = Done | Bad
RECORD: TypeAdapter[Record] = TypeAdapter(Annotated[Record, Field(union_mode="left_to_right")])
