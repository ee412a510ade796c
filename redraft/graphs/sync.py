"""The one door from blocking code into the house, which is async inside.

All blocking calls share one event loop in one background thread: engines and connections belong to the loop they were
started in, so a loop per call would leave them behind.
"""

from __future__ import annotations

import atexit
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from functools import cache
from typing import ParamSpec, TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

P = ParamSpec("P")
T = TypeVar("T")


@cache
def _portal() -> BlockingPortal:
    running = start_blocking_portal("asyncio", name="redraft")
    portal = running.__enter__()
    atexit.register(running.__exit__, None, None, None)
    return portal


def wait_for(function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run an async function to its end from blocking code; works inside a notebook's running loop as well."""

    async def call() -> T:
        return await function(*args, **kwargs)

    return _portal().call(call)


def iterate(values: AsyncGenerator[T, None]) -> Iterator[T]:
    """Read an async generator from blocking code; it is closed with the iterator."""
    try:
        while True:
            try:
                yield wait_for(values.__anext__)
            except StopAsyncIteration:
                return
    finally:
        wait_for(values.aclose)
