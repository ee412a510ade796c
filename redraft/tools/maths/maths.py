"""Equality of answers by math-verify, in warm processes that can be killed. What needs no algebra starts none.

Not `pebble` or `multiprocessing`: their workers run the caller's script again unless it is guarded by `__name__`, and
in a script of somebody else's that is model calls made twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from redraft.errors import MissingExtra
from redraft.tools.maths.equality import Equality, by_text

_SCRIPT = Path(__file__).with_name("worker.py")
_START = 120.0
"""Seconds that a worker may take to be ready on a busy machine."""


class Maths:
    """Says whether two answers are equal; any number of questions at once, in any event loop.

    A pair may take `seconds` of processor time and `megabytes` of address space, and ten times that wall time; one that
    takes more is undecided, which counts as not equal. At most `workers` processes run; they start when first needed.
    Raises MissingExtra where math-verify is not installed.
    """

    def __init__(self, *, workers: int = 0, seconds: float = 5.0, megabytes: int = 1024) -> None:
        if importlib.util.find_spec("math_verify") is None:
            raise MissingExtra("math-verify", "maths")
        self._limits = (seconds, megabytes)
        self._threads = ThreadPoolExecutor(workers or min(4, os.cpu_count() or 1), "redraft-maths")
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = False

    async def equal(self, one: str, other: str) -> Equality:
        """Whether the two are the same. Symmetric; never raises, whatever they hold."""
        if found := by_text(one, other):
            return found
        if self._closed:
            return _undecided("closed")
        # In one order, so that the order they came in decides nothing.
        pair = (one, other) if one < other else (other, one)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, *pair)

    async def equal_all(self, pairs: Iterable[tuple[str, str]], /) -> list[Equality]:
        """One for each pair, in order; the workers share them."""
        return await asyncio.gather(*(self.equal(one, other) for one, other in pairs))

    async def aclose(self) -> None:
        """End the workers; pairs under way become undecided. May be called more than once."""
        self._closed = True
        with self._lock:
            for worker in self._all:
                worker.kill()
        await asyncio.to_thread(self._threads.shutdown)
        for worker in self._all:
            worker.close()
        self._all.clear()

    def _ask(self, one: str, other: str) -> Equality:
        """In a thread: borrow a worker, or start one."""
        with self._lock:
            if self._closed:
                return _undecided("closed")
            worker = self._idle.pop() if self._idle else _Worker(*self._limits)
            self._all.add(worker)
        answer = worker.ask(one, other)
        with self._lock:
            if worker.alive:
                self._idle.append(worker)
            else:
                self._all.discard(worker)
                worker.close()
        return answer


class _Worker:
    """One process, one question at a time. Once not `alive` it only has to be closed."""

    def __init__(self, seconds: float, megabytes: int) -> None:
        # A process group of its own, so that Ctrl-C reaches the worker only through us.
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(_SCRIPT), str(seconds), str(megabytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )
        self._seconds = seconds
        self._ready = False
        self.alive = True

    def ask(self, one: str, other: str) -> Equality:
        """Never raises. Blocks for a bounded time."""
        if not self._ready and not self._line(_START):
            return _undecided("math-verify does not start")
        self._ready = True
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # A dead worker's reply is an empty line.
            self._process.stdin.write(json.dumps([one, other]).encode() + b"\n")
            self._process.stdin.flush()
        if not (line := self._line(10 * self._seconds)):
            return _undecided(f"not told within {self._seconds:g} s of processor time and the memory allowed")
        verdict = json.loads(line)
        return (
            Equality(verdict, "math-verify") if isinstance(verdict, bool) else Equality(False, verdict, decided=False)
        )

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):  # A line that the dead process never read.
                    pipe.close()

    def _line(self, seconds: float) -> bytes:
        """The next reply; empty, and the worker done with, where there is none in time."""
        assert self._process.stdout is not None
        poll = select.poll()
        poll.register(self._process.stdout, select.POLLIN)
        line: bytes = self._process.stdout.readline() if poll.poll(1000 * seconds) else b""
        self.alive = bool(line)
        return line


def _undecided(why: str) -> Equality:
    return Equality(False, f"undecided: {why}", decided=False)
