"""The exact requests of a run, with their dependencies, and a bare loop that fires them again."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import aiohttp

from redraft.graphs.workflow import Workflow, unique
from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.models.openai_protocol import Dialect, request_bodies
from redraft.models.turn import turn
from redraft.models.wrapper import Wrapper

Waves = list[list[bytes]]
"""The calls of an item in rows, as request bodies; each row waits for the one before."""


@dataclass
class Asked:
    """One call of an item: what was sent, and when it was under way."""

    body: bytes
    begun: float
    ended: float = float("inf")


class Noting(Wrapper):
    """Notes every request with the item it is for."""

    def __init__(self, model: ChatModel) -> None:
        super().__init__(model)
        self.items: defaultdict[int, list[Asked]] = defaultdict(list)

    async def chat(self, request: ChatRequest) -> ChatResponse:
        (body,) = request_bodies(request, "tiny", Dialect.VLLM, turn.get())
        asked = Asked(json.dumps(body).encode(), time.perf_counter())
        self.items[turn.get()].append(asked)
        response = await super().chat(request)
        asked.ended = time.perf_counter()
        return response


def waves(calls: list[Asked]) -> Waves:
    """A call of an item waits for those of the same item that had ended before it began."""
    rows: list[list[Asked]] = []
    for call in sorted(calls, key=lambda call: call.begun):
        if not rows or any(other.ended <= call.begun for other in rows[-1]):
            rows.append([])
        rows[-1].append(call)
    return [[call.body for call in row] for row in rows]


def note(flow: Workflow) -> Noting:
    """Have the one model of `flow` noted, inside all its wrappers."""
    (player,) = unique(flow.players.values())
    assert isinstance(player, Wrapper)
    while isinstance(player.model, Wrapper):
        player = player.model
    player.model = notes = Noting(player.model)
    return notes


@dataclass
class Fired:
    """What firing requests came to. `first` is when the first item was finished."""

    seconds: float = 0.0
    first: float = 0.0
    prompt_tokens: int = 0
    cached_tokens: int = 0


async def fire(model: str, items: Iterable[Waves], in_flight: int, read: bool = False) -> Fired:
    """Send the requests, so many items in flight; the replies are only read into tokens where `read`."""
    left = iter(items)
    url = model.partition("#")[0] + "/chat/completions"
    connector = aiohttp.TCPConnector(limit=0)
    fired = Fired()
    async with aiohttp.ClientSession(connector=connector, headers={"Content-Type": "application/json"}) as session:

        async def ask(body: bytes) -> None:
            async with session.post(url, data=body) as response:
                response.raise_for_status()
                raw = await response.read()
            if read:
                usage = json.loads(raw)["usage"]
                fired.prompt_tokens += usage["prompt_tokens"]
                fired.cached_tokens += (usage["prompt_tokens_details"] or {}).get("cached_tokens") or 0

        async def work() -> None:
            for rows in left:
                for row in rows:
                    await asyncio.gather(*map(ask, row)) if len(row) > 1 else await ask(row[0])
                fired.first = fired.first or time.perf_counter() - start

        start = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(in_flight)))
        fired.seconds = time.perf_counter() - start
    return fired
