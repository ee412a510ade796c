"""SymPy on systems of equations: what it says of them here, and that it runs in the sandbox alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from redraft.tools.equations import Solved, solve_system
from redraft.tools.equations.inside import solve
from redraft.tools.sandbox import Sandbox
from redraft.tools.sandbox.on_demand import OnDemand
from tests.graphs.sandboxed import sandbox_works

__all__ = ["sandbox_works"]


@pytest.mark.parametrize(
    ("equations", "solutions"),
    [
        (["x + y = 10", "x - y = 4"], [{"x": "7", "y": "3"}]),
        (["2x = 7"], [{"x": "7/2 = 3.5"}]),
        (["0.1 x = 0.3"], [{"x": "3"}]),
        (["x^2 = 16"], [{"x": "-4"}, {"x": "4"}]),
        (["x(y + 1) = 12", "y = 2"], [{"x": "4", "y": "2"}]),
        (["lambda + beta = 3", "beta = 1"], [{"beta": "1", "lambda": "2"}]),
        (["area = pi r^2", "r = 2"], [{"area": "4*pi = 12.56637061", "r": "2"}]),
        (["sqrt(x) = 3"], [{"x": "9"}]),
        (["E = 2 I", "I = 3", "N = E"], [{"E": "6", "I": "3", "N": "6"}]),
    ],
)
def test_the_solutions(equations: list[str], solutions: list[dict[str, str]]) -> None:
    assert solve(equations) == solutions


@pytest.mark.parametrize(
    ("equations", "why"),
    [
        (["x + y = 3"], "do not determine x, y"),
        (["x = 3", "x = 4"], "no numbers satisfy"),
        (["x^2 = -1"], "no numbers satisfy"),
        (["3 * 4 = 12"], "no unknown"),
    ],
)
def test_why_there_is_none(equations: list[str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        solve(equations)


@pytest.mark.usefixtures("sandbox_works")
class TestInTheSandbox:
    @pytest.fixture
    async def sandbox(self) -> AsyncIterator[Sandbox]:
        sandbox = OnDemand(packages=True)
        yield sandbox
        await sandbox.aclose()

    async def test_five_unknowns(self, sandbox: Sandbox) -> None:
        equations = ["a+b+c+d+e = 15", "a = 1", "b = 2 a", "c = a + b", "d = 2 b"]
        solved = await solve_system(sandbox, equations)
        assert solved == Solved(({"a": "1", "b": "2", "c": "3", "d": "4", "e": "5"},))
        assert solved.words == "a = 1, b = 2, c = 3, d = 4, e = 5"

    async def test_what_cannot_be_solved_is_said(self, sandbox: Sandbox) -> None:
        assert await solve_system(sandbox, ["x + y = 3"]) == Solved(why="the equations do not determine x, y")
        broken = await solve_system(sandbox, ["x + = 3"])
        assert broken
        assert (broken.solutions, "syntax" in broken.why) == ((), True)

    async def test_equations_that_would_take_for_ever_end(self, sandbox: Sandbox) -> None:
        solved = await solve_system(sandbox, ["x = 9^9^9^9"], seconds=2)
        assert solved
        assert (solved.solutions, bool(solved.why)) == ((), True)

    async def test_equations_that_are_python_reach_nothing(self, sandbox: Sandbox, tmp_path: Path) -> None:
        secret = tmp_path / "made"
        solved = await solve_system(sandbox, [f"x = __import__('pathlib').Path({str(secret)!r}).touch()"])
        assert solved
        assert solved.solutions == ()
        assert not secret.exists()
