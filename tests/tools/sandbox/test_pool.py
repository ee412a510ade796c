"""Warm workers: nothing goes from one program to the next, one that dies is replaced, and none outlives its owner."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from redraft.tools.sandbox import Kind, Limits, Pool, Program, SandboxUnusable
from redraft.tools.sandbox.base import Report
from redraft.tools.sandbox.bubblewrap import Bubblewrap
from redraft.tools.sandbox.open import backends

ROOT = Path(__file__).parent.parent.parent.parent

LEAVE = """
import math, os, random, sys, time
def f():
    open('left', 'w').write('x')
    os.makedirs('/dev/shm/left.folder', exist_ok=True)
    open('/tmp/left.too', 'w').write('x')
    math.pi = 3
    sys.modules['left'] = math
    os.environ['LEFT'] = 'x'
    sys.setrecursionlimit(77)
    os.umask(0o777)
    import builtins
    builtins.left = 42
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(100)
    return True
"""
FIND = """
import math, os, sys
def f():
    found = os.listdir('.') + os.listdir('/tmp') + os.listdir('/dev/shm')
    if math.pi == 3: found.append('math')
    if 'left' in sys.modules: found.append('module')
    if 'LEFT' in os.environ: found.append('environment')
    if sys.getrecursionlimit() == 77: found.append('limit')
    if 'left' in __builtins__: found.append('builtin')
    return found
"""


@pytest.fixture
def bubblewrap(usable: dict[str, str | None]) -> Bubblewrap:
    if usable["bubblewrap"] is not None:
        pytest.skip(f"bubblewrap is of no use here: {usable['bubblewrap']}")
    return next(each for each in backends() if isinstance(each, Bubblewrap))


@pytest.mark.asyncio(loop_scope="session")
async def test_nothing_goes_from_one_program_to_the_next(bubblewrap: Bubblewrap) -> None:
    pool = Pool(bubblewrap, size=1)
    first = await pool.run(Program(LEAVE, ("assert f()",)))
    second = await pool.run(Program(FIND, ("assert f() == []", "assert f() == []")))
    assert (first.tests[0].kind, second.passed) == (Kind.PASSED, True), (first, second)
    (server,) = pool.pids
    assert descendants(server) == 1  # The server alone, inside bubblewrap's own process.
    await pool.aclose()
    await pool.aclose()
    assert pool.pids == frozenset()


@pytest.mark.asyncio(loop_scope="session")
async def test_one_worker_runs_many_programs_and_is_replaced_in_time(bubblewrap: Bubblewrap) -> None:
    pool = Pool(bubblewrap, size=1, recycle=3)
    seen: list[frozenset[int]] = []
    for _ in range(6):
        await pool.run(Program("x = 1", ("assert x == 1",)))
        seen.append(pool.pids)
    await pool.aclose()
    assert seen[0] == seen[1] != seen[3] == seen[4]
    assert seen[2] == seen[5] == frozenset()


@pytest.mark.asyncio(loop_scope="session")
async def test_a_worker_that_dies_costs_its_program_alone(bubblewrap: Bubblewrap) -> None:
    pool = Pool(bubblewrap, size=2)
    sleeping = asyncio.create_task(pool.run(Program("import time\ntime.sleep(100)", ("assert True", "assert True"))))
    pid = await under_way(pool)
    other = await pool.run(Program("x = 1", ("assert x == 1",)))
    os.kill(pid, signal.SIGKILL)
    report: Report = await sleeping
    after = await pool.run(Program("x = 1", ("assert x == 1",)))
    assert [each.kind for each in (report.program, *report.tests)] == [Kind.LOST] * 3
    assert other.passed
    assert after.passed
    assert pid not in pool.pids
    await pool.aclose()
    assert gone(pid)


@pytest.mark.asyncio(loop_scope="session")
async def test_a_program_that_nobody_waits_for_is_ended(bubblewrap: Bubblewrap) -> None:
    before = set(children(os.getpid()))
    pool = Pool(bubblewrap, size=1)
    sleeping = asyncio.create_task(pool.run(Program("import time\ntime.sleep(100)")))
    pid = await under_way(pool)
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    assert gone(pid)
    for _ in range(20):  # Now while the worker is still being started.
        starting = asyncio.create_task(pool.run(Program("x = 1")))
        await asyncio.sleep(0)
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
    assert (await pool.run(Program("x = 1"))).passed
    await pool.aclose()
    await all_gone(set(children(os.getpid())) - before)


@pytest.mark.asyncio(loop_scope="session")
async def test_many_at_once_take_turns(bubblewrap: Bubblewrap) -> None:
    pool = Pool(bubblewrap, size=2)
    most = 0

    async def one(number: int) -> bool:
        nonlocal most
        report = await pool.run(Program(f"x = {number}", (f"assert x == {number}",)))
        most = max(most, len(pool.pids))
        return report.passed

    assert await asyncio.gather(*map(one, range(40))) == [True] * 40
    assert most == 2
    await pool.aclose()


def test_one_pool_serves_one_event_loop_after_another(bubblewrap: Bubblewrap) -> None:
    pool = Pool(bubblewrap, size=1)

    async def twice() -> frozenset[int]:
        for _ in range(2):
            assert (await pool.run(Program("x = 1", ("assert x == 1",)))).passed
        return pool.pids

    first, second = asyncio.run(twice()), asyncio.run(twice())
    assert first == second
    asyncio.run(pool.aclose())
    assert all(map(gone, first))


@pytest.mark.asyncio(loop_scope="session")
async def test_what_does_not_start_is_said_in_a_sentence(tmp_path: Path) -> None:
    pool = Pool(Bubblewrap(tmp_path / "none"), size=1)
    with pytest.raises(SandboxUnusable, match="bubblewrap does not start"):
        await pool.run(Program("x = 1"))
    await pool.aclose()


OWNER = """
import asyncio, sys
from redraft.tools.sandbox import Pool, Program
from redraft.tools.sandbox.open import backends
async def main():
    pool = Pool(next(each for each in backends() if each.name == sys.argv[1]), size=1)
    running = asyncio.create_task(pool.run(Program("import time, os\\nos.fork()\\ntime.sleep(600)")))
    while not pool.pids:
        await asyncio.sleep(0.01)
    await asyncio.sleep(1)
    print(*pool.pids, flush=True)
    await running
