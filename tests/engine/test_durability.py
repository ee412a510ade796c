"""A run that is killed, or whose server misbehaves, ends as if nothing had happened, and no call is made twice."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.engine.conftest import Server

Write = Callable[..., Path]
WINDOW = 8


async def start(server: Server, path: Path, out: Path, *more: object) -> asyncio.subprocess.Process:
    """`redraft run self-refine` in a process of its own, with a store beside `out`."""
    command = ["run", "self-refine", "-i", path, "-o", out, "--model", server.url, "--window", WINDOW, "--json"]
    command += ["--store", out.with_suffix(".sqlite"), *more]
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from redraft.cli import main; main()",
        *map(str, command),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "COLUMNS": "1000", "NO_COLOR": "1"},
    )


async def finish(process: asyncio.subprocess.Process) -> tuple[int | None, dict[str, object], str]:
    stdout, stderr = await asyncio.wait_for(process.communicate(), 300)
    return process.returncode, json.loads(stdout) if stdout else {}, stderr.decode()


async def run(server: Server, path: Path, out: Path, *more: object) -> tuple[int | None, dict[str, object], str]:
    return await finish(await start(server, path, out, *more))


async def killed(server: Server, path: Path, out: Path, answers: int) -> bool:
    """Start the run and kill it once the server has given so many more answers; False if it ended before."""
    enough = server.answered.total() + answers
    process = await start(server, path, out)
    while server.answered.total() < enough and process.returncode is None:
        await asyncio.sleep(0.001)
    if process.returncode is None:
        process.kill()
    await process.communicate()
    return process.returncode == -signal.SIGKILL


async def check_kills(server: Server, path: Path, folder: Path, kills: int, items: int) -> None:
    code, told, stderr = await run(server, path, folder / "calm.jsonl")
    assert code == 0, stderr
    calls = server.answered.total()
    assert told["model_calls"] == calls
    server.answered.clear()

    moment = Random(11)
    out = folder / "out.jsonl"
    died = [await killed(server, path, out, moment.randint(1, max(1, 2 * calls // (kills + 1)))) for _ in range(kills)]
    code, told, stderr = await run(server, path, out)
    assert code == 0, stderr
    assert out.read_bytes() == (folder / "calm.jsonl").read_bytes()
    assert told["lines"] == items
    assert sum(died) >= kills // 2, "most runs must have been killed under way"
    repeated = sum(count - 1 for count in server.answered.values())
    assert repeated <= WINDOW * sum(died), "only a call under way when the run was killed is made again"
    assert len(server.answered) == calls
    assert not list(folder.glob("out.jsonl.partial*"))


async def test_a_run_killed_at_any_moment_ends_as_if_nothing_had_happened(
    server: Server, tasks: Write, tmp_path: Path
) -> None:
    server.seconds = 0.01
    await check_kills(server, tasks(60), tmp_path, kills=4, items=60)


@pytest.mark.slow
async def test_twenty_kills_of_five_hundred_items(server: Server, tasks: Write, tmp_path: Path) -> None:
    server.seconds = 0.01
    await check_kills(server, tasks(500), tmp_path, kills=20, items=500)


async def test_a_server_that_drops_delays_and_truncates_costs_no_item(
    server: Server, tasks: Write, tmp_path: Path
) -> None:
    code, _, stderr = await run(server, tasks(60), tmp_path / "calm.jsonl")
    assert code == 0, stderr
    server.dropped, server.delayed, server.truncated = 0.1, 0.05, 0.01
    code, told, stderr = await run(server, tasks(60), tmp_path / "out.jsonl")
    assert (code, told["failed"], told["bad"]) == (0, 0, 0), stderr
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "calm.jsonl").read_bytes()


async def test_ctrl_c_finishes_what_is_in_flight_and_the_same_command_goes_on(
    server: Server, tasks: Write, tmp_path: Path
) -> None:
    server.seconds = 0.05
    path, out = tasks(60), tmp_path / "out.jsonl"
    process = await start(server, path, out)
    while server.answered.total() < 30:
        await asyncio.sleep(0.005)
    process.send_signal(signal.SIGINT)
    code, told, stderr = await finish(process)
    assert code == 130, stderr
    assert "finishing what is in flight" in stderr
    kept = (tmp_path / "out.jsonl.partial").read_bytes()
    assert kept.count(b"\n") == told["lines"] < 60
    assert not out.exists()
    server.seconds = 0.0
    code, told, stderr = await run(server, path, out)
    assert (code, told["lines"]) == (0, 60), stderr
    assert "continuing" in stderr
    assert set(server.answered.values()) == {1}, "nothing was asked twice"


async def test_a_second_ctrl_c_stops_at_once(server: Server, tasks: Write, tmp_path: Path) -> None:
    server.seconds = 60.0
    process = await start(server, tasks(60), tmp_path / "out.jsonl")
    assert process.stderr is not None
    while server.asked < WINDOW:
        await asyncio.sleep(0.05)
    process.send_signal(signal.SIGINT)
    await asyncio.wait_for(process.stderr.readuntil(b"stops at once"), 120)
    process.send_signal(signal.SIGINT)
    code, _, _ = await asyncio.wait_for(finish(process), 120)
    assert code == 130


async def test_a_budget_stops_the_run_before_it_is_passed_and_keeps_what_is_finished(
    server: Server, tasks: Write, tmp_path: Path
) -> None:
    path, out = tasks(60), tmp_path / "out.jsonl"
    code, told, stderr = await run(server, path, out, "--max-calls", "50")
    assert code == 3, stderr
    assert server.answered.total() == 50
    assert 0 < told["lines"] < 60
    code, told, stderr = await run(server, path, out, "--max-calls", "1000")
    assert (code, told["lines"], told["failed"]) == (0, 60, 0), stderr
    assert set(server.answered.values()) == {1}


async def test_what_failed_is_run_again_and_nothing_else(server: Server, tasks: Write, tmp_path: Path) -> None:
    path, out = tasks(20), tmp_path / "out.jsonl"
    server.truncated = 1.0
    code, told, _ = await run(server, path, out, "--limit", "5")
    assert (code, told["failed"]) == (1, 5)
    server.truncated = 0.0
    code, told, stderr = await run(server, path, out, "--retry-failed")
    assert (code, told["failed"], told["lines"]) == (0, 0, 20), stderr
    before = server.answered.total()
    code, _, _ = await run(server, path, out, "--retry-failed")
    assert (code, server.answered.total()) == (0, before)


async def test_two_processes_do_not_write_one_output(server: Server, tasks: Write, tmp_path: Path) -> None:
    server.seconds = 600.0  # the first run cannot have ended when the second one looks, on however slow a machine
    path, out = tasks(30), tmp_path / "out.jsonl"
    first = await start(server, path, out)
    while not server.asked:
        await asyncio.sleep(0.01)
    code, _, stderr = await run(server, path, out)
    assert code == 2
    assert "another process is writing" in stderr
    first.terminate()
    await first.communicate()
    server.seconds = 0.0
    code, told, stderr = await run(server, path, out)
    assert (code, told["lines"]) == (0, 30), stderr
