"""No program passes but by right answers: whatever it does to itself, its verdict is made where it cannot reach."""

from __future__ import annotations

import pytest

from redraft.tools.sandbox import Kind, Limits, Pool, Program
from redraft.tools.sandbox.bare import Bare
from tests.tools.sandbox.forgeries import AS_ANSWER, AT_START, TESTS, WRONG

pytestmark = pytest.mark.asyncio(loop_scope="session")

LIMITS = Limits(cpu=1, wall=20, memory=512 << 20, processes=8)


@pytest.mark.parametrize("name", AT_START)
async def test_what_a_program_does_before_it_is_tested_makes_no_pass(best: Pool, name: str) -> None:
    report = await best.run(
        Program(AT_START[name] + "\n" + (WRONG if "def f" not in AT_START[name] else ""), TESTS), LIMITS
    )
    assert not any(test.passed for test in report.tests), report
    assert all(test.detail for test in report.tests)


@pytest.mark.parametrize("name", AS_ANSWER)
async def test_no_answer_but_the_right_one_passes(best: Pool, name: str) -> None:
    report = await best.run(Program(AS_ANSWER[name], TESTS), LIMITS)
    assert not any(test.passed for test in report.tests), report
    assert all(test.detail for test in report.tests)


async def test_the_right_answer_passes_the_same_tests(best: Pool) -> None:
    assert (await best.run(Program("def f(x): return x * x", TESTS), LIMITS)).passed


@pytest.mark.parametrize("name", ["exits 0", "prints a report", "equals everything"])
async def test_a_verdict_is_as_honest_without_a_sandbox(name: str) -> None:
    code = {**AT_START, **AS_ANSWER}[name]
    pool = Pool(Bare(), size=1)
    report = await pool.run(Program(code if "def f" in code else code + WRONG, TESTS), LIMITS)
    await pool.aclose()
    assert not any(test.passed for test in report.tests), report


@pytest.mark.parametrize(
    "test",
    [
        "try:\n    assert f(2) == 4\nexcept BaseException:\n    raise",
        "try:\n    f(2)\nexcept Exception:\n    pass",
        "try:\n    f(2)\nexcept:\n    pass",
        "import contextlib\nwith contextlib.suppress(BaseException): f(2)",
    ],
)
async def test_a_program_that_ends_is_no_pass_even_where_the_test_swallows_everything(best: Pool, test: str) -> None:
    report = await best.run(Program("import os\ndef f(x): os._exit(0)", (test,)), LIMITS)
    assert report.tests[0].kind is Kind.EXCEPTION
    assert "exited with 0" in report.tests[0].detail


@pytest.mark.parametrize(
    "test", ["import os\nos._exit(0)", "import sys\nsys.exit(0)", "raise SystemExit", "assert f(2) =="]
)
async def test_a_test_that_does_not_end_is_no_pass_either(best: Pool, test: str) -> None:
    report = await best.run(Program("def f(x): return 4", (test,)), LIMITS)
    assert report.tests[0].kind is Kind.EXCEPTION


async def test_where_a_test_asks_only_the_programs_own_things_the_program_answers(best: Pool) -> None:
    """The limit of it: here no value of the test's is compared with anything."""
    code = "class Same:\n    def __eq__(self, other): return True\ndef f(x): return Same()"
    report = await best.run(
        Program(code, ("assert f(1) == f(2)", "assert f(1)", "assert f(1) == 1", "assert 1 == f(1)"))
    )
    assert [test.kind for test in report.tests] == [Kind.PASSED, Kind.PASSED, Kind.FAILED, Kind.FAILED]
