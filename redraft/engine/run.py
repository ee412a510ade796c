"""Many items over one workflow: a window of them in flight, and their records as they finish."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from traceback import format_exc
from typing import TypeVar

from redraft.engine.records import Bad, Done, Item, Record
from redraft.errors import ConfigError, RedraftError
from redraft.graphs.workflow import Workflow, unique
from redraft.models.base import is_chat_model
from redraft.models.errors import BudgetSpent
from redraft.models.turn import turn
from redraft.models.wrapper import capacity
from redraft.schema import Failure, Result, Task

_log = logging.getLogger(__name__)
T = TypeVar("T")

Solve = Callable[[Task], Awaitable[Result]]
"""Makes the result of a task: a workflow here, or one in another process."""


class GivenUp(Exception):
    """One item is given up, and the run goes on: its record is a `Bad` of that cause. A `trace` is for the log."""

    def __init__(self, cause: str, message: str, trace: str = "") -> None:
        super().__init__(cause, message, trace)  # So that it can be sent to another process.
        self.cause = cause
        self.message = message
        self.trace = trace


class Halt:
    """How a run is asked to end early: no further item is started, those in flight are finished."""

    def __init__(self) -> None:
        self.reason: str | None = None
        """Why, once somebody asked."""
        self.unfinished = 0
        """Items that were started and could not be finished; they have no record."""

    def ask(self, reason: str) -> None:
        """Ask for the end; the first reason stands."""
        self.reason = self.reason or reason


def default_window(workflow: Workflow) -> int:
    """As many items as its models work on at once, all of them together; without a model of its own, one. To be asked
    once they are connected."""
    return sum(capacity(player) for player in unique(workflow.players.values()) if is_chat_model(player)) or 1


def run_all(
    workflow: Workflow, items: Iterable[Item | Bad], halt: Halt | None = None, window: int | None = None
) -> AsyncGenerator[Record, None]:
    """`run_each` on a workflow that is connected; `window` is as many as its models work on at once, if not given."""
    return run_each(workflow.awalk, items, halt or Halt(), default_window(workflow) if window is None else window)


async def run_each(solve: Solve, items: Iterable[Item | Bad], halt: Halt, window: int) -> AsyncGenerator[Record, None]:
    """Run every item, at most `window` at once, and yield a record for each line as it finishes.

    Items are started in order, and the calls of an earlier one go first. No more than `window` finished records are
    held for a slow reader. A `Bad` line is passed on as it is. An item that breaks the program becomes a `Bad` with the
    cause `internal_error`, its traceback in the log. When the budget is spent `halt` is asked, and an item that this
    left unfinished has no record.

    Raises RedraftError where the run as a whole cannot go on, such as a response store on a full disk, and ConfigError
    for a window below 1; tasks in flight are cancelled when the iteration is closed.
    """
    if window < 1:
        raise ConfigError(f"a window of {window} runs nothing; give 1 or more")
    source = iter(items)
    finished: asyncio.Queue[Record | Exception | None] = asyncio.Queue(window)

    async def work() -> None:
        try:
            while halt.reason is None and (item := next(source, None)) is not None:
                turn.set(item.line)
                record = await _run_one(solve, item)
                if spent := _spent(record):
                    halt.ask(spent)
                    halt.unfinished += 1
                else:
                    await finished.put(record)
        except Exception as error:  # noqa: BLE001 - handed to whoever reads the records, who raises it
            await finished.put(error)
        await finished.put(None)

    workers = [asyncio.create_task(work()) for _ in range(window)]
    try:
        working = window
        while working:
            got = await finished.get()
            if isinstance(got, Exception):
                raise got
            if got is None:
                working -= 1
            else:
                yield got
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


def _spent(record: Record) -> str | None:
    """What the budget said to an item that it kept from being finished."""
    errors = record.result.errors if isinstance(record, Done) else ()
    return next((error.message for error in errors if error.cause == BudgetSpent.cause), None)


async def attempt(work: Awaitable[T]) -> T:
    """The border between one item and the run: whatever goes wrong with the item is a GivenUp; a RedraftError, which is
    for the run as a whole, is raised as it is."""
    try:
        return await work
    except (RedraftError, GivenUp):
        raise
    except (Exception, asyncio.CancelledError) as error:
        if isinstance(error, asyncio.CancelledError) and (task := asyncio.current_task()) and task.cancelling():
            raise  # The run was ended, and not something inside the item.
        raise GivenUp("internal_error", f"{type(error).__name__}: {error}", format_exc()) from error


async def _run_one(solve: Solve, item: Item | Bad) -> Record:
    if isinstance(item, Bad):
        return item
    try:
        result = await attempt(solve(item.task))
    except GivenUp as error:
        if error.trace:
            _log.error("item %s broke the program\n%s", item.id, error.trace)
        return Bad(id=item.id, line=item.line, error=Failure(cause=error.cause, message=error.message))
    return Done(**dict(item), result=result)
