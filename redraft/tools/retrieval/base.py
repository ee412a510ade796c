"""What every retriever is: something that finds passages for a query, and says where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from redraft.schema import Failure


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a source. `start` is where it begins in it, in code points; `line` the same in lines, from 1.

    `score` is in the retriever's own unit, higher is better.
    """

    text: str
    source: str
    start: int
    line: int
    score: float

    @property
    def place(self) -> str:
        """Where it stands, for a person: `notes/ada.txt:12`."""
        return f"{self.source}:{self.line}"


@runtime_checkable
class Retriever(Protocol):
    """Finds passages, any number of searches at once in one event loop."""

    @property
    def name(self) -> str: ...

    async def search(self, query: str, k: int) -> Sequence[Passage] | Failure:
        """At most `k` passages, the best first; none where nothing bears on `query`. Never raises for one query."""
        ...

    async def aclose(self) -> None:
        """Let go of connections and memory. May be called more than once."""
        ...
