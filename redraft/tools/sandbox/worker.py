"""One sandboxed process as seen from outside: started, asked one program at a time, ended by its id.

What it is started with is a backend's; what runs in it, `inside`. Its pipes are read in a thread, so that it belongs to
no event loop.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple, Protocol

from redraft.tools.sandbox.base import Kind, Limits, Outcome, Program, Report, SandboxUnusable

INSIDE = Path(__file__).parent / "inside"
GRACE = 20.0
"""Seconds beyond a program's limits after which its worker counts as stuck."""
_LONGEST = 64 << 20


class Lost(Exception):
    """The worker ended, or said what it never says."""


class Started(NamedTuple):
    """A worker's process, with three pipes, and what to do when it has ended."""

    process: subprocess.Popen[bytes]
    clean: Callable[[], None] = lambda: None


class Backend(Protocol):
    """How a worker is started and kept in. `reusable` says that one may run a program after another."""

    name: str
    reusable: bool

    async def start(self, limits: Limits) -> Started:
        """A process that runs `inside.server`, for a first program within `limits`. Raises SandboxUnusable.

        It is started from the event loop's own thread: the kernel ends it with the thread that began it.
        """
        ...


class Worker:
    """A process that has been started. It runs one program at a time; after Lost it is of no more use."""

    def __init__(self, started: Started) -> None:
        self._process, self._clean = started
        self._begun = threading.Event()
        self.pid = self._process.pid

    @property
    def alive(self) -> bool:
        return self._begun.is_set() and self._process.poll() is None

    async def ready(self) -> None:
        """Wait until it can be asked. Raises SandboxUnusable where it never can."""
        if (why := await asyncio.to_thread(self._ready)) is not None:
            raise SandboxUnusable(why)

    def _ready(self) -> str | None:
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        timer = threading.Timer(GRACE, self._process.kill)
        timer.start()
        try:
            if self._process.stdout.read(1):
                return None
            said = self._process.stderr.read().decode("utf-8", "replace").strip()
            return said.splitlines()[-1][:300] if said else "it ended at once"
        finally:
            timer.cancel()
            self._begun.set()

    async def run(self, program: Program, limits: Limits) -> Report:
        """Raises Lost."""
        code = program.code.encode("utf-8", "surrogatepass")
        tests = json.dumps(program.tests).encode()
        asked = {"limits": asdict(limits), "entry_point": program.entry_point, "tests": len(program.tests)}
        head = json.dumps(asked).encode()
        lengths = b"".join(len(part).to_bytes(8, "big") for part in (head, code, tests))
        seconds = limits.total + limits.wall + GRACE
        raw, told, output = await asyncio.to_thread(self._ask, lengths + head + code + tests, seconds)
        try:
            return _report(json.loads(raw), told, output.decode("utf-8", "replace"), len(program.tests))
        except (ValueError, LookupError, TypeError) as error:
            raise Lost("it gave no report") from error

    def _ask(self, request: bytes, seconds: float) -> list[bytes]:
        assert self._process.stdin is not None
        timer = threading.Timer(seconds, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            self._process.stdin.write(request)
            self._process.stdin.flush()
            lengths = self._read(24)
            return [self._read(int.from_bytes(lengths[at : at + 8], "big")) for at in (0, 8, 16)]
        except (OSError, ValueError) as error:
            raise Lost(str(error)) from error
        finally:
            timer.cancel()

    def _read(self, size: int) -> bytes:
        assert self._process.stdout is not None
        if size > _LONGEST:
            raise Lost("it gave no report")
        data = self._process.stdout.read(size)
        if len(data) < size:
            raise Lost("it ended")
        return data

    async def close(self) -> None:
        """End the process and wait until it is gone."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._begun.wait(GRACE)  # Until it has set itself up, bubblewrap does not take its child along.
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            try:
                pipe.close()
            except BrokenPipeError:  # A request that the dead process never read.
                continue
        self._clean()


def _report(reply: dict[str, object], told: bytes, output: str, tests: int) -> Report:
    given = reply["tests"]
    if not isinstance(given, list):
        raise TypeError
    program = _outcome(reply["program"], told)
    outcomes = tuple(_outcome(each, told) for each in given[:tests])
    why = "the program itself failed" if not program.passed else "the time for all tests was used up"
    rest = (Outcome(Kind.NOT_RUN, why),) * (tests - len(outcomes))
    return Report(program, outcomes + rest, output)


def _outcome(said: object, told: bytes) -> Outcome:
    if not isinstance(said, dict):
        raise TypeError
    if "detail" in said:
        return Outcome(Kind(said["kind"]), str(said["detail"]))
    start, end = said["at"]
    return Outcome(Kind(said["kind"]), told[start:end].decode("utf-8", "replace"))
