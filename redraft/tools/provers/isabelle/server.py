"""One Isabelle server with one session: started here and contained, or one that somebody else keeps.

Its own ways are in `protocol`; what is loaded into it, in `prover` and `final`.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

from redraft.errors import ConfigError
from redraft.tools.provers.base import ProverCrash, ProverMissing, ProverTimeout
from redraft.tools.provers.contained import Limits, Process, start
from redraft.tools.provers.isabelle.protocol import Connection, Refused

INSTALL = (
    "unpack Isabelle2025 or later from its own site and put its bin folder on the PATH; build what is not there "
    "already with isabelle build -b -o system_heaps HOL"
)
LOADING = 900.0
"""Seconds for a session to start: where it was never built, it is built first."""


class Address(NamedTuple):
    """Where a server listens, as `isabelle server` prints it. It reads theories from this machine's file system."""

    host: str
    port: int
    password: str


class Server:
    """A session to load theories into. The folder they are written to is its own."""

    def __init__(self, connection: Connection, session: str, folder: Path, inside: str, end: AsyncExitStack) -> None:
        self._connection, self._session, self._end = connection, session, end
        self._folder, self._inside = folder, inside

    @classmethod
    async def start(
        cls, command: Sequence[str], readable: Sequence[str], session: str, limits: Limits, unsafe: bool
    ) -> Server:
        """A server of one's own, contained. Raises ProverCrash, SandboxUnusable."""
        async with AsyncExitStack() as end:
            process = await start(
                [*command, "server", "-c", "-n", "redraft"],
                limits,
                readable=readable,
                mounts=("--proc", "/proc"),
                unsafe=unsafe,
            )
            end.push_async_callback(process.close)
            connection = Connection(*_pipes(process))
            return await cls._begun(connection, None, session, process.folder, ".", end)

    @classmethod
    async def reach(cls, address: Address, session: str) -> Server:
        """A session of a server that is there. Raises ProverMissing where none is, ProverCrash."""
        async with AsyncExitStack() as end:
            folder = end.enter_context(tempfile.TemporaryDirectory(prefix="redraft-prover-"))
            try:
                reader, writer = await asyncio.open_connection(address.host, address.port)
            except OSError as error:
                raise ProverMissing(f"no Isabelle server at {address.host}:{address.port}: isabelle server") from error
            connection = Connection(reader, writer)
            end.push_async_callback(connection.close)
            return await cls._begun(connection, address.password, session, Path(folder), folder, end)

    @classmethod
    async def _begun(
        cls, connection: Connection, password: str | None, session: str, folder: Path, inside: str, end: AsyncExitStack
    ) -> Server:
        try:
            async with asyncio.timeout(LOADING):
                await connection.greeted(password)
                begun = await connection.ask("session_start", {"session": session})
        except TimeoutError:
            raise ProverTimeout(f"Isabelle's session {session} did not start within {LOADING:g} s") from None
        except Refused as error:
            raise ProverCrash(f"Isabelle's session {session} does not start: {error}") from error
        return cls(connection, str(begun["session_id"]), folder, inside, end.pop_all())

    async def use(self, theories: Mapping[str, str], seconds: float) -> dict[str, object]:
        """What came of loading `theories`, by name, which import one another or the session's. They are unloaded after.

        Raises ProverCrash, ProverTimeout: then the server is of no more use.
        """
        for name, text in theories.items():
            await asyncio.to_thread((self._folder / f"{name}.thy").write_bytes, text.encode("utf-8", "replace"))
        asked = {"session_id": self._session, "theories": [*theories], "master_dir": self._inside}
        try:
            async with asyncio.timeout(seconds):
                result = await self._connection.ask("use_theories", {**asked, "unicode_symbols": False})
                await self._connection.ask("purge_theories", asked)
        except TimeoutError:
            raise ProverTimeout(f"Isabelle did not answer within {seconds:g} s") from None
        except Refused as error:
            raise ProverCrash(f"Isabelle's server refuses: {error}") from error
        finally:
            for name in theories:
                (self._folder / f"{name}.thy").unlink(missing_ok=True)
        return result

    async def close(self) -> None:
        """End it, or leave it. May be called more than once."""
        await self._end.aclose()


def find(command: Sequence[str], readable: Sequence[Path]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The command that starts Isabelle, and what it needs to read. Blocks. Raises ProverMissing, ConfigError."""
    more = [str(each.absolute()) for each in readable]
    if command:
        return tuple(command), tuple(more)
    found = shutil.which("isabelle")
    if found is None:
        raise ProverMissing(f"Isabelle is not installed, no isabelle: {INSTALL}")
    done = subprocess.run([found, "getenv", "-b", "ISABELLE_HOME"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ConfigError(f"isabelle getenv ISABELLE_HOME fails: {done.stderr.strip()[-500:]}")
    home = done.stdout.strip()
    return (f"{home}/bin/isabelle",), (home, *more)


def _pipes(process: Process) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    assert process.stdout is not None
    assert process.stdin is not None
    return process.stdout, process.stdin
