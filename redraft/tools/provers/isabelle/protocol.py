"""The protocol of `isabelle server`: a line for each message, or its length in bytes and then the message.

Isabelle's System Manual, chapter 4. One command at a time; who listens at the other end is `server`'s to say.
"""

from __future__ import annotations

import asyncio
import json
import re

from redraft.tools.provers.base import ProverCrash

_MESSAGE = re.compile(r"(OK|ERROR|NOTE|FINISHED|FAILED)(?: (.*))?\s*", re.DOTALL)
_MOST = 256 << 20


class Refused(Exception):
    """The server answered ERROR or FAILED, in these words."""


class Connection:
    """A conversation with a server, one command at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def greeted(self, password: str | None) -> None:
        """Give the password, if one is asked for, and wait for the server's greeting. Raises ProverCrash, Refused.

        A server on pipes may say where it listens before that.
        """
        if password is not None:
            await self._send(password)
        while True:
            if found := _MESSAGE.fullmatch(await self._line()):
                if found[1] == "OK":
                    return
                raise Refused(found[2] or found[1])

    async def ask(self, command: str, arguments: object) -> dict[str, object]:
        """What came of `command`: where it runs as a task, what the task ended with. Raises ProverCrash, Refused."""
        await self._send(f"{command} {json.dumps(arguments)}")
        kind, body = await self._message()
        while kind == "NOTE":
            kind, body = await self._message()
        if kind == "OK" and "task" in body:
            task = body["task"]
            while kind not in ("FINISHED", "FAILED") or body.get("task") != task:
                kind, body = await self._message()
        if kind in ("ERROR", "FAILED"):
            raise Refused(str(body.get("message", body)))
        return body

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            return

    async def _send(self, line: str) -> None:
        content = line.encode("utf-8", "replace")
        try:
            self._writer.write(content + b"\n" if len(content) < 100 else b"%d\n%b" % (len(content), content))
            await self._writer.drain()
        except OSError as error:
            raise ProverCrash(f"Isabelle's server is gone: {error}") from error

    async def _message(self) -> tuple[str, dict[str, object]]:
        text = await self._line()
        if (found := _MESSAGE.fullmatch(text)) is None:
            raise ProverCrash(f"Isabelle's server says what is no message: {text[:200]!r}")
        try:
            body = json.loads(found[2]) if found[2] else {}
        except ValueError as error:
            raise ProverCrash(f"Isabelle's server says what is no JSON: {text[:200]!r}") from error
        return found[1], body if isinstance(body, dict) else {"message": body}

    async def _line(self) -> str:
        try:
            line = await self._reader.readuntil(b"\n")
            if (length := line.strip()).isdigit():
                if int(length) > _MOST:
                    raise ProverCrash(f"a message of {int(length)} bytes from Isabelle's server")
                line = await self._reader.readexactly(int(length))
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError) as error:
            raise ProverCrash(f"Isabelle's server ended: {error}") from error
        return line.decode("utf-8", "replace")
