"""Whether one text entails another: what verifiers ask that compare meanings, and a language model that answers.

A classifier that answers the same is `redraft.verifiers.nli`. No answer is ever made up: what could not be read is
Missing, and never "neutral".
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal, Protocol, cast

from redraft.agents.parsing import Ruling
from redraft.agents.values import values
from redraft.models.base import ChatModel
from redraft.schema import Missing, Task
from redraft.verifiers.judges.judge import Asking, Judge, OfModel, scale

Relation = Literal["entailment", "contradiction", "neutral"]
Pairs = Sequence[tuple[str, str]]
"""Premise and hypothesis, each."""

_RELATIONS = ("entailment", "contradiction", "neutral")


class Entails(Protocol):
    """Answers for many pairs at once, in their order."""

    async def relations(self, task: Task, pairs: Pairs) -> Sequence[Relation | Missing]:
        """How the first of each pair stands to the second, both read as answers to `task`."""
        ...

    async def supports(self, task: Task, pairs: Pairs) -> Sequence[float | Missing]:
        """How surely the first of each pair, an answer to `task`, says the second, a statement: from 0 to 1."""
        ...

    async def connect(self) -> None: ...

    async def aclose(self) -> None: ...


class ModelEntails(OfModel):
    """Asks a language model, one call a pair. Support is its grade from 0 to 10, a tenth of it."""

    def __init__(self, model: ChatModel, *, asking: Asking | None = None) -> None:
        super().__init__("entailment", model)
        asking = asking or Asking()
        self._relation = Judge(model, asking.prompt("judge-entailment", "first", "second"), _RELATIONS, asking)
        self._support = Judge(model, asking.prompt("judge-support", "premise", "statement"), scale(10), asking)

    async def relations(self, task: Task, pairs: Pairs) -> Sequence[Relation | Missing]:
        """All pairs at once."""
        known = values(task)
        rulings = await asyncio.gather(*(self._relation({**known, "first": a, "second": b}) for a, b in pairs))
        return [cast(Relation, ruling.word) if isinstance(ruling, Ruling) else ruling for ruling in rulings]

    async def supports(self, task: Task, pairs: Pairs) -> Sequence[float | Missing]:
        """All pairs at once; what the task is does not matter here."""
        rulings = await asyncio.gather(*(self._support({"premise": a, "statement": b}) for a, b in pairs))
        return [int(ruling.word) / 10 if isinstance(ruling, Ruling) else ruling for ruling in rulings]
