"""The tools of an MCP server as a catalogue, over stdio or HTTP, by the official SDK.

A server that fails, hangs or dies in a call makes that call a `Failure`; one that is gone, also those after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from redraft.errors import ConfigError, MissingExtra
from redraft.schema import Failure, FunctionSchema
from redraft.tools.functions.catalogue import Catalogue
from redraft.tools.functions.run import Bounds, Function

if TYPE_CHECKING:
    from mcp import Client

_PAGES = 100


@asynccontextmanager
async def mcp_catalogue(
    server: str | Sequence[str],
    bounds: Bounds = Bounds(),  # noqa: B008 Frozen.
    patience: float = 30.0,
) -> AsyncIterator[Catalogue]:
    """The tools of `server`: a URL (`http://localhost:8000/mcp`), or the command that starts it, with its arguments.

    The connection lasts as long as the block. Raises ConfigError where there is no such server within `patience`
    seconds, MissingExtra where the SDK is not installed.
    """
    try:
        from mcp import Client, StdioServerParameters
    except ImportError as error:
        raise MissingExtra("the MCP SDK", "tools") from error
    named = server if isinstance(server, str) else " ".join(server)
    target = server if isinstance(server, str) else StdioServerParameters(command=server[0], args=list(server[1:]))
    ready: asyncio.Future[list[Function]] = asyncio.get_running_loop().create_future()
    closing = asyncio.Event()

    async def hold() -> None:
        """The SDK cancels the task that opened the connection when a server dies, so that is one of its own."""
        async with Client(target) as client:
            ready.set_result(await _listed(client, keeper))
            await closing.wait()

    keeper = asyncio.create_task(hold())
    try:
        either: set[asyncio.Future[Any]] = {keeper, ready}
        await asyncio.wait(either, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            fault = keeper.exception() if keeper.done() and not keeper.cancelled() else None
            reason = _reason(fault) if fault else f"it does not answer within {patience:g} s"
            raise ConfigError(f"the MCP server {named} cannot be used: {reason}")
        yield Catalogue(ready.result(), bounds)
    finally:
        closing.set()
        if not ready.done():
            keeper.cancel()
        # A connection that broke has made its calls fail, with the reason; there is nothing more to say at its end.
        await asyncio.gather(keeper, return_exceptions=True)


async def _listed(client: Client, keeper: asyncio.Task[None]) -> list[Function]:
    functions: list[Function] = []
    cursor: str | None = None
    for _ in range(_PAGES):
        page = await client.list_tools(cursor=cursor)
        for tool in page.tools:
            schema = FunctionSchema(name=tool.name, description=tool.description or "", parameters=tool.input_schema)
            functions.append(Function(schema, _invoke(client, keeper, tool.name)))
        cursor = page.next_cursor
        if cursor is None:
            return functions
    raise ConfigError(f"it lists more than {_PAGES} pages of tools")


def _invoke(
    client: Client, keeper: asyncio.Task[None], name: str
) -> Callable[[dict[str, JsonValue]], Awaitable[JsonValue | Failure]]:
    async def invoke(arguments: dict[str, JsonValue]) -> JsonValue | Failure:
        call = asyncio.create_task(client.call_tool(name, arguments))
        try:
            await asyncio.wait({call, keeper}, return_when=asyncio.FIRST_COMPLETED)
            if not call.done() or call.cancelled():
                return Failure(cause="server_gone", message=f"the MCP server ended while {name} was called")
            if error := call.exception():
                if _is_closed(error):
                    return Failure(cause="server_gone", message=f"the MCP server ended while {name} was called")
                return Failure(cause="refused", message=f"{name}: {_reason(error)}"[:1000])
        finally:
            call.cancel()
        result = call.result()
        texts = [block.text for block in result.content if block.type == "text"]
        if result.is_error:
            return Failure(cause="raised", message=f"{name}: {' '.join(texts)}"[:1000])
        if result.structured_content is not None:
            return _unwrapped(result.structured_content)
        if len(texts) == len(result.content):
            return "\n".join(texts)
        return [block.model_dump(mode="json", exclude_none=True) for block in result.content]

    return invoke


def _unwrapped(value: JsonValue) -> JsonValue:
    """Servers that may only bring objects put other values under `result`."""
    return value["result"] if isinstance(value, dict) and value.keys() == {"result"} else value


def _is_closed(error: BaseException) -> bool:
    from mcp import MCPError
    from mcp_types import CONNECTION_CLOSED

    return isinstance(error, MCPError) and error.code == CONNECTION_CLOSED


def _reason(error: BaseException) -> str:
    """The first reason inside the groups that the SDK's tasks raise."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__
