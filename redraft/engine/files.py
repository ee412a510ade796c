"""A run from file to file: what `redraft run` does, for a program.

It can be ended at any moment and continued by the same call; what was finished is neither lost nor done again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from redraft.engine.journal import Journal
from redraft.engine.manifest import Manifest, manifest
from redraft.engine.reading import count_lines, read_items
from redraft.engine.records import Bad, Item, Record
from redraft.engine.run import Halt
from redraft.engine.watch import Watcher, Watchers
from redraft.errors import ConfigError, RedraftError

Runner = Callable[[Iterable[Item | Bad], Halt], AsyncGenerator[Record, None]]
"""Runs items and yields their records as they finish: `run_all` on a workflow, or several workers."""


@dataclass(frozen=True)
class Files:
    """Where a run reads and writes, and how. `limit` is a number of lines; without `ordered` OUT has the records as
    they finished."""

    input: Path
    out: Path
    limit: int | None = None
    ordered: bool = True
    restart: bool = False
    retry_failed: bool = False


async def run_files(
    runner: Runner,
    files: Files,
    described: Manifest,
    kinds: frozenset[str] = frozenset(),
    watchers: Iterable[Watcher] = (),
    halt: Halt | None = None,
) -> Halt:
    """Run every line of the input that has no record yet, and make OUT when all have one.

    `described` is what the run is made of (`Recipe.described`), `kinds` the tasks its method takes. Returns why the run
    ended early, if it did; what it finished is then in the journal.

    Raises ConfigError where a file is at fault (see `Journal`), RedraftError where the run cannot go on; the journal
    keeps what was finished.
    """
    if files.input.exists() and not files.input.is_file():  # It is read several times over.
        raise ConfigError(f"{files.input} is no regular file, which the input must be: write it to a file first")
    if files.input.exists() and files.out.exists() and files.input.samefile(files.out):
        raise ConfigError(f"{files.out} is the input too: name another file to write to")
    halt = halt or Halt()
    watching = Watchers(watchers)
    made_of = await asyncio.to_thread(manifest, described, files.input)
    total = await asyncio.to_thread(count_lines, files.input, files.limit)
    with Journal(files.out, made_of, files.restart, files.retry_failed) as journal:
        done = 0
        for record in journal.finished():
            watching.add(record)
            done += 1
        try:
            watching.begin(total, done)
            async with aclosing(runner(_left(files, kinds, journal), halt)) as records:
                async for record in records:
                    journal.write(record)
                    watching.add(record)
            if halt.reason is None:
                journal.complete(files.ordered)
        except BaseException as error:
            try:
                watching.end(str(error) or type(error).__name__)
            except RedraftError as late:  # What ended the run is to be told, not what came of it.
                error.add_note(str(late))
            raise
        watching.end(halt.reason)
    return halt


def _left(files: Files, kinds: frozenset[str], journal: Journal) -> Iterator[Item | Bad]:
    return (item for item in read_items(files.input, kinds, files.limit) if item.line not in journal)
