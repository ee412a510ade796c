"""The first process in the sandbox: it starts, watches and ends a pair of processes for each test.

Requests and reports are lines of JSON on its standard input and output. It runs nothing of the program's or the test's,
and it ends when its input does.
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

USUAL = (
    *("typing", "math", "re", "collections", "heapq", "itertools", "functools", "string", "random", "datetime", "json"),
    *("copy", "bisect", "operator", "hashlib", "statistics", "decimal", "fractions", "dataclasses", "enum", "abc"),
)
"""Modules that programs import and that are here before any begins; a program still has to import them to see them."""
SHOWN = 4000
"""Bytes of the program's output that are reported."""


@dataclass(frozen=True)
class Place:
    """What the backend gave: the programs' folder; two users for the test and the program (None: there is only this
    one); whether all of this is the server's own, so that it may mount over the folder and end every process it sees;
    whether a process may hide its memory from others."""

    folder: str
    users: tuple[int, int] | None
    own: bool
    hide: bool


Verdict = tester.Verdict
Reply = dict[str, Any]
LOADED: Verdict = {"of": "program", "kind": "passed", "detail": ""}


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
    filter_calls()
    gc.collect()
    gc.freeze()
    waiting = b""
    while piece := os.read(0, 1 << 20):
        waiting += piece
        while b"\n" in waiting:
            line, _, waiting = waiting.partition(b"\n")
            data = memoryview(json.dumps(_answer(json.loads(line), place)).encode() + b"\n")
            while data:
                data = data[os.write(replies, data) :]


def _answer(request: dict[str, Any], place: Place) -> Reply:
    limits = request["limits"]
    ends = time.monotonic() + limits["total"]
    reply: Reply = {"program": {"kind": "passed", "detail": ""}, "tests": [], "output": ""}
    for number, test in enumerate(request["tests"] or [None]):
        seconds = min(limits["wall"], ends - time.monotonic())
        if seconds <= 0:
            break
        verdict, output = Trial(request, test, place).run(seconds)
        if number == 0:
            reply["output"] = output[:SHOWN].decode("utf-8", "replace")
            if verdict["of"] == "program":
                reply["program"] = verdict
                break
        reply["tests"].append(verdict)
    return reply


class Trial:
    """One test of one program."""

    def __init__(self, request: dict[str, Any], test: str | None, place: Place) -> None:
        self._request = request
        self._limits = request["limits"]
        self._test = test
        self._place = place
        self._output = b""
        self._printed = 0
        self._said = b""

    def run(self, seconds: float) -> tuple[dict[str, str], bytes]:
        """The verdict and the beginning of what was printed. Nothing of the trial is left when this returns."""
        if self._place.own:
            os.chdir("/")
            empty_folder(self._place.folder, self._limits["disk"])
        os.chdir(self._place.folder)
        near, far = socket.socketpair()
        verdicts, verdict_in = os.pipe()
        printed, print_in = os.pipe()
        os.set_blocking(printed, False)
        for_test, for_program = self._place.users or (None, None)
        first = self._fork(lambda: self._program(for_program, print_in, far), {far.fileno(), print_in})
        second = self._fork(lambda: self._tester(for_test, verdict_in, near), {near.fileno(), verdict_in})
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
            self._read(printed)
        os.close(verdicts)
        os.close(printed)
        return self._verdict(why, death), self._output

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
        confine(self._limits, user, self._place.hide)
        sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        code, main = self._request["code"], self._test is None
        del self._request, self._test  # What the test expects is not for the program's eyes.
        program.serve(program.new_wire(channel), code, main)

    def _tester(self, user: int | None, out: int, channel: socket.socket) -> None:
        confine(self._limits, user, self._place.hide)

        def tell(verdict: tester.Verdict) -> None:
            detail = verdict["detail"]
            cut = detail if len(detail) <= SHOWN else f"{detail[: SHOWN // 2]} [...] {detail[-SHOWN // 2 :]}"
            os.write(out, json.dumps({**verdict, "detail": cut}).encode() + b"\n")

        wire = tester.new_wire(channel)
        if (failure := tester.started(wire)) is not None:
            tell(failure)
            return
        tell(LOADED)
        if self._test is not None:
            tell(tester.judge(wire, self._test, self._request["entry_point"]))

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
                    continue
                piece = os.read(each, 1 << 16)
                if each == verdicts:
                    if not piece:
                        return ""
                    self._said += piece
                elif not piece:
                    poll.unregister(printed)
                else:
                    self._printed += len(piece)
                    self._output += piece[: max(0, SHOWN - len(self._output))]
                    if self._printed > self._limits["output"]:
                        return "too_much_output"
        return "timed_out"

    def _read(self, printed: int) -> None:
        """What is left in the pipe."""
        with contextlib.suppress(BlockingIOError):
            while len(self._output) < SHOWN and (piece := os.read(printed, SHOWN)):
                self._output += piece

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
        said = self._said.splitlines()
        of = "test" if said else "program"
        if why == "timed_out":
            return {"of": of, "kind": why, "detail": "it did not end in time"}
        if why:
            return {"of": of, "kind": why, "detail": f"it printed more than {self._limits['output']} bytes"}
        if not said or (self._test is not None and json.loads(said[-1]) == LOADED):
            return {"of": of, "kind": "exception", "detail": "the test ended its own process"}
        verdict: Verdict = json.loads(said[-1])
        if verdict["kind"] != "gone":
            return verdict
        told = {"kind": "exception", "detail": f"the program broke off: {verdict['detail']}"}
        return {"of": verdict["of"], **(death or told)}


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
