"""Calls that come in together become one batch, for a backend that works in batches and blocks while it does.

What a job is, and how a batch of them is done, is the backend's affair.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Generic, TypeVar

from redraft.models.errors import Unreachable

J = TypeVar("J")
R = TypeVar("R")


class Batcher(Generic[J, R]):
    """Hands jobs to `work`, in a thread of its own and so for any event loop, up to `size` of them at a time.

    Jobs that come in within `wait` seconds of the first, or while an earlier batch is being worked on, go together.
    `work` returns a result for each job, in order; an exception among them is raised for that job alone, one that
    `work` raises for every job of the batch. A job whose caller gave up before its batch began is left out of it.
    """

    def __init__(self, work: Callable[[list[J]], Sequence[R | Exception]], size: int, wait: float = 0.005) -> None:
        self._work, self._size, self._wait = work, size, wait
        self._waiting: deque[tuple[J, Future[R]]] = deque()
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    async def __call__(self, job: J) -> R:
        """The result of `job`. Raises what `work` raises or returns for it, Unreachable where `close` came first."""
        answer: Future[R] = Future()
        with self._lock:
            self._waiting.append((job, answer))
            if idle := self._pool is None:
                self._pool = ThreadPoolExecutor(1, thread_name_prefix="batcher")
            pool = self._pool
        if idle:
            pool.submit(time.sleep, self._wait).add_done_callback(lambda _: self._begin(pool))
        return await asyncio.wrap_future(answer)

    def close(self) -> None:
        """Fail what waits, and wait for the batch that is being worked on. Blocks. A later call starts anew."""
        with self._lock:
            pool, self._pool = self._pool, None
            left, self._waiting = self._waiting, deque()
        for _, answer in left:
            if answer.set_running_or_notify_cancel():
                answer.set_exception(Unreachable("closed before it could be answered"))
        if pool is not None:
            pool.shutdown()

    # As long as there is a pool, a batch is being gathered or worked on, and its end begins the next one. What `work`
    # raises is caught by the pool's own future.

    def _begin(self, pool: ThreadPoolExecutor) -> None:
        batch: list[tuple[J, Future[R]]] = []
        with self._lock:
            if pool is not self._pool:
                return  # Closed meanwhile.
            while self._waiting and len(batch) < self._size:
                job, answer = self._waiting.popleft()
                if answer.set_running_or_notify_cancel():
                    batch.append((job, answer))
            if not batch:
                self._pool = None
                pool.shutdown(wait=False)
                return
            done = pool.submit(self._work, [job for job, _ in batch])
        done.add_done_callback(partial(self._finish, pool, [answer for _, answer in batch]))

    def _finish(
        self, pool: ThreadPoolExecutor, answers: list[Future[R]], done: Future[Sequence[R | Exception]]
    ) -> None:
        error = done.exception()
        results = [error] * len(answers) if error else done.result()
        for answer, result in zip(answers, results, strict=True):
            if isinstance(result, BaseException):
                answer.set_exception(result)
            else:
                answer.set_result(result)
        self._begin(pool)
