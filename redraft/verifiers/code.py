"""Whether a program passes its tests: those that its task shows, or hidden ones, run in a sandbox.

How a program is contained and judged is `redraft.tools.sandbox`'s; here are the tests, and what they say of a draft.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import model_validator

from redraft.agents.parsing.code import parse_code
from redraft.errors import ConfigError
from redraft.schema import CodeTask, Draft, Failure, Missing, Signal, Task, Unparsed, Verdict
from redraft.tools.sandbox import Kind as Came
from redraft.tools.sandbox import Limits, Outcome, Program, Report, Sandbox, SandboxUnusable
from redraft.tools.sandbox.on_demand import OnDemand
from redraft.verifiers.base import AnyVerifier
from redraft.verifiers.gold import Row, gold_of, read_gold
from redraft.verifiers.kind import Kind, OpenModel, Options, read_options

Open = Callable[[str, OpenModel], AnyVerifier]

UNSAFE = "REDRAFT_UNSAFE_PROGRAMS"
"""The environment variable that, set to `yes`, has programs run where no sandbox works."""


class CodeGold(Row):
    """A line of gold: `specification`, and `tests` (each a test of its own) or one `test`, or both.

    A `test` that defines `check(candidate)` and does not call it, as in HumanEval, is called with `entry_point`.
    `setup` is code to run before the program, such as the imports that a data set takes for granted.
    """

    tests: tuple[str, ...] = ()
    test: str | None = None
    entry_point: str | None = None
    setup: str = ""

    @model_validator(mode="after")
    def _some(self) -> CodeGold:
        if not self.all:
            raise ValueError("neither 'tests' nor 'test' is there")
        return self

    @property
    def all(self) -> tuple[str, ...]:
        """Every test."""
        return self.tests if self.test is None else (*self.tests, self._called(self.test))

    def _called(self, test: str) -> str:
        try:
            body = ast.parse(test).body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise ValueError(f"'test' is no Python: {error}") from error
        defined = any(isinstance(part, ast.FunctionDef) and part.name == "check" for part in body)
        called = any(isinstance(part, ast.Expr) and isinstance(part.value, ast.Call) for part in body)
        if not defined or called:
            return test
        if self.entry_point is None:
            raise ValueError("'test' defines check(candidate), and there is no 'entry_point' to call it with")
        return f"{test}\ncheck({self.entry_point})\n"


class _Tested:
    """What both verifiers do: read the program, run it, say how it went."""

    name: str
    signal: Signal

    def __init__(self, sandbox: Sandbox | None, limits: Limits | None, unsafe: bool, packages: bool) -> None:
        self._sandbox = sandbox or OnDemand(unsafe=unsafe, packages=packages)
        self._given = sandbox is not None
        self._limits = limits or Limits()

    async def _judge(self, draft: Draft, setup: str, tests: tuple[str, ...], entry: str | None) -> Verdict | Missing:
        code = parse_code(draft.text, entry)
        if isinstance(code, Unparsed):
            return code
        try:
            program = Program(f"{setup}\n{code}" if setup else code, tests, entry)
            report = await self._sandbox.run(program, self._limits)
        except SandboxUnusable as error:
            return Failure(cause="sandbox_unusable", message=str(error))
        if lost := next((each for each in (report.program, *report.tests) if each.kind is Came.LOST), None):
            return Failure(cause="sandbox_lost", message=lost.detail)
        passed = sum(each.passed for each in report.tests)
        return Verdict(
            verifier=self.name,
            signal=self.signal,
            score=passed / len(tests),
            passed=report.passed,
            evidence=evidence(tests, report),
        )

    async def aclose(self) -> None:
        """End the sandbox, unless it was given."""
        if not self._given:
            await self._sandbox.aclose()


class VisibleTests(_Tested):
    """The share of the task's own tests (`CodeTask.tests`) that a draft passes, run in a sandbox.

    The draft is a program or a reply with one in it. It passes where every test does. Evidence is the first test that
    does not, with the assertion and its values, or the traceback. Failure where no sandbox works here, unless `unsafe`.
    With `packages` a program may import what is installed beside redraft. A `sandbox` that is given is not closed.
    """

    name = "tests"
    signal: Signal = "tool"

    def __init__(
        self,
        sandbox: Sandbox | None = None,
        limits: Limits | None = None,
        *,
        unsafe: bool = False,
        packages: bool = False,
    ) -> None:
        super().__init__(sandbox, limits, unsafe, packages)

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """Failure for a task without tests; Unparsed for a draft without a program."""
        if isinstance(task, CodeTask) and not task.tests:
            return Failure(cause="no_tests", message="the task brings no tests")
        if (wrong := _not_python(self.name, task)) is not None:
            return wrong
        assert isinstance(task, CodeTask)
        return await self._judge(draft, "", task.tests, task.entry_point)


class HiddenTests(_Tested):
    """The share of a task's hidden tests that a draft passes, run in a sandbox.

    `tests` maps a task's specification to its tests, which neither task nor draft ever see. Otherwise as
    `VisibleTests`.
    """

    name = "hidden-tests"
    signal: Signal = "oracle"

    def __init__(
        self,
        tests: Mapping[str, CodeGold],
        sandbox: Sandbox | None = None,
        limits: Limits | None = None,
        *,
        unsafe: bool = False,
        packages: bool = False,
    ) -> None:
        super().__init__(sandbox, limits, unsafe, packages)
        self._tests = dict(tests)

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """Failure for a task without gold; Unparsed for a draft without a program."""
        if (wrong := _not_python(self.name, task)) is not None:
            return wrong
        if isinstance(gold := gold_of(task, self._tests), Failure):
            return gold
        return await self._judge(draft, gold.setup, gold.all, gold.entry_point or getattr(task, "entry_point", None))


def evidence(tests: tuple[str, ...], report: Report) -> str:
    """What a person or a refiner can act on: how many tests passed, and the first that did not, with its values."""
    if not report.program.passed:
        return f"The program did not run: {_told(report.program)}"
    passed = sum(each.passed for each in report.tests)
    count = f"{passed} of {len(tests)} tests passed."
    for test, outcome in zip(tests, report.tests, strict=True):
        if not outcome.passed:
            # A failed assertion is told whole; the test around it is often a hundred lines.
            shown = "" if outcome.kind is Came.FAILED else f"{_cut(test.strip(), 400)}\n"
            return f"{count} The first that did not:\n{shown}{_told(outcome)}"
    return count


def _told(outcome: Outcome) -> str:
    return f"{outcome.kind.replace('_', ' ')}\n{_cut(outcome.detail.strip(), 1200)}".strip()


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most // 2]}\n[...]\n{text[-most // 2 :]}"


def _not_python(name: str, task: Task) -> Failure | None:
    if not isinstance(task, CodeTask):
        return Failure(cause="wrong_task", message=f"{name} judges programs only")
    if task.language.lower() not in {"python", "python3", "py"}:
        return Failure(cause="wrong_language", message=f"{name} runs Python, not {task.language}")
    return None


def may_run_unsafe() -> bool:
    """Whether `REDRAFT_UNSAFE_PROGRAMS` says so. Raises ConfigError for anything but yes and no."""
    said = os.environ.get(UNSAFE, "no")
    if said not in {"yes", "no"}:
        raise ConfigError(f"{UNSAFE} is {said!r}; it may be yes or no")
    return said == "yes"


def _kind(name: str, argument: str, signal: Signal, about: str, needs: str, open: Open) -> Kind:
    return Kind(
        name=name,
        argument=argument,
        judges="draft",
        signal=signal,
        about=about,
        needs=needs,
        cost="no call; some 10 ms a test",
        source="Chen et al., arXiv 2107.03374 (functional correctness)",
        open=open,
        tasks=frozenset({"code"}),
    )


class CodeOptions(Options):
    """`packages`: whether a program may import what is installed beside redraft."""

    packages: bool = False


def _open_visible(argument: str, _: OpenModel) -> VisibleTests:
    path, options = read_options(argument, CodeOptions)
    if path:
        raise ConfigError(f"'tests:{path}': the tests are the task's; hidden-tests:FILE reads a file")
    return VisibleTests(unsafe=may_run_unsafe(), packages=options.packages)


def _open_hidden(argument: str, _: OpenModel) -> HiddenTests:
    path, options = read_options(argument, CodeOptions)
    return HiddenTests(read_gold(Path(path), CodeGold), unsafe=may_run_unsafe(), packages=options.packages)


KINDS = (
    _kind(
        "tests",
        "[?packages=true]",
        "tool",
        "the program passes the tests that its task shows",
        "redraft[sandbox]; tasks with tests",
        _open_visible,
    ),
    _kind(
        "hidden-tests",
        "TESTS.jsonl[?packages=true]",
        "oracle",
        "the program passes hidden tests",
        "redraft[sandbox]; lines with specification and tests, or test and entry_point",
        _open_hidden,
    ),
)
