"""One `coqidetop` process, asked in its XML protocol: sentences are added, states are gone back to, goals are read.

Protocol: Coq's `dev/doc/xml-protocol.md`, as of 8.16. What a proof is made of is in `session`.
"""

from __future__ import annotations

import asyncio
import contextlib
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from xml.sax.saxutils import escape

from redraft.tools.provers.base import Goal, ProverCrash, ProverTimeout
from redraft.tools.provers.coq.contained import Limits, Process, program, start

_OPTIONS = ["-q", "-main-channel", "stdfds", "-async-proofs", "off", "-w", "none"]
_END = b"</value>"
_LONGEST = 64 << 20
_ENTITIES = b'<!DOCTYPE reply [<!ENTITY nbsp "&#32;">]><reply>'


@dataclass(frozen=True, slots=True)
class Wrong:
    """An error: the message, and where in the sentence it is, in bytes; None where Coq does not say."""

    message: str
    place: tuple[int, int] | None = None


class Proofs(NamedTuple):
    """The proofs that are open, the innermost first, and what was said meanwhile."""

    open: tuple[str, ...]
    said: str = ""


class Idetop:
    """A process that is ready. After ProverCrash, or where a question was cancelled, it only has to be closed."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._asking = False
        self.pid = process.pid
        self.root = 0

    @classmethod
    async def start(
        cls,
        limits: Limits,
        *,
        options: tuple[str, ...] = (),
        files: dict[str, bytes] | None = None,
        unsafe: bool = False,
    ) -> Idetop:
        """Raises ProverMissing, SandboxUnusable, ProverCrash."""
        command = [*program("idetop"), *_OPTIONS, *options]
        top = cls(await start(command, limits, files=files, unsafe=unsafe))
        try:
            top.root = _state(await top._ask('<call val="Init"><option val="none"/></call>', 120))
        except BaseException:
            await top.close()
            raise
        return top

    @property
    def alive(self) -> bool:
        return self._process.alive and not self._asking

    async def add(self, sentence: str, tip: int, seconds: float) -> int | Wrong:
        """Add one sentence after the state `tip`: the new state, or why there is none. Some are not run until `run`."""
        text = f"<pair><string>{escape(sentence)}</string><int>-1</int></pair>"
        after = f'<pair><state_id val="{tip}"/><bool val="false"/></pair>'
        where = "<int>0</int></pair><pair><int>0</int><int>0</int></pair>"
        reply = await self._ask(f'<call val="Add"><pair><pair><pair>{text}{after}</pair>{where}</pair></call>', seconds)
        return _wrong(reply) or _state(reply)

    async def run(self, seconds: float) -> Proofs | Wrong:
        """Run what was added."""
        reply = await self._ask('<call val="Status"><bool val="false"/></call>', seconds)
        names = reply.findall("value/status/list")[1:]
        said = "\n".join(map(_text, reply.findall("feedback/feedback_content/message")))
        return _wrong(reply) or Proofs(tuple(name.text or "" for each in names for name in each), said)

    async def back(self, state: int) -> None:
        """Go back to `state`."""
        reply = await self._ask(f'<call val="Edit_at"><state_id val="{state}"/></call>', 60)
        if (wrong := _wrong(reply)) is not None:
            await self.close()
            raise ProverCrash(f"Coq does not go back: {wrong.message}")

    async def goals(self) -> tuple[Goal, ...]:
        """The goals in focus."""
        reply = await self._ask('<call val="Goal"><unit/></call>', 60)
        first = reply.find("value/option/goals/list")
        return tuple(_goal(each) for each in first) if first is not None else ()

    async def query(self, command: str, tip: int, seconds: float) -> str | Wrong:
        """What `command` prints in the state `tip`, comments on its progress left out."""
        asked = f'<pair><string>{escape(command)}</string><state_id val="{tip}"/></pair>'
        reply = await self._ask(f'<call val="Query"><pair><route_id val="0"/>{asked}</pair></call>', seconds)
        said = reply.findall("feedback/feedback_content/message")
        notices = [each for each in said if each[0].get("val") == "notice"]
        return _wrong(reply) or "\n".join(_text(each) for each in notices)

    async def close(self) -> None:
        """End it. May be called more than once."""
        await self._process.close()

    async def _ask(self, call: str, seconds: float) -> ET.Element:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        self._asking = True
        timed_out: list[bool] = []
        watchdog = asyncio.get_running_loop().call_later(seconds, _expire(process, timed_out))
        said = bytearray()
        try:
            with contextlib.suppress(ConnectionError):  # A dead process's reply is empty.
                process.stdin.write(call.encode("utf-8", "replace"))
                await process.stdin.drain()
            while said.find(_END, max(0, len(said) - (1 << 20) - len(_END))) < 0:
                if not (more := await process.stdout.read(1 << 20)) or len(said) > _LONGEST:
                    process.kill()
                    raise _lost(seconds) if timed_out else ProverCrash("Coq ended, or said too much")
                said += more
        finally:
            watchdog.cancel()
        self._asking = False
        return ET.fromstring(_ENTITIES + bytes(said) + b"</reply>")


def _lost(seconds: float) -> ProverTimeout:
    return ProverTimeout(f"Coq had to be ended after {seconds:g} s")


def _expire(process: Process, noted: list[bool]) -> Callable[[], None]:
    def expire() -> None:
        noted.append(True)
        process.kill()

    return expire


def _state(reply: ET.Element) -> int:
    found = reply.find("value//state_id")
    if found is None:
        raise ProverCrash(f"Coq speaks another protocol: {ET.tostring(reply, 'unicode')[:300]}")
    return int(found.get("val", "0"))


def _wrong(reply: ET.Element) -> Wrong | None:
    value = reply.find("value")
    if value is None or value.get("val") != "fail":
        return None
    start, end = value.get("loc_s"), value.get("loc_e")
    return Wrong(_text(value), (int(start), int(end)) if start and end else None)


def _goal(goal: ET.Element) -> Goal:
    _, hypotheses, conclusion, *_ = goal
    return Goal(tuple(_text(each) for each in hypotheses), _text(conclusion))


def _text(element: ET.Element) -> str:
    return "".join(element.itertext()).strip()
