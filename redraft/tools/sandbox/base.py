"""What a sandbox is: it runs a program that a model wrote, with tests, and says what came of each.

How a program is kept in belongs in a backend's file; what a verdict makes of a report, in `redraft.verifiers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from redraft.errors import RedraftError


class SandboxUnusable(RedraftError):
    """No sandbox works on this machine, or the one there was cannot be started again."""


class Kind(StrEnum):
    """What came of a program, or of one of its tests."""

    PASSED = "passed"
    """It ran to its end; of a test: and all that it asserts held."""
    FAILED = "failed"
    """An assertion of the test did not hold."""
    EXCEPTION = "exception"
    """It raised, exited, or was ended by a signal of its own making."""
    TIMED_OUT = "timed_out"
    """It used up its processor or wall time."""
    OUT_OF_MEMORY = "out_of_memory"
    """It wanted more memory than it may have."""
    TOO_MUCH_OUTPUT = "too_much_output"
    """It printed more than it may."""
    NOT_RUN = "not_run"
    """It was not begun: the program itself failed, or the time of all tests was used up."""
    LOST = "lost"
    """The sandbox ended under it, so that nothing is known."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What each test of a program may use, the program's own start included. Times in seconds, sizes in bytes.

    `cpu` and `memory` (address space) are each process's; `processes` counts threads too, so that a program has at most
    `processes * memory`. `disk` is its folder, in memory. `total` is wall time for all tests of a program together.
    A program may print `output`, of which the first `shown` are reported.
    """

    cpu: int = 10
    wall: float = 15.0
    total: float = 120.0
    memory: int = 1 << 30
    output: int = 1 << 20
    shown: int = 4000
    processes: int = 16
    disk: int = 32 << 20
    files: int = 128


@dataclass(frozen=True, slots=True)
class Program:
    """A Python program, and the tests to run after it: each on its own, in a fresh start of the program.

    `entry_point` is the name that a test calls. It is the program's even where Python has a function of that name; all
    other names of Python's own are Python's in a test, whatever the program makes of them.
    """

    code: str
    tests: tuple[str, ...] = ()
    entry_point: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a program or a test. `detail` is the failed assertion with its values, or the traceback; short."""

    kind: Kind
    detail: str = ""

    @property
    def passed(self) -> bool:
        return self.kind is Kind.PASSED


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a program: of its own start, and of each test in order. `output` is the beginning of what it
    printed during the first run."""

    program: Outcome
    tests: tuple[Outcome, ...] = ()
    output: str = ""

    @property
    def passed(self) -> bool:
        """Whether the program ran and every test passed."""
        return self.program.passed and all(test.passed for test in self.tests)


class Sandbox(Protocol):
    """Runs programs, any number of them at once."""

    @property
    def name(self) -> str: ...

    async def run(self, program: Program, limits: Limits = ...) -> Report:
        """Run `program` and its tests. Raises SandboxUnusable; whatever the program does is in the report."""
        ...

    async def aclose(self) -> None:
        """End every process. May be called more than once."""
        ...
