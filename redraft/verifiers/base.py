"""What every verifier is: something that judges a draft, or a revision against the draft before it.

A verifier declares its signal and gives evidence; it never sees the gold answer unless its signal is `oracle`, and
then the gold was handed to the verifier itself, not to the task.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from redraft.schema import Agreement, Draft, Missing, Signal, Task, Verdict


@runtime_checkable
class Verifier(Protocol):
    """Judges one draft: a score in the verifier's own unit, higher is better."""

    @property
    def name(self) -> str: ...

    @property
    def signal(self) -> Signal: ...

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """Judge `draft`; Missing where no judgement could be had. Never raises for one bad item."""
        ...

    async def aclose(self) -> None:
        """Let go of processes and memory. May be called more than once."""
        ...


@runtime_checkable
class PairVerifier(Protocol):
    """Judges a revision against the draft before it: score 1 better, 0 worse, 0.5 neither."""

    @property
    def name(self) -> str: ...

    @property
    def signal(self) -> Signal: ...

    async def prefer(self, task: Task, before: Draft, after: Draft) -> Verdict | Missing:
        """Compare the two; `passed` is True where `after` is better. Never raises for one bad item."""
        ...

    async def aclose(self) -> None:
        """Let go of processes and memory. May be called more than once."""
        ...


@runtime_checkable
class GroupVerifier(Protocol):
    """Says how far several drafts for one task agree."""

    @property
    def name(self) -> str: ...

    @property
    def signal(self) -> Signal: ...

    async def agree(self, task: Task, drafts: Sequence[Draft]) -> Agreement | Missing:
        """Compare all of them; the order of `drafts` decides nothing but ties. Never raises for one bad item."""
        ...

    async def aclose(self) -> None:
        """Let go of processes and memory. May be called more than once."""
        ...


AnyVerifier = Verifier | PairVerifier | GroupVerifier
