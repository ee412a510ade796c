"""Records that keep their seconds: `redraft run` leaves the clock out of its file, a comparison reports it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

from redraft.engine.files import Runner
from redraft.engine.records import Bad, Done, Item, Record
from redraft.engine.run import Halt


class Timed(Done):
    """A record whose line has the seconds of its calls."""

    def line_of_json(self) -> str:
        return self.model_dump_json()


def timed(runner: Runner) -> Runner:
    """`runner`, its records written with their seconds."""

    async def run(items: Iterable[Item | Bad], halt: Halt) -> AsyncGenerator[Record, None]:
        async with aclosing(runner(items, halt)) as records:
            async for record in records:
                yield Timed(**dict(record)) if isinstance(record, Done) else record

    return run
