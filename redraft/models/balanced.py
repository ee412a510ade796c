"""Several servers of one model as one model: which of them is asked. What waits when all are down is the `Breaker`.

A server that has seen an item's source answers its next call faster, out of its prefix cache. So an item has a server
of its own, by rendezvous hashing (Thaler & Ravishankar 1998): a server that goes away moves its own items alone. One
that is asked much more than the others passes chats on: "Consistent Hashing with Bounded Loads", Mirrokni, Thorup &
Zadimoghaddam, SODA 2018 (arXiv 1608.01350).
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from redraft.errors import ConfigError
from redraft.models.base import ChatRequest, ChatResponse
from redraft.models.errors import ModelError, ServerFault, TimedOut, Unreachable
from redraft.models.http import HttpModel
from redraft.models.turn import turn
from redraft.models.wrapper import PerLoop

_log = logging.getLogger(__name__)
_OUTAGE = (Unreachable, TimedOut, ServerFault)
_HEALTHY_WITHIN = 10.0


@dataclass(slots=True, eq=False)
class _Server:
    model: HttpModel
    in_flight: int = 0
    failed_in_a_row: int = 0
    out: bool = False
    ask_at: float = 0.0
    wait: float = 0.0


class Balanced:
    """The model `name` on each of `servers`, which are addresses (`http://localhost:8000/v1`).

    All chats of an item (`redraft.models.turn`) go to one server, as do those without an item that begin with the same
    messages, as long as it has at most `bound` times its share of the chats in flight; up to `spare` it always may.
    A chat that finds no connection goes on to the next server. After `threshold` failures in a row (no connection, a
    time-out, HTTP 5xx) a server is left out; its health is asked for after `first_wait` seconds, later every
    `longest_wait` at most, and it is in again once it is well.

    The identity is the model's name alone: the servers are taken to run the same weights under it, and the response
    store answers whichever was asked.
    """

    def __init__(
        self,
        servers: Sequence[str],
        name: str,
        api_key: str | None = None,
        timeout: float = 600.0,
        *,
        bound: float = 1.25,
        spare: int = 4,
        threshold: int = 3,
        first_wait: float = 0.5,
        longest_wait: float = 15.0,
    ) -> None:
        self._model = name
        self._servers = [_Server(HttpModel(server, name, api_key, timeout)) for server in servers]
        if len({server.model.name for server in self._servers}) < len(self._servers):
            raise ConfigError(f"{self.name} names a server twice")
        self._bound, self._spare = bound, spare
        self._threshold, self._first_wait, self._longest_wait = threshold, first_wait, longest_wait
        self._asking: PerLoop[set[asyncio.Task[None]]] = PerLoop(set)

    @classmethod
    def from_addresses(cls, addresses: Sequence[str], api_key: str | None = None, timeout: float = 600.0) -> Balanced:
        """From `URL#NAME` strings; it is enough that one has the name. Raises ConfigError where it is not one name."""
        split = [address.partition("#") for address in addresses]
        names = sorted({name for *_, name in split if name})
        if len(names) != 1:
            fault = f"they are given {' and '.join(names)}" if names else "give its name"
            raise ConfigError(f"several servers must serve one model; {fault}: URL#NAME,URL#NAME")
        return cls([url for url, *_ in split], names[0], api_key, timeout)

    @property
    def name(self) -> str:
        return ",".join(server.model.name for server in self._servers)

    @property
    def identity(self) -> str:
        return f"servers#{self._model}"

    def at_once(self) -> int:
        """What all servers work on together."""
        return sum(server.model.at_once() for server in self._servers)

    async def connect(self) -> None:
        """Ask every server whether it has the model; one that is down is left out. Raises what `HttpModel.connect`
        does where one lacks the model, or all are down."""
        faults = await asyncio.gather(*(self._fault(server) for server in self._servers))
        grave = [fault for fault in faults if fault and not isinstance(fault, _OUTAGE)]
        if grave or all(faults):
            raise next(fault for fault in grave or faults if fault)
        for server, fault in zip(self._servers, faults, strict=True):
            if fault:
                self._leave_out(server, fault)

    async def check_health(self) -> None:
        """Return if any server is well, or raise what the first one is ill of. Those that are well are in again."""
        faults = await asyncio.gather(*(self._fault(server) for server in self._servers))
        if all(faults):
            raise next(fault for fault in faults if fault)

    async def _fault(self, server: _Server) -> ModelError | None:
        """What keeps `server` from answering; where nothing does, it is in."""
        try:
            async with asyncio.timeout(_HEALTHY_WITHIN):
                await server.model.connect()
                await server.model.check_health()
        except ModelError as error:
            return error
        except TimeoutError:
            return TimedOut(f"{server.model.name} did not tell of its health within {_HEALTHY_WITHIN:g} s")
        server.out, server.failed_in_a_row = False, 0
        return None

    async def chat(self, request: ChatRequest) -> ChatResponse:
        self._ask_those_out()
        tried: list[_Server] = []
        order = self._order(request)
        while True:
            server = self._choose([server for server in order if server not in tried])
            server.in_flight += 1
            try:
                response = await server.model.chat(request)
            except _OUTAGE as error:
                tried.append(server)
                server.failed_in_a_row += 1
                if server.failed_in_a_row >= self._threshold and not server.out:
                    self._leave_out(server, error)
                # What makes one server fail or hang might do so to each.
                if not isinstance(error, Unreachable) or len(tried) == len(order):
                    raise
            else:
                server.failed_in_a_row, server.wait, server.out = 0, 0.0, False
                return response
            finally:
                server.in_flight -= 1

    def _order(self, request: ChatRequest) -> list[_Server]:
        """The servers, that of the request's item first."""
        item = str(turn.get() or request.messages[:-1] or request.messages).encode()
        key = blake2b(item, digest_size=16).digest()
        return sorted(self._servers, key=lambda server: blake2b(server.model.name.encode(), key=key).digest())

    def _choose(self, servers: Sequence[_Server]) -> _Server:
        """The first that is well and has room; where none is well, the first."""
        well = [server for server in servers if not server.out] or servers
        share = (sum(server.in_flight for server in well) + 1) / len(well)
        most = max(self._spare, math.ceil(self._bound * share))
        return next(server for server in well if server.in_flight < most)

    def _leave_out(self, server: _Server, error: ModelError) -> None:
        _log.warning("%s; going on with the other servers", error)
        server.out = True
        server.ask_at = time.monotonic() + self._next_wait(server)

    def _next_wait(self, server: _Server) -> float:
        server.wait = min(2 * server.wait or self._first_wait, self._longest_wait)
        return server.wait

    def _ask_those_out(self) -> None:
        """Begin to ask the servers that are out for their health, where it is time to."""
        asking, now = self._asking.here(), time.monotonic()
        for server in self._servers:
            if server.out and now >= server.ask_at:
                server.ask_at = now + self._next_wait(server)
                task = asyncio.create_task(self._readmit(server))
                asking.add(task)
                task.add_done_callback(asking.discard)

    async def _readmit(self, server: _Server) -> None:
        if not await self._fault(server):
            _log.warning("%s is well again", server.model.name)

    async def aclose(self) -> None:
        for task in self._asking.here():
            task.cancel()
        await asyncio.gather(*(server.model.aclose() for server in self._servers))
