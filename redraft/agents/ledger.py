"""Who keeps the accounts: every call that agents make inside a `ledger()` block is noted in it.

A node of a graph runs in such a block, so its code reads like the method and the cost still ends up in the state.
Calls stand in the order in which they were begun, whichever ends first, so that a run repeated from the response store
gives the same record. The ledger travels through a context variable, which tasks started inside the block inherit.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from redraft.schema import Call

_open: ContextVar[dict[int, Call | None] | None] = ContextVar("redraft_ledger", default=None)


@contextmanager
def ledger() -> Iterator[Callable[[], list[Call]]]:
    """Collect the calls made inside the block, by this task and by those it starts; gives what tells them."""
    entries: dict[int, Call | None] = {}
    token = _open.set(entries)
    try:
        yield lambda: [call for call in entries.values() if call]
    finally:
        _open.reset(token)


def begin() -> Callable[[Call], None]:
    """Take the next line of the ledger that is open, if one is; to be filled in once the call has ended."""
    entries = _open.get()
    if entries is None:
        return lambda call: None
    line = len(entries)
    entries[line] = None
    return lambda call: entries.update({line: call})
