"""A real OpenAI-compatible server on loopback that misbehaves to order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from weakref import WeakSet

from aiohttp import web
from pydantic import JsonValue

Turn = Callable[[web.Request], Awaitable[web.StreamResponse]]


def says(*texts: str, **usage: JsonValue) -> Turn:
    """A well-formed chat completion, one choice per text."""

    async def turn(_: web.Request) -> web.Response:
        choices = [
            {"index": index, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            for index, text in enumerate(texts)
        ]
        return web.json_response({"choices": choices, "usage": usage or {"prompt_tokens": 5, "completion_tokens": 2}})

    return turn


def status(code: int, body: JsonValue = None, **headers: str) -> Turn:
    """An error status; `Retry_After="3"` sets a header."""

    async def turn(_: web.Request) -> web.Response:
        return web.json_response(
            body, status=code, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    return turn


def raw(body: bytes) -> Turn:
    """Status 200 and whatever bytes."""

    async def turn(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    return turn


async def cut_off(request: web.Request) -> web.StreamResponse:
    """Promises 1,000 bytes, sends 12 and hangs up."""
    response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"choices": ')
    await hang_up(request)
    return response


async def hang_up(request: web.Request) -> web.StreamResponse:
    """Ends the connection without a word."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def never(_: web.Request) -> web.StreamResponse:
    """Answers long after everybody has gone."""
    await asyncio.sleep(3600)
    return web.Response()


@dataclass
class FaultyServer:
    """Plays `turns` in order, the last one for ever. `bodies` is what it was sent; `models` what it lists."""

    turns: list[Turn] = field(default_factory=lambda: [says("hello")])
    models: JsonValue = field(default_factory=lambda: {"data": [{"id": "tiny", "owned_by": "vllm"}]})
    key: str | None = None
    bodies: list[dict[str, JsonValue]] = field(default_factory=list)
    well: bool = True
    health_checks: int = 0
    at_once: int = 0
    most_at_once: int = 0
    url: str = ""
    _connections: WeakSet[asyncio.Transport] = field(default_factory=WeakSet)

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}":
            return web.json_response({"error": {"message": "no such key"}}, status=401)
        return web.json_response(self.models) if self.models is not None else web.Response(status=404)

    async def _health(self, _: web.Request) -> web.StreamResponse:
        self.health_checks += 1
        return web.Response(status=200 if self.well else 503)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            self._connections.add(request.transport)
        self.bodies.append(await request.json())
        turn = self.turns.pop(0) if len(self.turns) > 1 else self.turns[0]
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
            return await turn(request)
        finally:
            self.at_once -= 1

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator[FaultyServer]:
        """Serve until the block ends, at `url`; then break off whatever is under way, as a killed process does."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/health", self._health),
                web.get("/v1/models", self._list),
                web.post("/v1/chat/completions", self._chat),
            ]
        )
        runner = web.AppRunner(app, shutdown_timeout=0.01, handler_cancellation=True)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
            yield self
        finally:
            for transport in self._connections:
                transport.abort()
            await runner.cleanup()


def serving(turns: Sequence[Turn]) -> FaultyServer:
    """A server that plays `turns`."""
    return FaultyServer(turns=list(turns))