asyncio.run(main())
"""


@pytest.mark.parametrize("name", ["bubblewrap", "sandlock"])
@pytest.mark.asyncio(loop_scope="session")
async def test_nothing_is_left_where_the_owner_is_killed(usable: dict[str, str | None], name: str) -> None:
    if usable[name] is not None:
        pytest.skip(f"{name} is of no use here: {usable[name]}")
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, name],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert owner.stdout is not None
    pid = int(await asyncio.to_thread(owner.stdout.readline))
    family = [pid, *children(pid)]
    owner.kill()
    owner.wait()
    owner.stdout.close()
    assert len(family) >= 3
    await all_gone(family)


async def under_way(pool: Pool) -> int:
    """The one worker, once its program is running: a server, a tester and the program."""
    while not pool.pids or len(children(*pool.pids)) < 3:
        await asyncio.sleep(0.01)
    (pid,) = pool.pids
    return pid


async def all_gone(pids: Iterable[int]) -> None:
    """Wait for all to end; a minute is more than they need."""
    ends = time.monotonic() + 60
    while left := [pid for pid in pids if not gone(pid)]:
        assert time.monotonic() < ends, left
        await asyncio.sleep(0.05)


def children(pid: int) -> list[int]:
    """The processes under `pid`, all the way down."""
    try:
        lists = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    direct = [int(each) for found in lists for each in found]
    return [found for each in direct for found in (each, *children(each))]


def descendants(pid: int) -> int:
    return len(children(pid))


def gone(pid: int) -> bool:
    """Whether the process has ended, be it waited for or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_limits_are_each_tests(bubblewrap: Bubblewrap) -> None:
    async def run() -> Report:
        pool = Pool(bubblewrap, size=1)
        report = await pool.run(
            Program(
                "def f(n):\n    while n: n -= 1\n    return True", ("assert f(10)", "assert f(-1)", "assert f(10)")
            ),
            Limits(cpu=1),
        )
        await pool.aclose()
        return report

    assert [test.kind for test in asyncio.run(run()).tests] == [Kind.PASSED, Kind.TIMED_OUT, Kind.PASSED]
