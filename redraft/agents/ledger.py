"""Who keeps the accounts: every call that agents make inside a `ledger()` block is noted in it.

A node of a graph runs in such a block, so its code reads like the method and the cost still ends up in the state.
The list travels through a context variable, which tasks started inside the block inherit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from redraft.schema import Call

_open: ContextVar[list[Call] | None] = ContextVar("redraft_ledger", default=None)


@contextmanager
def ledger() -> Iterator[list[Call]]:
    """Collect the calls made inside the block, by this task and by those it starts."""
    calls: list[Call] = []
    token = _open.set(calls)
    try:
        yield calls
    finally:
        _open.reset(token)


def note(call: Call) -> None:
    """Enter `call` in the ledger that is open, if one is."""
    if (calls := _open.get()) is not None:
        calls.append(call)
