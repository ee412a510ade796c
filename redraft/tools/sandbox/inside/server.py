"""The first process in the sandbox: it starts, watches and ends a pair of processes for each test.

It runs nothing of the program's or the test's, and it ends when its standard input does. Code, tests and what is told
of them pass through it unread (`held`): a program is a copy of this process, and finds neither what its test expects
nor anything of the programs before it.

A request is three lengths (of 8 bytes each), then limits and names as JSON, then the code, then the tests as JSON. A
report is three lengths, then kinds as JSON with places in the text that follows, then that text, then the output.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import program, tester
from .confine import close_all_but, confine, empty_folder, filter_calls
from .held import Held

USUAL = (
    *("typing", "math", "re", "collections", "heapq", "itertools", "functools", "string", "random", "datetime", "json"),
    *("copy", "bisect", "operator", "hashlib", "statistics", "decimal", "fractions", "dataclasses", "enum", "abc"),
)
"""Modules that programs import and that are here before any begins; a program still has to import them to see them."""
SHOWN = 4000
"""Bytes of what is told of one test that are reported."""

Verdict = dict[str, Any]
"""`of` (program or test), `kind`, and `detail`; or in place of that `at`, where it stands in the text."""


@dataclass(frozen=True)
class Place:
    """What the backend gave: the programs' folder; two users for the test and the program (None: there is only this
    one); whether all of this is the server's own, so that it may mount over the folder and end every process it sees;
    whether a process may hide its memory from others."""

    folder: str
    users: tuple[int, int] | None
    own: bool
    hide: bool


@dataclass(frozen=True)
class Passing:
    """What passes through: the code, the tests, what is told of them, and what the program printed at first."""

    code: Held
    tests: Held
    told: Held
    output: Held


def main(setup: str) -> None:
    """Answer requests until there are no more."""
    given = json.loads(setup)
    place = Place(given["folder"], tuple(given["users"]) if given["users"] else None, given["own"], given["hide"])
    for each in USUAL:
        importlib.import_module(each)
    replies = os.dup(1)
    nothing = os.open("/dev/null", os.O_RDWR)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    sys.set_int_max_str_digits(0)
    passing = Passing(*(Held(place.folder) for _ in range(4)))
    filter_calls()
    gc.collect()
    gc.freeze()
    os.write(replies, b"!")  # Ready.
    while lengths := _read(24):
        head, code, tests = (int.from_bytes(lengths[at : at + 8], "big") for at in (0, 8, 16))
        request = json.loads(_read(head))
        for held in (passing.code, passing.tests, passing.told, passing.output):
            held.clear()
        if not (passing.code.take(0, code) and passing.tests.take(0, tests)):
            return
        reply = json.dumps(_answer(request, passing, place)).encode()
        sizes = (len(reply), passing.told.size, passing.output.size)
        _write(replies, b"".join(size.to_bytes(8, "big") for size in sizes) + reply)
        passing.told.send(replies)
        passing.output.send(replies)


def _answer(request: dict[str, Any], passing: Passing, place: Place) -> dict[str, Any]:
    limits = request["limits"]
    ends = time.monotonic() + limits["total"]
    program: Verdict = {"kind": "passed", "detail": ""}
    tests: list[Verdict] = []
    for number in range(max(1, request["tests"])):
        seconds = min(limits["wall"], ends - time.monotonic())
        if seconds <= 0:
            break
        trial = Trial(number if request["tests"] else None, request["entry_point"], limits, passing, place)
        verdict = trial.run(seconds)
        if number == 0 and verdict["of"] == "program":
            program = verdict
            break
        tests.append(verdict)
    return {"program": program, "tests": tests}


class Trial:
    """One test of one program; None: the program alone."""

    def __init__(
        self, test: int | None, entry_point: str | None, limits: dict[str, Any], passing: Passing, place: Place
    ) -> None:
        self._test = test
        self._entry_point = entry_point
        self._limits = limits
        self._passing = passing
        self._place = place
        self._said = b""
        self._printed = 0

    def run(self, seconds: float) -> Verdict:
        """The verdict. Nothing of the trial is left when this returns."""
        if self._place.own:
            os.chdir("/")
            empty_folder(self._place.folder, self._limits["disk"])
        os.chdir(self._place.folder)
        near, far = socket.socketpair()
        verdicts, verdict_in = os.pipe()
        printed, print_in = os.pipe()
        os.set_blocking(printed, False)
        passing = self._passing
        for_test, for_program = self._place.users or (None, None)
        first = self._fork(lambda: self._program(for_program, print_in, far), {far.fileno(), print_in, passing.code.fd})
        second = self._fork(
            lambda: self._tester(for_test, verdict_in, near),
            {near.fileno(), verdict_in, passing.tests.fd, passing.told.fd},
        )
        near.close()
        far.close()
        os.close(verdict_in)
        os.close(print_in)
        death = None
        try:
            why = self._watch(verdicts, printed, seconds)
            if not why and b'"gone"' in self._said:
                death = _ended(first, self._limits["cpu"])
        finally:
            self._end_all(first, second)
        if not why:
            self._take(printed)
        os.close(verdicts)
        os.close(printed)
        return self._verdict(why, death)

    def _fork(self, body: Callable[[], None], kept: set[int]) -> int:
        pid = os.fork()
        if pid:
            return pid
        code = 1
        try:
            os.setsid()
            close_all_but({0, 1, 2} | kept)
            nothing = os.open("/dev/null", os.O_RDONLY)
            os.dup2(nothing, 0)
            os.close(nothing)
            body()
            code = 0
        finally:
            os._exit(code)

    def _program(self, user: int | None, out: int, channel: socket.socket) -> None:
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.close(out)
        code = self._passing.code.read().decode("utf-8", "surrogatepass")
        os.close(self._passing.code.fd)
        confine(self._limits, user, self._place.hide)
        sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        program.serve(program.new_wire(channel), code, self._test is None)

    def _tester(self, user: int | None, out: int, channel: socket.socket) -> None:
        tests = json.loads(self._passing.tests.read())
        os.close(self._passing.tests.fd)
        confine(self._limits, user, self._place.hide)

        def tell(verdict: tester.Verdict) -> None:
            detail = verdict["detail"].encode("utf-8", "replace")
            shown = detail if len(detail) <= SHOWN else detail[: SHOWN // 2] + b" [...] " + detail[-SHOWN // 2 :]
            at = [self._passing.told.size, self._passing.told.size + len(shown)]
            self._passing.told.add(shown)
            os.write(out, json.dumps({"of": verdict["of"], "kind": verdict["kind"], "at": at}).encode() + b"\n")

        wire = tester.new_wire(channel)
        if (failure := tester.started(wire)) is not None:
            tell(failure)
            return
        tell({"of": "program", "kind": "passed", "detail": ""})
        if self._test is not None:
            tell(tester.judge(wire, tests[self._test], self._entry_point))

    def _watch(self, verdicts: int, printed: int, seconds: float) -> str:
        """Until the tester has ended; why it was cut short, or empty."""
        ends = time.monotonic() + seconds
        poll = select.poll()
        for each in (verdicts, printed, 0):
            poll.register(each, select.POLLIN)
        while (left := ends - time.monotonic()) > 0:
            for each, event in poll.poll(left * 1000):
                if each == 0:
                    if event & (select.POLLHUP | select.POLLERR):
                        os._exit(0)
                    poll.unregister(0)  # The next request: it has to wait.
                elif each == verdicts:
                    if not (piece := os.read(verdicts, 1 << 16)):
                        return ""
                    self._said += piece
                elif not self._take(printed):
                    poll.unregister(printed)
                elif self._printed > self._limits["output"]:
                    return "too_much_output"
        return "timed_out"

    def _take(self, printed: int) -> bool:
        """Take what was printed, unread; whether there may be more. The beginning of the first test's is kept."""
        output = self._passing.output
        left = 0 if self._test else self._limits["shown"] - output.size
        try:
            if left > 0:
                took = os.splice(printed, output.fd, left, offset_dst=output.size)
            else:
                took = os.splice(printed, 2, 1 << 16)  # Standard error, which is /dev/null here.
        except BlockingIOError:
            return True
        self._printed += took
        return took > 0

    def _end_all(self, *started: int) -> None:
        """Every process, whoever started it, is ended and gone when this returns."""
        ends = [-1] if self._place.own else [each for pid in started for each in (pid, -pid)]
        while True:
            for pid in ends:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            try:
                os.wait()
            except ChildProcessError:
                return

    def _verdict(self, why: str, death: Verdict | None) -> Verdict:
        said = [json.loads(line) for line in self._said.splitlines()]
        of = "test" if said else "program"
        if why == "timed_out":
            return {"of": of, "kind": why, "detail": "it did not end in time"}
        if why:
            return {"of": of, "kind": why, "detail": f"it printed more than {self._limits['output']} bytes"}
        if len(said) != 1 + (self._test is not None) and not (said and said[0]["kind"] != "passed"):
            return {"of": of, "kind": "exception", "detail": "the test ended its own process"}
        verdict: Verdict = said[-1]
        if verdict["kind"] == "gone":
            return {**verdict, **(death or {"kind": "exception"})}
        return verdict


def _read(size: int) -> bytes:
    """Exactly `size` bytes of standard input, empty where it has ended."""
    data = b""
    while len(data) < size:
        if not (piece := os.read(0, size - len(data))):
            return b""
        data += piece
    return data


def _write(target: int, data: bytes) -> None:
    while data:
        data = data[os.write(target, data) :]


def _ended(pid: int, cpu: int) -> Verdict | None:
    """How the program's process ended, if it does so in a tenth of a second."""
    for _ in range(20):
        found, status, usage = os.wait4(pid, os.WNOHANG)
        if not found:
            time.sleep(0.005)
            continue
        if not os.WIFSIGNALED(status):
            code = os.WEXITSTATUS(status)
            return {"kind": "exception", "detail": f"the program exited with {code} before the test was over"}
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU or (number == signal.SIGKILL and usage.ru_utime + usage.ru_stime >= cpu):
            return {"kind": "timed_out", "detail": f"it used up its {cpu} s of processor time"}
        return {"kind": "exception", "detail": f"the program was ended by signal {number}"}
    return None
