"""The engine's doors for a program: many tasks in memory, or a file to a file."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from functools import partial
from pathlib import Path

from redraft.engine.files import Files, run_files
from redraft.engine.recipe import Recipe
from redraft.engine.records import Item, Record
from redraft.engine.run import Halt, run_all
from redraft.graphs.sync import iterate, wait_for
from redraft.graphs.workflow import Workflow
from redraft.models.budget import Budget
from redraft.schema import Task


async def abatch(flow: Workflow, tasks: Iterable[Task], window: int | None = None) -> AsyncGenerator[Record, None]:
    """Run any number of tasks, `window` of them at once (none: as many as the models work on), and yield each one's
    record as it finishes; `record.line` is the task's number, from 1. Tasks are taken one by one, so they may come
    from a generator without end. Raises as `redraft.engine.run.run_all` does.
    """
    await flow.connect()
    items = (Item(id=str(number), line=number, task=task) for number, task in enumerate(tasks, start=1))
    async with aclosing(run_all(flow, items, window=window)) as records:
        async for record in records:
            yield record


def batch(flow: Workflow, tasks: Iterable[Task], window: int | None = None) -> Iterator[Record]:
    """`abatch` for blocking code."""
    return iterate(abatch(flow, tasks, window))


async def arun_file(
    recipe: Recipe,
    files: Files,
    *,
    store: Path,
    window: int | None = None,
    budget: Budget | None = None,
) -> Halt:
    """What `redraft run` does: run every line of a file, durably; the same call continues a run that was ended in any
    way. Returns why it ended early, if it did. Raises as `redraft.engine.files.run_files` does.
    """
    recipe = await recipe.settled()
    async with recipe.build(store, budget=budget) as flow:
        await flow.connect()
        return await run_files(partial(run_all, flow, window=window), files, recipe.described(), flow.method.kinds)


def run_file(
    recipe: Recipe, files: Files, *, store: Path, window: int | None = None, budget: Budget | None = None
) -> Halt:
    """`arun_file` for blocking code."""
    return wait_for(arun_file, recipe, files, store=store, window=window, budget=budget)
