"""Many items over one workflow: a window of them in flight, results in the order of the input."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterable

from redraft.engine.records import Bad, Done, Item, Record
from redraft.errors import RedraftError
from redraft.graphs.workflow import Workflow
from redraft.schema import Failure

_log = logging.getLogger(__name__)


async def run_all(workflow: Workflow, items: Iterable[Item | Bad], window: int = 16) -> AsyncIterator[Record]:
    """Run every item and yield one record for each line, in order; at most `window` items are held at a time.

    A `Bad` line is passed on as it is. An item that breaks the program becomes a `Bad` with the cause
    `internal_error`, its traceback in the log. Raises RedraftError where the run as a whole cannot go on, such as a
    response store on a full disk; tasks in flight are cancelled when the iteration is closed.
    """
    flying: deque[asyncio.Task[Record]] = deque()
    try:
        for item in items:
            flying.append(asyncio.create_task(_run_one(workflow, item)))
            if len(flying) >= window:
                yield await flying.popleft()
        while flying:
            yield await flying.popleft()
    finally:
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)


async def _run_one(workflow: Workflow, item: Item | Bad) -> Record:
    if isinstance(item, Bad):
        return item
    try:
        result = await workflow.arun(item.task)
    except RedraftError:
        raise
    except Exception as error:  # noqa: BLE001 - the border between one item and the run: the fault becomes its record
        _log.error("item %s broke the program", item.id, exc_info=error)
        message = f"{type(error).__name__}: {error}"
        return Bad(id=item.id, line=item.line, error=Failure(cause="internal_error", message=message))
    return Done(**dict(item), result=result)
