"""Which sandbox is used, and what happens where there is none."""

from __future__ import annotations

import subprocess
import sys
from subprocess import PIPE

import pytest

from redraft.tools.sandbox import Limits, Pool, Program, SandboxUnusable, open_sandbox
from redraft.tools.sandbox.bare import Bare
from redraft.tools.sandbox.open import backends, trouble
from redraft.tools.sandbox.python import own_packages
from redraft.tools.sandbox.worker import Started
from tests.tools.sandbox.conftest import NAMES

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Broken:
    """Starts something that is no worker."""

    name = "broken"
    reusable = True

    async def start(self, limits: Limits) -> Started:
        return Started(subprocess.Popen(["sh", "-c", "echo no room >&2"], stdin=PIPE, stdout=PIPE, stderr=PIPE))


async def test_the_best_that_works_here_is_opened(
    usable: dict[str, str | None], capsys: pytest.CaptureFixture[str]
) -> None:
    first = next((name for name in NAMES if usable[name] is None), None)
    with capsys.disabled():
        sys.stdout.write(f"\nsandbox: {first or 'none'} ({usable})\n")
    if first is None:
        with pytest.raises(SandboxUnusable):
            await open_sandbox()
        return
    pool = await open_sandbox(1)
    assert pool.name == first
    assert (await pool.run(Program("x = 1", ("assert x == 1",)))).passed
    await pool.aclose()


async def test_bubblewrap_comes_before_landlock() -> None:
    names = [backend.name for backend in backends()]
    assert names == [name for name in NAMES if name in names]


async def test_what_contains_nothing_is_found_out_by_trying_it() -> None:
    found = await trouble(Bare())
    assert found is not None
    assert "read a secret" in found
    assert "wrote a file" in found


async def test_what_does_not_start_is_no_sandbox() -> None:
    assert await trouble(Broken()) == "broken does not start: no room"


async def test_with_none_there_is_a_refusal_that_says_what_to_do() -> None:
    with pytest.raises(SandboxUnusable, match=r"neither bubblewrap nor sandlock is installed.*redraft\[sandbox\]"):
        await open_sandbox(among=[])
    with pytest.raises(SandboxUnusable, match="broken does not start: no room"):
        await open_sandbox(among=[Broken()])


@pytest.mark.parametrize("name", [*NAMES, "none"])
async def test_packages_are_there_if_asked_for(name: str, usable: dict[str, str | None]) -> None:
    if usable.get(name) is not None:
        pytest.skip(f"{name} is of no use here: {usable[name]}")
    program = Program("import pydantic_core\ndef f(): return pydantic_core.from_json('[1]')", ("assert f() == [1]",))
    for packages in ((), own_packages()):
        among = [each for each in [*backends(packages), Bare(packages)] if each.name == name]
        pool = Pool(among[0], size=1)
        report = await pool.run(program)
        assert report.passed == bool(packages), report
        await pool.aclose()


async def test_whoever_says_so_gets_none() -> None:
    pool = await open_sandbox(1, unsafe=True, among=[])
    assert isinstance(pool, Pool)
    assert pool.name == "none"
    report = await pool.run(Program("def f(x): return x + 1", ("assert f(1) == 2", "assert f(1) == 3")))
    assert [test.passed for test in report.tests] == [True, False]
    await pool.aclose()
