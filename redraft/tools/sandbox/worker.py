"""One sandboxed process as seen from outside: started, asked one program at a time, ended by its id.

What it is started with is a backend's; what runs in it, `inside`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple, Protocol

from redraft.tools.sandbox.base import Kind, Limits, Outcome, Program, Report

INSIDE = Path(__file__).parent / "inside"
GRACE = 20.0
"""Seconds beyond a program's limits after which its worker counts as stuck."""
LONGEST = 64 << 20
"""Bytes of the longest report."""


class Lost(Exception):
    """The worker ended, or said what it never says."""


class Started(NamedTuple):
    """A worker's process, and what to do when it has ended."""

    process: asyncio.subprocess.Process
    clean: Callable[[], None] = lambda: None


class Backend(Protocol):
    """How a worker is started and kept in. `reusable` says that one may run a program after another."""

    name: str
    reusable: bool

    async def start(self, limits: Limits) -> Started:
        """A process that runs `inside.server`, for a first program within `limits`. Raises SandboxUnusable."""
        ...


class Worker:
    """A process that has been started. It runs one program at a time; after Lost it is of no more use."""

    def __init__(self, started: Started) -> None:
        self._process, self._clean = started
        self.pid = self._process.pid

    async def run(self, program: Program, limits: Limits) -> Report:
        """Raises Lost."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {**asdict(program), "limits": asdict(limits)}
        try:
            async with asyncio.timeout(limits.total + limits.wall + GRACE):
                self._process.stdin.write(json.dumps(request).encode() + b"\n")
                await self._process.stdin.drain()
                line = await self._process.stdout.readline()
        except TimeoutError as error:
            raise Lost("it did not answer in time") from error
        except (OSError, ValueError) as error:
            raise Lost(str(error)) from error
        if not line.endswith(b"\n"):
            raise Lost("it ended")
        try:
            return _report(json.loads(line), len(program.tests))
        except (ValueError, LookupError, TypeError) as error:
            raise Lost("it gave no report") from error

    async def close(self) -> None:
        """End the process and wait until it is gone."""
        self.kill()
        await self._process.wait()
        await asyncio.to_thread(self._clean)

    def kill(self) -> None:
        """End the process. All that is left to do where its event loop is gone."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()


def _report(reply: dict[str, object], tests: int) -> Report:
    program, output = _outcome(reply["program"]), reply["output"]
    given = reply["tests"]
    if not isinstance(given, list) or not isinstance(output, str):
        raise TypeError
    outcomes = tuple(map(_outcome, given[:tests]))
    why = "the program itself failed" if not program.passed else "the time for all tests was used up"
    rest = (Outcome(Kind.NOT_RUN, why),) * (tests - len(outcomes))
    return Report(program, outcomes + rest, output)


def _outcome(said: object) -> Outcome:
    if not isinstance(said, dict):
        raise TypeError
    return Outcome(Kind(said["kind"]), str(said["detail"]))
