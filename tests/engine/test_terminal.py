"""What a person sees on a terminal while a run goes on."""

from __future__ import annotations

import asyncio
import os
import pty
import sys
from collections.abc import Callable
from pathlib import Path

from tests.engine.conftest import Server


async def test_a_live_line_tells_where_the_run_stands(
    server: Server, tasks: Callable[..., Path], tmp_path: Path
) -> None:
    server.seconds = 0.2
    ours, theirs = pty.openpty()
    command = ["run", "self-refine", "-i", tasks(60), "-o", tmp_path / "out", "--model", server.url, "--window", 8]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from redraft.cli import main; main()",
        *map(str, [*command, "--store", tmp_path / "store", "--json"]),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "COLUMNS": "200", "TERM": "xterm"},
    )
    os.close(theirs)
    drawn = await asyncio.to_thread(_read, ours)
    assert await process.wait() == 0, drawn
    assert "Traceback" not in drawn
    lines = {line.split("/60")[0][-2:].strip() for line in drawn.split("\r") if "/60" in line}
    assert len(lines) > 3, "the line changes as items finish"
    assert "% of the prompts cached" in drawn


def _read(terminal: int) -> str:
    read = b""
    while True:
        try:
            more = os.read(terminal, 65536)
        except OSError:  # How a terminal says that nobody writes to it any more.
            more = b""
        if not more:
            os.close(terminal)
            return read.decode(errors="replace")
        read += more
