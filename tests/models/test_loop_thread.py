"""One event loop in a thread, for callers in any loop."""

from __future__ import annotations

import asyncio
import threading

import pytest

from redraft.models.loop_thread import LoopThread


@pytest.fixture
def thread() -> LoopThread:
    return LoopThread("elsewhere")


async def where() -> tuple[str, int]:
    return threading.current_thread().name, id(asyncio.get_running_loop())


def test_callers_in_different_loops_meet_in_one(thread: LoopThread) -> None:
    first, second = (asyncio.run(thread.run(where())) for _ in range(2))
    assert first == second
    assert first[0] == "elsewhere"
    thread.stop()


async def test_results_and_errors_come_back(thread: LoopThread) -> None:
    async def fail() -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        await thread.run(fail())
    thread.stop()


async def test_cancelling_the_caller_cancels_the_work(thread: LoopThread) -> None:
    started, ended = threading.Event(), threading.Event()

    async def work() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    caller = asyncio.create_task(thread.run(work()))
    await asyncio.to_thread(started.wait)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert await asyncio.to_thread(ended.wait, 10)
    thread.stop()


async def test_stopping_leaves_nobody_waiting(thread: LoopThread) -> None:
    started = threading.Event()

    async def work() -> None:
        started.set()
        await asyncio.Event().wait()

    caller = asyncio.create_task(thread.run(work()))
    await asyncio.to_thread(started.wait)
    await asyncio.to_thread(thread.stop)
    with pytest.raises(asyncio.CancelledError):
        await caller


async def test_it_starts_again_after_a_stop(thread: LoopThread) -> None:
    name, _ = await thread.run(where())
    thread.stop()
    thread.stop()
    assert (await thread.run(where()))[0] == name
    thread.stop()
    assert name not in [other.name for other in threading.enumerate()]
