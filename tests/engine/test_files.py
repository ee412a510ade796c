"""What a run reads and writes are files: anything else is refused before it is touched."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Iterable
from functools import partial
from pathlib import Path

import pytest

from redraft.engine.files import Files, run_files
from redraft.engine.records import Bad, Item, Record
from redraft.engine.run import Halt, run_all
from redraft.engine.watch import Events, Watcher
from redraft.errors import ConfigError, RedraftError
from redraft.graphs.workflow import workflow
from redraft.models.scripted import Scripted


async def run(files: Files, model: str = "one", watchers: Iterable[Watcher] = ()) -> None:
    async with workflow("self-refine", Scripted(lambda request: f"By {model}.\nVerdict: good", model)) as flow:
        await run_files(partial(run_all, flow, window=2), files, {"model": model}, flow.method.kinds, watchers)


def texts(path: Path, names: Iterable[str] = ("a", "b")) -> Path:
    path.write_text("".join(f'{{"id": "{name}", "text": "t"}}\n' for name in names))
    return path


async def test_an_input_that_can_be_read_only_once_is_refused_before_it_is_read(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, b'{"text": "t"}\n')
    os.close(writer)
    try:
        with pytest.raises(ConfigError, match=f"^/dev/fd/{reader} is no regular file.*write it to a file first"):
            await run(Files(Path(f"/dev/fd/{reader}"), tmp_path / "out"))
        assert os.read(reader, 99) == b'{"text": "t"}\n'
    finally:
        os.close(reader)
    assert not list(tmp_path.iterdir())


class Broken:
    """A watcher that can write nothing at the end."""

    def begin(self, total: int | None, done: int) -> None:
        """Nothing."""

    def add(self, record: Record) -> None:
        """Nothing."""

    def end(self, reason: str | None) -> None:
        raise ConfigError("no room for the end")


class Told(Broken):
    """A watcher that is told how the run ended."""

    reason: str | None = "not told"

    def end(self, reason: str | None) -> None:
        self.reason = reason


async def test_what_ended_a_run_is_told_whatever_its_watchers_cannot_do(tmp_path: Path) -> None:
    async def ends(items: Iterable[Item | Bad], halt: Halt) -> AsyncGenerator[Record, None]:
        raise RedraftError("the server is gone")
        yield

    told = Told()
    with pytest.raises(RedraftError, match="the server is gone") as ended:
        await run_files(ends, Files(texts(tmp_path / "in"), tmp_path / "out"), {}, watchers=[Broken(), told])
    assert told.reason == "the server is gone"
    assert ended.value.__notes__ == ["no room for the end"]


async def test_events_that_find_no_room_end_the_run_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^the events cannot be written to /dev/full: No space left on device"):
        await run(Files(texts(tmp_path / "in"), tmp_path / "out"), watchers=[Events(Path("/dev/full"))])
