"""Whether two answers are the same: what is equal, what is not, and what no answer can do to us."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.errors import MissingExtra
from redraft.tools.maths import Equality, Maths, by_text

NO_ALGEBRA = [
    ("1,234.50", "1234.5", True),
    ("$18", "18 dollars", True),
    ("\\$1{,}000", "1000", True),
    ("-3", "−3.0", True),
    ("1/2", r"\frac{1}{2}", True),
    (r"\dfrac12", "0.5", True),
    ("1 1/2", "1.5", True),
    ("0.333333", "1/3", True),
    ("0.33", "1/3", False),
    ("1e3", "1000", True),
    ("50%", "0.5", True),
    ("50\\%", "50 percent", True),
    ("90^\\circ", "90 degrees", True),
    ("10 cm", r"10\text{ cm}", True),
    ("10 cm", "10", True),
    ("5 cm", "5 m", False),
    ("5 m^2", "5 m^{2}", True),
    ("2 hours", "2 hrs", True),
    ("18 eggs", "18 dollars", False),
    ("1.0000001", "1", False),
    ("(B)", "B.", True),
    (r"\text{Friday}", "friday", True),
    ("Paris", "Pairs", False),
    ("no", "on", False),
    ("one half", "1/2", False),
    ("", "5", False),
    ("$\\boxed{7}$", "7", True),
]
ALGEBRA = [
    ("x^2+2x+1", "(x+1)^2", True),
    (r"\sqrt{8}", r"2\sqrt2", True),
    (r"\frac{\pi}{2}", "pi/2", True),
    ("[0,1)", "[0, 1)", True),
    ("[0,1)", "(0,1)", False),
    ("(-inf, 3]", r"(-\infty,3]", True),
    ("0<x<1", "(0,1)", True),
    (r"\{1,2\}", r"\{2,1\}", True),
    ("(1,2)", "(2,1)", False),
    ("x=5", "5", True),
    ("x=5", "y=5", False),
    ("x = 5 or x = 3", "3, 5", True),
    (r"3\sqrt{2}\text{ meters}", r"\sqrt{18}", True),
    (r"\begin{pmatrix}1\\2\end{pmatrix}", r"\begin{bmatrix}1\\2\end{bmatrix}", True),
    ("5", "5 pi", False),
    ("2x", "2", False),
    ("A", "B", False),
    ("2^{10}", "1024", True),
]
HOSTILE = [
    ("9**9**9**9", "1"),
    ("100000000!", "1"),
    ("(" * 400 + "1" + ")" * 400, "1"),
    ("\\frac{" * 150, "5"),
    ("1}{", "1"),
    ("x" * 1_000_000, "x"),
    ("\\sqrt{2}" * 120_000, "x"),
    ("__import__('os').system('exit 1')", "1"),
    ("\0\ud800", "x"),
    ("1/0", "5"),
]


@pytest.fixture(scope="module")
def maths():
    maths = Maths(workers=1, seconds=3)
    yield maths
    asyncio.run(maths.aclose())


@pytest.mark.parametrize(("one", "other", "equal"), NO_ALGEBRA)
def test_numbers_and_words_are_compared_without_a_process(one, other, equal):
    for found in (by_text(one, other), by_text(other, one)):
        assert found is not None
        assert (found.equal, found.decided) == (equal, True)


@pytest.mark.parametrize(("one", "other", "equal"), ALGEBRA)
async def test_formulas_are_compared_by_math_verify(maths, one, other, equal):
    assert by_text(one, other) is None
    expected = Equality(equal, "math-verify")
    assert await maths.equal_all([(one, other), (other, one)]) == [expected, expected]


@pytest.mark.parametrize(("one", "other"), HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_answers_take_bounded_time_and_equal_nothing_but_themselves(maths, one, other):
    assert not (await maths.equal(one, other)).equal
    assert (await maths.equal(one, one)).equal
    assert (await maths.equal("x+x", "2x")).equal, "the next question is answered"


async def test_what_takes_too_long_is_undecided_and_says_so(maths):
    assert await maths.equal("9^{9^{9^9}}", "9^{9^{9^8}}") == Equality(
        False, "undecided: not told within 3 s of processor time and the memory allowed", decided=False
    )


async def test_a_pair_costs_none_of_its_neighbours(maths):
    pairs = [("x+x", "2x"), ("9^{9^{9^9}}", "9^{9^{9^8}}"), ("x+x", "3x"), ("7", "7.0")]
    found = await maths.equal_all(pairs)
    assert await maths.equal_all(pairs[::-1]) == found[::-1]
    assert [equality.equal for equality in found] == [True, False, False, True]


MATHS = st.lists(
    st.sampled_from([*"0123456789+-*/^(){}[]=,.x$% ", "\\frac", "\\sqrt", "\\text", "cm", "\\{"]), max_size=12
)


@settings(deadline=None, max_examples=200)
@given(MATHS.map("".join) | st.text(max_size=20), MATHS.map("".join) | st.text(max_size=20))
def test_text_equality_is_reflexive_and_symmetric(one, other):
    assert by_text(one, one) == Equality(True, "the same text")
    assert by_text(one, other) == by_text(other, one)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from([*"0123+-/^()=,x", "\\frac{1}{2}", "\\sqrt{2}"]), min_size=1, max_size=6).map("".join))
def test_equality_is_reflexive_and_symmetric(maths, text):
    async def check():
        assert (await maths.equal(text, f" {text} ")).equal
        there, back = await maths.equal_all([(text, "x+1"), ("x+1", text)])
        assert there == back

    asyncio.run(check())


def _children() -> set[int]:
    return {int(child) for child in Path("/proc/self/task").glob("*/children") for child in child.read_text().split()}


async def test_a_closed_one_leaves_no_process_and_decides_no_more():
    maths = Maths(workers=2)
    before = _children()
    await maths.equal_all([("x+x", "2x"), ("y+y", "2y")])
    assert len(_children() - before) in (1, 2)
    await maths.aclose()
    await maths.aclose()
    assert _children() <= before
    assert await maths.equal("x+x", "2x") == Equality(False, "undecided: closed", decided=False)
    assert (await maths.equal("7", "7.0")).equal


async def test_a_worker_that_is_killed_costs_one_answer():
    maths = Maths(workers=1)
    try:
        before = _children()
        assert (await maths.equal("x+x", "2x")).equal
        (worker,) = _children() - before
        os.kill(worker, signal.SIGKILL)
        assert not (await maths.equal("x+x", "2x")).decided
        assert (await maths.equal("x+x", "2x")).equal
    finally:
        await maths.aclose()


UNGUARDED = """
import asyncio, os, sys
from redraft.tools.maths import Maths
print("started", flush=True)
async def main():
    maths = Maths(workers=1)
    await maths.equal("x+x", "2x")
    print(maths._all.pop()._process.pid, flush=True)
    os.kill(os.getpid(), 9)
asyncio.run(main())
"""


def test_a_script_without_a_guard_runs_once_and_its_worker_ends_with_it(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ran = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment, check=False)
    started, pid = ran.stdout.split()
    assert (started, ran.returncode) == ("started", -signal.SIGKILL)
    while Path(f"/proc/{pid}").exists():  # The suite's time limit ends this where the worker does not.
        time.sleep(0.05)


def test_without_math_verify_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"redraft\[maths\]"):
        Maths()
