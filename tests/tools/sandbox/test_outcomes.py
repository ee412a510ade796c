"""What is told of a program and of each of its tests."""

from __future__ import annotations

import asyncio

import pytest

from redraft.tools.sandbox import Kind, Limits, Pool, Program, Report

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHORT = Limits(cpu=1, wall=20)


async def run(pool: Pool, code: str, *tests: str, entry: str | None = None) -> Report:
    return await pool.run(Program(code, tests, entry), SHORT)


async def test_every_test_is_told_on_its_own(best: Pool) -> None:
    code = "def f(x):\n    if x == 7: return []\n    return x + 1"
    report = await run(best, code, "assert f(1) == 2", "assert f(1) == 3, 'no'", "assert f('a')", "assert f(7)", "g(1)")
    assert report.program.passed
    assert [test.kind for test in report.tests] == [
        Kind.PASSED,
        Kind.FAILED,
        Kind.EXCEPTION,
        Kind.FAILED,
        Kind.EXCEPTION,
    ]
    assert report.tests[1].detail == "assert f(1) == 3, 'no'\nleft: 2\nright: 3\nmessage: no"
    assert "line 3, in f\n    return x + 1" in report.tests[2].detail
    assert report.tests[2].detail.rstrip().endswith('TypeError: can only concatenate str (not "int") to str')
    assert report.tests[3].detail == "assert f(7)\nvalue: []"
    assert "NameError: name 'g' is not defined" in report.tests[4].detail


@pytest.mark.parametrize(
    ("code", "kind", "told"),
    [
        ("1 / 0", Kind.EXCEPTION, "ZeroDivisionError"),
        ("def f(:", Kind.EXCEPTION, "SyntaxError"),
        ("import sys; sys.exit(0)", Kind.EXCEPTION, "SystemExit"),
        ("import os; os._exit(0)", Kind.EXCEPTION, "exited with 0"),
        ("import os; os.abort()", Kind.EXCEPTION, "signal 6"),
        ("while True: pass", Kind.TIMED_OUT, "processor time"),
        ("x = bytearray(50 << 30)", Kind.OUT_OF_MEMORY, "MemoryError"),
        ("raise SystemError", Kind.EXCEPTION, "SystemError"),
        ("def f(): f()\nf()", Kind.EXCEPTION, "RecursionError"),
        ("x = " + "(" * 5000 + ")" * 5000, Kind.EXCEPTION, "nested"),
    ],
)
async def test_where_the_program_fails_no_test_is_run(best: Pool, code: str, kind: Kind, told: str) -> None:
    report = await run(best, code, "assert True", "assert True")
    assert (report.program.kind, report.passed) == (kind, False)
    assert told in report.program.detail
    assert [test.kind for test in report.tests] == [Kind.NOT_RUN] * 2


async def test_what_was_printed_is_shown_and_a_program_without_tests_is_the_main_one(best: Pool) -> None:
    report = await run(best, "if __name__ == '__main__':\n    print('hello')")
    assert (report.passed, report.output) == (True, "hello\n")


async def test_sleeping_is_ended_by_the_clock(best: Pool) -> None:
    report = await best.run(Program("import time\ntime.sleep(1000)", ("assert True",)), Limits(wall=0.5))
    assert report.program.kind is Kind.TIMED_OUT


async def test_the_time_of_all_tests_together_is_bounded(best: Pool) -> None:
    program = Program("def f():\n    import time\n    time.sleep(1000)", ("f()",) * 9)
    report = await best.run(program, Limits(wall=0.4, total=1.0))
    assert {test.kind for test in report.tests} == {Kind.TIMED_OUT, Kind.NOT_RUN}


async def test_a_test_may_use_classes_exceptions_callbacks_and_arguments_that_are_changed(best: Pool) -> None:
    code = """
import dataclasses
class Wrong(ValueError): pass
@dataclasses.dataclass
class Point:
    x: int
    def right(self): return Point(self.x + 1)
    def __add__(self, other): return Point(self.x + other.x)
def sort(things): things.sort()
def raises(): raise Wrong('bad')
def apply(function, *values): return [function(value) for value in values]
def count():
    yield from (1, 2, 3)
async def later(x): return x + 1
"""
    tests = (
        "assert Point(1).right().right() == Point(3) and Point(1).right().x == 2 and Point(1) + Point(2) == Point(3)",
        "assert isinstance(Point(1), Point) and str(Point(1)) == 'Point(x=1)'",
        "things = [3, 1, 2]\nsort(things)\nassert things == [1, 2, 3]",
        "try:\n    raises()\nexcept Wrong as error:\n    assert str(error) == 'bad'\nelse:\n    assert False",
        "import math\nassert apply(lambda x: x * 2, 1, 2) == [2, 4] and apply(math.sqrt, 4.0) == [2.0]",
        "assert list(count()) == [1, 2, 3] and 2 in count() and sum(count()) == 6",
        "import asyncio\nasync def main(): return await later(1)\nassert asyncio.run(main()) == 2",
    )
    report = await run(best, code, *tests)
    assert [(test.kind, test.detail) for test in report.tests] == [(Kind.PASSED, "")] * len(tests)


async def test_names_of_pythons_own_are_the_programs_only_as_the_entry_point(best: Pool) -> None:
    code = "def sum(a, b): return a + b"
    assert (await run(best, code, "assert sum(1, 2) == 3", entry="sum")).passed
    assert not (await run(best, code, "assert sum(1, 2) == 3")).passed


async def test_a_verdict_does_not_depend_on_what_else_is_running(best: Pool) -> None:
    programs = [Program(f"def f(x): return x + {n % 3}", ("assert f(1) == 2", "assert f(0) == 0")) for n in range(30)]
    alone = [await best.run(program) for program in programs[:3]]
    together = await asyncio.gather(*map(best.run, programs))
    assert together == alone * 10
