"""Calls that come in together are one batch, and whatever happens to one of them stays its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from redraft.models.batcher import Batcher
from redraft.models.errors import Unreachable


class Desk:
    """Doubles numbers, keeps what it was given, and can be held up."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun = threading.Event()
        self.go = threading.Event()
        self.go.set()

    def __call__(self, jobs: list[int]) -> Sequence[int | Exception]:
        self.batches.append(jobs)
        self.begun.set()
        assert self.go.wait(60)
        if 13 in jobs:
            raise MemoryError("out of memory")
        return [ValueError(f"{job} is negative") if job < 0 else 2 * job for job in jobs]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def double(desk: Desk) -> AsyncIterator[Batcher[int, int]]:
    batcher = Batcher(desk, size=3)
    yield batcher
    desk.go.set()
    batcher.close()


async def ask(double: Batcher[int, int], *jobs: int) -> list[int | BaseException]:
    return await asyncio.gather(*map(double, jobs), return_exceptions=True)


async def held_up(desk: Desk, double: Batcher[int, int], job: int) -> asyncio.Task[int]:
    """A call that the desk has begun to work on, and does not end."""
    desk.go.clear()
    task = asyncio.create_task(double(job))
    await asyncio.to_thread(desk.begun.wait, 60)
    return task


async def test_each_call_gets_its_own_result_in_batches_up_to_the_size(desk: Desk, double: Batcher[int, int]) -> None:
    assert await ask(double, *range(8)) == [0, 2, 4, 6, 8, 10, 12, 14]
    assert sorted(job for batch in desk.batches for job in batch) == list(range(8))
    assert max(map(len, desk.batches)) <= 3


async def test_what_comes_in_while_it_is_busy_goes_together(desk: Desk, double: Batcher[int, int]) -> None:
    first = await held_up(desk, double, 1)
    rest = [asyncio.create_task(double(job)) for job in (2, 3, 4, 5)]
    await asyncio.sleep(0)
    desk.go.set()
    assert await asyncio.gather(first, *rest) == [2, 4, 6, 8, 10]
    assert desk.batches == [[1], [2, 3, 4], [5]]


async def test_a_bad_job_costs_itself_alone(double: Batcher[int, int]) -> None:
    good, bad, last = await ask(double, 1, -2, 3)
    assert (good, last) == (2, 6)
    assert isinstance(bad, ValueError)
    assert str(bad) == "-2 is negative"


async def test_a_batch_that_fails_gives_each_its_error_and_the_next_one_works(double: Batcher[int, int]) -> None:
    assert [type(each) for each in await ask(double, 12, 13, 14)] == [MemoryError] * 3
    assert await double(5) == 10


async def test_a_call_given_up_is_not_worked_on(desk: Desk, double: Batcher[int, int]) -> None:
    first = await held_up(desk, double, 1)
    second, third = (asyncio.create_task(double(job)) for job in (2, 3))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    desk.go.set()
    assert await asyncio.gather(first, third) == [2, 6]
    assert desk.batches == [[1], [3]]


async def test_a_call_given_up_while_it_is_worked_on_costs_no_one_else(desk: Desk, double: Batcher[int, int]) -> None:
    first = await held_up(desk, double, 1)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    desk.go.set()
    assert await double(2) == 4


async def test_closing_fails_what_waits_and_lets_what_is_worked_on_end(desk: Desk, double: Batcher[int, int]) -> None:
    first = await held_up(desk, double, 1)
    second = asyncio.create_task(double(2))
    await asyncio.sleep(0)
    closing = asyncio.create_task(asyncio.to_thread(double.close))
    with pytest.raises(Unreachable, match="closed"):
        await second
    desk.go.set()
    assert await first == 2
    await closing
    assert desk.batches == [[1]]
    assert await double(3) == 6, "a later call starts anew"


def test_one_batcher_serves_one_event_loop_after_the_other_and_two_at_once() -> None:
    batcher = Batcher(Desk(), size=2, wait=0)

    async def together() -> list[int | BaseException]:
        return await ask(batcher, *range(-20, 12))

    def in_a_loop(found: list[list[int | BaseException]]) -> Callable[[], None]:
        return lambda: found.append(asyncio.run(together()))

    found: list[list[int | BaseException]] = []
    threads = [threading.Thread(target=in_a_loop(found)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = [2 * job for job in range(12)]
    assert [each[20:] for each in (asyncio.run(together()), *found)] == [expected] * 3
    batcher.close()
    batcher.close()
