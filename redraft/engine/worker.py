"""One worker of a run on several processes: a workflow whose models ask the keeper before they are asked themselves.

Plain classes: what makes actors of them is `redraft.engine.on_ray`.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from redraft.engine.keeper import Kept, Outcome
from redraft.engine.recipe import Recipe
from redraft.graphs.workflow import Workflow, unique
from redraft.models.base import ChatModel, ChatRequest, is_chat_model
from redraft.models.breaker import Served
from redraft.models.open import wrap
from redraft.models.turn import turn
from redraft.models.wrapper import capacity, innermost
from redraft.schema import Result, Task


@dataclass(frozen=True)
class Job:
    """What every worker is told. `prompts` are the edited ones, by file name: a worker may be on another machine."""

    recipe: Recipe
    prompts: Mapping[str, str]
    workers: int
    limit: int | None = None
    patience: float = 600.0


class Ready(NamedTuple):
    """A worker that is connected: how many items it works on at once, and its process."""

    places: int
    pid: int


class RemoteKeeper:
    """The keeper in its actor."""

    def __init__(self, actor: Any) -> None:
        self._actor = actor

    def ask(self, caller: str, number: int, identity: str, request: ChatRequest) -> Awaitable[Outcome | None]:
        """See `Keeper.ask`."""
        asking: Awaitable[Outcome | None] = self._actor.ask.remote(caller, number, identity, request)
        return asking

    def answer(self, caller: str, number: int, outcome: Outcome) -> Awaitable[Outcome]:
        """See `Keeper.answer`."""
        answering: Awaitable[Outcome] = self._actor.answer.remote(caller, number, outcome)
        return answering

    def drop(self, caller: str, number: int) -> None:
        """See `Keeper.drop`."""
        self._actor.drop.remote(caller, number)


class Worker:
    """The actor: a workflow, and models that ask the keeper first."""

    def __init__(self, name: str, job: Job, keeper: Any) -> None:
        self._name = name
        self._job = job
        self._keeper = RemoteKeeper(keeper)
        self._numbers = count()
        self._flow: Workflow | None = None

    async def connect(self) -> Ready:
        """Load and reach the models. Raises RedraftError."""
        self._flow = self._build()
        await self._flow.connect()
        models = [player for player in unique(self._flow.players.values()) if is_chat_model(player)]
        return Ready(sum(self._share(model) for model in models), os.getpid())

    def _build(self) -> Workflow:
        recipe, prompts = self._job.recipe, self._job.prompts
        if not prompts:
            return recipe.build(wrapping=self._wrapped)
        with TemporaryDirectory() as folder:
            for name, text in prompts.items():
                (Path(folder) / name).write_text(text, encoding="utf-8")
            return replace(recipe, prompts=Path(folder)).build(wrapping=self._wrapped)

    def _wrapped(self, model: ChatModel) -> ChatModel:
        wrapped = wrap(model, limit=self._job.limit, patience=self._job.patience, processes=self._job.workers)
        return Kept(wrapped, self._keeper, self._name, self._numbers)

    def _share(self, model: ChatModel) -> int:
        return -(-capacity(model) // (self._job.workers if isinstance(innermost(model), Served) else 1))

    async def solve(self, number: int, task: Task) -> Result:
        """Run the task of item `number`. Raises RedraftError where the run cannot go on."""
        assert self._flow is not None
        turn.set(number)
        return await self._flow.awalk(task)

    async def aclose(self) -> None:
        """Let go of the models."""
        if self._flow is not None:
            await self._flow.aclose()
