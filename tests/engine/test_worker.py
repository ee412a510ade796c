"""A worker, without the process around it: what it is given and what it tells."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from redraft.engine.keeper import Keeper
from redraft.engine.reading import TASK
from redraft.engine.recipe import Recipe
from redraft.engine.run import GivenUp
from redraft.errors import RedraftError
from redraft.graphs.catalogue import find
from redraft.graphs.workflow import configure
from redraft.schema import Result, StopReason, Task, TextTask
from tests.engine.conftest import Server

pytest.importorskip("ray", reason="pip install 'redraft[ray]'")
from redraft.engine.worker import Given, Job, Worker

TASKS = [TextTask(text=f"Shorten text {number}.") for number in range(3)]


class Remote:
    """A method of an actor."""

    def __init__(self, method: Callable[..., Awaitable[object]]) -> None:
        self.remote = method


class Actor:
    """The keeper as Ray hands it to a worker."""

    def __init__(self, keeper: Keeper) -> None:
        self.exchange = Remote(keeper.exchange)
        self.later = Remote(keeper.later)


def given(number: int) -> Given:
    return Given(number, 100 + number, TASK.dump_json(TASKS[number]))


async def test_it_tells_the_results_as_they_finish_and_asks_the_keeper_for_each_call(
    server: Server, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    told: dict[int, object] = {}
    for name in ("one", "two"):
        keeper = Keeper(store, None)
        recipe = Recipe("self-refine", configure(find("self-refine"), {"rounds": 1}), server.url)
        worker = Worker(name, Job(recipe, {}, 1, store), Actor(keeper))
        assert (await worker.connect()).places > 0
        await worker.start([given(0), given(1)])
        finished: dict[int, object] = {}
        while len(finished) < 2:
            finished |= dict(await worker.finished())
        assert all(
            isinstance(outcome, bytes) and Result.model_validate_json(outcome).final for outcome in finished.values()
        )
        assert await keeper.calls_made() == (0 if told else server.answered.total())
        told = finished
        await worker.aclose()
        await keeper.aclose()


@pytest.mark.parametrize(
    "fault", [RedraftError("the disk is full"), ValueError("a fault of the program"), asyncio.CancelledError("within")]
)
async def test_a_fault_is_told_and_does_not_stop_the_others(fault: BaseException) -> None:
    class Flow:
        async def awalk(self, task: Task) -> Result:
            if task == TASKS[1]:
                raise fault
            return Result(final=None, stop=StopReason.COMPLETED)

    recipe = Recipe("self-refine", configure(find("self-refine"), {}))
    worker = Worker("one", Job(recipe, {}, 1), Actor(Keeper(None, None)))
    worker._flow = Flow()  # type: ignore[assignment]
    await worker.start([given(number) for number in range(3)])
    finished = dict(await worker.finished())
    assert isinstance(finished[0], bytes)
    assert isinstance(finished[2], bytes)
    told = pickle.loads(pickle.dumps(finished[1]))
    if isinstance(fault, RedraftError):
        assert str(told) == "the disk is full"
    else:
        assert isinstance(told, GivenUp)
        assert (told.cause, told.message) == ("internal_error", f"{type(fault).__name__}: {fault}")
        assert "awalk" in told.trace
