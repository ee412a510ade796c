"""One sandboxed process as seen from outside: started, asked one program at a time, ended by its id.

What it is started with is a backend's; what runs in it, `inside`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from redraft.tools.sandbox.base import Kind, Limits, Outcome, Program, Report

INSIDE = Path(__file__).parent / "inside"
GRACE = 20.0
"""Seconds beyond a program's limits after which its worker counts as stuck."""
LONGEST = 64 << 20
"""Bytes of the longest report."""


class Lost(Exception):
    """The worker ended, or said what it never says."""


class Backend(Protocol):
    """How a worker is started and kept in. `reusable` says that one may run a program after another."""

    name: str
    reusable: bool

    async def start(self) -> asyncio.subprocess.Process:
        """A process that runs `inside.server`. Raises SandboxUnusable."""
        ...


def server_command(python: str, folder: str, setup: dict[str, object]) -> list[str]:
    """The command that runs `inside.server`, whose package lies in `folder` in the sandbox."""
    code = f"import sys; sys.path.insert(0, {folder!r}); from inside.server import main; main(sys.argv[1])"
    return [python, "-s", "-S", "-P", "-B", "-c", code, json.dumps(setup)]


class Worker:
    """A process that has been started. It runs one program at a time; after Lost it is of no more use."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

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
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        transport = getattr(self._process, "_transport", None)
        if transport is not None:
            transport.close()

    def kill(self) -> None:
        """End the process, where its event loop is gone."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()


async def start(backend: Backend) -> Worker:
    """Raises SandboxUnusable."""
    return Worker(await backend.start())


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
