"""A worker as the run sees it: outcomes find their items, and when it is lost nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

pytest.importorskip("ray", reason="pip install 'redraft[ray]'")
from ray.exceptions import RayActorError

from redraft.engine.hired import Hired
from redraft.engine.worker import Given, Outcome, Ready
from redraft.schema import TextTask

TASK = TextTask(text="Shorten this.")


class Remote:
    """A method of an actor."""

    def __init__(self, method: Callable[..., Awaitable[object]]) -> None:
        self.remote = method


class Actor:
    """A worker that tells what it is made to tell."""

    def __init__(self) -> None:
        self.items: list[Given] = []
        self.news: asyncio.Queue[list[tuple[int, Outcome]] | Exception] = asyncio.Queue()
        self.refuses: Exception | None = None
        self.start = Remote(self._start)
        self.finished = Remote(self._finished)

    async def _start(self, items: list[Given]) -> list[None]:
        if self.refuses:
            raise self.refuses
        self.items += items
        return [None] * len(items)

    async def _finished(self) -> list[tuple[int, Outcome]]:
        news = await self.news.get()
        if isinstance(news, Exception):
            raise news
        return news

    async def has(self, count: int) -> None:
        async with asyncio.timeout(60):
            while len(self.items) < count:
                await asyncio.sleep(0)


def hire(actor: Actor) -> Hired:
    return Hired("one", actor, Ready(4, 0), 4)


async def test_each_outcome_finds_its_item_though_the_lines_are_the_same() -> None:
    actor = Actor()
    worker = hire(actor)
    solving = [asyncio.create_task(worker.solve(7, TASK)) for _ in range(2)]
    await actor.has(2)
    solving[0].cancel()
    actor.news.put_nowait([(item.ticket, f"{number}".encode()) for number, item in enumerate(actor.items)])
    assert await asyncio.wait_for(solving[1], 60) == b"1"
    assert {item.line for item in actor.items} == {7}
    worker.let_go()


@pytest.mark.parametrize("fault", [RayActorError(error_msg="it died"), OSError("its reply cannot be read")])
async def test_when_it_is_lost_all_who_wait_are_told_and_all_who_come(fault: Exception) -> None:
    actor = Actor()
    worker = hire(actor)
    solving = [asyncio.create_task(worker.solve(line, TASK)) for line in range(3)]
    await actor.has(3)
    actor.news.put_nowait(fault)
    for outcome in (*solving, worker.solve(3, TASK)):
        with pytest.raises(RayActorError):
            await asyncio.wait_for(outcome, 60)


async def test_a_worker_that_takes_no_more_items_is_lost_to_those_that_it_has() -> None:
    actor = Actor()
    worker = hire(actor)
    first = asyncio.create_task(worker.solve(1, TASK))
    await actor.has(1)
    actor.refuses = RayActorError(error_msg="it died")
    for outcome in (asyncio.create_task(worker.solve(2, TASK)), first):
        with pytest.raises(RayActorError):
            await asyncio.wait_for(outcome, 60)
    worker.let_go()


async def test_who_waits_for_a_worker_that_is_let_go_is_told() -> None:
    worker = hire(Actor())
    solving = asyncio.create_task(worker.solve(1, TASK))
    await asyncio.sleep(0)
    worker.let_go()
    with pytest.raises(RayActorError):
        await asyncio.wait_for(solving, 60)
