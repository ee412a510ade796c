"""Isabelle's server as recorded (see `replay`), on pipes in the sandbox and on loopback. In CI these run, or fail."""

from __future__ import annotations

import importlib.util
import os
import socketserver
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from redraft.tools.provers.isabelle import Address, Isabelle
from redraft.tools.sandbox.python import base_python, needed
from tests.tools.provers.isabelle.replay import GREETING, PASSWORD, answer, commands

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def recorded() -> Path:
    """The folder of recorded replies."""
    found = importlib.util.find_spec("isabelle_client")
    if found is None or found.origin is None:
        if os.environ.get("CI"):
            pytest.fail("isabelle-client is not installed, and CI skips no test")
        pytest.skip("no recorded replies: pip install isabelle-client")
    return Path(found.origin).parent / "resources" / "isabelle-responses"


@pytest_asyncio.fixture
async def isabelle(recorded: Path) -> AsyncIterator[Callable[..., Isabelle]]:
    """Isabelle on pipes, contained, with settings of one's own."""
    python, made = base_python(), []

    def make(**settings: object) -> Isabelle:
        command = [python, "-I", "-S", str(HERE / "replay.py"), str(recorded)]
        readable = [recorded, HERE, *map(Path, needed(python))]
        made.append(Isabelle(**{"command": command, "readable": readable, **settings}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for prover in made:
        await prover.aclose()


class _Handler(socketserver.StreamRequestHandler):
    timeout = 20
    recorded: Path

    def handle(self) -> None:
        if self.rfile.readline().decode().strip() != PASSWORD:
            return
        self.wfile.write(GREETING)
        for name, given in commands(self.rfile.readline, self.rfile.read):
            if (said := answer(self.recorded, name, given, Path("/"))) is not None:
                self.wfile.write(said)


@pytest.fixture
def address(recorded: Path) -> Iterator[Address]:
    """A server on loopback. It goes with the test."""
    handler = type("Recorded", (_Handler,), {"recorded": recorded})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Address("127.0.0.1", server.server_address[1], PASSWORD)
        server.shutdown()
        thread.join()
