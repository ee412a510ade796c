"""What a run reads and writes are files: anything else is refused before it is touched."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import pytest

from redraft.engine.files import Files, run_files
from redraft.engine.run import run_all
from redraft.errors import ConfigError
from redraft.graphs.workflow import workflow
from redraft.models.scripted import Scripted


async def run(files: Files, model: str = "one") -> None:
    async with workflow("self-refine", Scripted(lambda request: f"By {model}.\nVerdict: good", model)) as flow:
        await run_files(partial(run_all, flow, window=2), files, {"model": model}, flow.method.kinds)


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
