"""An MCP server that the tests start, over stdio and on loopback: its tools, its errors, and its death in a call."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.schema import Failure, ToolCall
from redraft.tools.functions.run import Bounds, Output

pytest.importorskip("mcp")
pytest.importorskip("jsonschema_rs")

from redraft.tools.functions.mcp import mcp_catalogue

SERVER = Path(__file__).with_name("mcp_server.py")
STDIO = [sys.executable, str(SERVER), "stdio"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def started(transport: str) -> AsyncIterator[str | Sequence[str]]:
    if transport == "stdio":
        yield STDIO
        return
    port = free_port()
    process = subprocess.Popen([sys.executable, str(SERVER), "http", str(port)], stderr=subprocess.DEVNULL)
    try:
        while process.poll() is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            writer.close()
            await writer.wait_closed()
            break
        yield f"http://localhost:{port}/mcp"
    finally:
        process.kill()
        process.wait()


def call(name: str, **arguments: int) -> ToolCall:
    return ToolCall(name=name, arguments={**arguments})


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_tools_are_offered_called_and_outlived(transport: str) -> None:
    async with started(transport) as server, mcp_catalogue(server, Bounds(size=1_000_000)) as tools:
        add = tools.functions["add"].schema
        assert (add.name, add.description, add.parameters["required"]) == ("add", "Add two numbers.", ["first"])
        assert await tools.call(call("add", first=2, second=3)) == Output(value=5)
        several = await asyncio.gather(*(tools.call(call("add", first=n)) for n in range(5)))
        assert several == [Output(value=n + 1) for n in range(5)]

        async def cause(name: str) -> str:
            failed = await tools.call(call(name))
            assert isinstance(failed, Failure)
            return failed.cause

        assert await cause("add") == "missing_argument"
        assert await cause("none") == "unknown_function"
        assert await cause("fail") == "raised"
        assert await cause("flood") == "too_big"
        assert await cause("die") in ("server_gone", "refused")
        assert await cause("fail") in ("server_gone", "refused")


async def test_a_tool_that_hangs_is_left_and_the_next_one_answers() -> None:
    async with mcp_catalogue(STDIO, Bounds(seconds=3)) as tools:
        hung = await tools.call(call("hang"))
        assert isinstance(hung, Failure)
        assert hung.cause == "timeout"
        assert await tools.call(call("add", first=1)) == Output(value=2)


@pytest.mark.parametrize("server", ["no command", "a command that ends", "a port where none listens"])
async def test_a_server_that_is_none_is_said_so(server: str) -> None:
    addresses: dict[str, str | list[str]] = {
        "no command": ["no-such-command"],
        "a command that ends": [sys.executable, "-c", ""],
        "a port where none listens": f"http://localhost:{free_port()}/mcp",
    }
    with pytest.raises(ConfigError, match="cannot be used"):
        async with mcp_catalogue(addresses[server]):
            pass


async def test_a_server_that_never_answers_is_given_up() -> None:
    silent = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with pytest.raises(ConfigError, match="does not answer"):
        async with mcp_catalogue(silent, patience=1.0):
            pass


async def test_an_error_inside_the_block_is_the_callers() -> None:
    with pytest.raises(KeyError, match="mine"):
        async with mcp_catalogue(STDIO):
            raise KeyError("mine")
