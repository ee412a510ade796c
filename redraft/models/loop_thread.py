"""An event loop in a thread of its own, for what must stay in one loop however many loops use it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class _Running(NamedTuple):
    thread: threading.Thread
    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event


class LoopThread:
    """Starts with the first `run`, ends with `stop`, and may start again. The thread never keeps the program alive."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._guard = threading.Lock()
        self._running: _Running | None = None

    async def run(self, coroutine: Coroutine[None, None, T]) -> T:
        """Await `coroutine` over there. Cancelling the waiting task cancels it."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._start().loop))

    def stop(self) -> None:
        """Cancel what still runs, and wait for the thread to end. Blocks."""
        with self._guard:
            running, self._running = self._running, None
        if running is not None:
            running.loop.call_soon_threadsafe(running.stop.set)
            running.thread.join()

    def _start(self) -> _Running:
        with self._guard:
            if self._running is None:
                started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

                async def until_stopped() -> None:
                    stop = asyncio.Event()
                    started.set_result((asyncio.get_running_loop(), stop))
                    await stop.wait()

                thread = threading.Thread(target=asyncio.run, args=(until_stopped(),), name=self._name, daemon=True)
                thread.start()
                self._running = _Running(thread, *started.result())
            return self._running
