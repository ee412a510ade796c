"""A model server on loopback whose replies depend on the request alone, and a file of tasks for it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from aiohttp import web

ITEMS = 60


@dataclass
class Server:
    """Counts every request that it answered in full, by its content; spoils some of them to order."""

    url: str = ""
    asked: int = 0
    answered: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    dropped: float = 0.0
    delayed: float = 0.0
    truncated: float = 0.0
    random: Random = field(default_factory=lambda: Random(7))

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        body.pop("priority", None)
        self.asked += 1
        await asyncio.sleep(self.seconds)
        chance = self.random.random()
        assert request.transport is not None
        if chance < self.dropped:
            request.transport.abort()
            return web.Response()
        if chance < self.dropped + self.delayed:
            await asyncio.sleep(0.3)
        reply = json.dumps(
            {
                "choices": [{"message": {"role": "assistant", "content": said(body)}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 40, "completion_tokens": 8},
            }
        ).encode()
        if chance > 1 - self.truncated:
            return web.Response(body=reply[: len(reply) // 2], content_type="application/json")
        self.answered[json.dumps(body, sort_keys=True)] += 1
        return web.Response(body=reply, content_type="application/json")


def said(body: dict[str, object]) -> str:
    """A reply of the self-refine roles: fault is found with some drafts, and every text differs."""
    text = json.dumps(body["messages"])
    number = int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)
    return f"Text {number}, shorter.\nVerdict: {'needs work' if number % 3 else 'good'}"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    served = Server()
    app = web.Application(client_max_size=2**24)
    models = {"data": [{"id": "tiny", "owned_by": "vllm"}]}

    async def cards(_: web.Request) -> web.Response:
        return web.json_response(models)

    async def health(_: web.Request) -> web.Response:
        return web.Response()

    app.add_routes([web.get("/v1/models", cards), web.get("/health", health)])
    app.add_routes([web.post("/v1/chat/completions", served.chat)])
    runner = web.AppRunner(app, shutdown_timeout=0.01, handler_cancellation=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1#tiny"
    yield served
    await runner.cleanup()


@pytest.fixture
def tasks(tmp_path: Path) -> Callable[[int], Path]:
    """Write a file of so many tasks."""

    def write(items: int = ITEMS) -> Path:
        path = tmp_path / "in.jsonl"
        rows = ({"id": f"item-{number}", "text": f"Shorten text {number}."} for number in range(items))
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return write
