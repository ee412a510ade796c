"""One worker of a run on several processes: a workflow whose models ask the keeper before they are asked themselves.

Plain classes, which only know that the keeper is in an actor: what makes actors of them is `redraft.engine.on_ray`.
Tasks and results travel as JSON, which is read and written several times faster than they are pickled.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from ray.exceptions import RayActorError, RayError

from redraft.engine.keeper import Ask, Said, Told
from redraft.engine.kept import Caller, Kept
from redraft.engine.reading import TASK
from redraft.engine.recipe import Recipe
from redraft.engine.run import GivenUp, attempt
from redraft.errors import RedraftError
from redraft.graphs.workflow import Workflow, unique
from redraft.models.base import ChatModel, is_chat_model
from redraft.models.breaker import Served
from redraft.models.open import wrap
from redraft.models.turn import turn
from redraft.models.wrapper import capacity, innermost


@dataclass(frozen=True)
class Job:
    """What every worker is told. `prompts` are the edited ones, by file name: a worker may be on another machine.
    `store` is where the keeper keeps responses."""

    recipe: Recipe
    prompts: Mapping[str, str]
    workers: int
    store: Path | None = None
    limit: int | None = None
    patience: float = 600.0


class Ready(NamedTuple):
    """A worker that is connected: how many items it works on at once, and its process."""

    places: int
    pid: int


class Given(NamedTuple):
    """An item that a worker is to run: what the worker tells its outcome by, its line, and its task as JSON."""

    ticket: int
    line: int
    task: bytes


Outcome = bytes | RedraftError | GivenUp
"""What became of an item: its result as JSON, why the run cannot go on, or why the item cannot be run."""


class RemoteKeeper:
    """The keeper in its actor. Raises RedraftError where that is no more."""

    def __init__(self, actor: Any) -> None:
        self._actor = actor

    async def exchange(self, caller: str, said: list[Said]) -> Sequence[Told]:
        """See `Keeper.exchange`."""
        told: Sequence[Told] = await _of(self._actor.exchange.remote(caller, said))
        return told

    async def later(self, caller: str, ask: Ask) -> Told:
        """See `Keeper.later`."""
        told: Told = await _of(self._actor.later.remote(caller, ask))
        return told


async def _of(reply: Awaitable[Any]) -> Any:
    try:
        return await reply
    except RayError as error:
        happened = "a process of the run died" if isinstance(error, RayActorError) else "Ray"
        raise RedraftError(f"{happened}: {' '.join(str(error).split())}") from error


class Worker:
    """The actor: a workflow, and models that ask the keeper first."""

    def __init__(self, name: str, job: Job, keeper: Any) -> None:
        self._job = job
        self._caller = Caller(name, RemoteKeeper(keeper))
        self._flow: Workflow | None = None
        self._working: set[asyncio.Task[None]] = set()
        self._finished: list[tuple[int, Outcome]] = []
        self._news = asyncio.Event()

    async def connect(self) -> Ready:
        """Load and reach the models. Raises RedraftError."""
        self._flow = self._build()
        await self._flow.connect()
        models = [player for player in unique(self._flow.players.values()) if is_chat_model(player)]
        return Ready(sum(self._share(model) for model in models) or 1, os.getpid())

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
        return Kept(wrapped, self._caller, self._job.store)

    def _share(self, model: ChatModel) -> int:
        return -(-capacity(model) // (self._job.workers if isinstance(innermost(model), Served) else 1))

    async def start(self, items: Sequence[Given]) -> list[None]:
        """Begin with these items; `finished` tells what became of them."""
        assert self._flow is not None
        for item in items:
            work = asyncio.create_task(self._work(self._flow, item))
            self._working.add(work)
            work.add_done_callback(self._working.discard)
        return [None] * len(items)

    async def _work(self, flow: Workflow, item: Given) -> None:
        turn.set(item.line)
        outcome: Outcome
        try:
            outcome = await attempt(_solved(flow, item.task))
        except (RedraftError, GivenUp) as error:
            outcome = error
        self._finished.append((item.ticket, outcome))
        self._news.set()

    async def finished(self) -> list[tuple[int, Outcome]]:
        """The outcomes, by ticket, since this was last asked, as soon as there are any."""
        await self._news.wait()
        self._news.clear()
        finished, self._finished = self._finished, []
        return finished

    async def aclose(self) -> None:
        """Let go of the models."""
        if self._flow is not None:
            await self._flow.aclose()


async def _solved(flow: Workflow, task: bytes) -> bytes:
    return (await flow.awalk(TASK.validate_json(task))).model_dump_json().encode()
