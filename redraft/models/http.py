"""Any OpenAI-compatible server over HTTP, made for `vllm serve`: connections, and what can go wrong with them.

What is said over the connection is in `redraft.models.openai_protocol`; retries and limits wrap from outside.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from pydantic import BaseModel, ValidationError
from yarl import URL

from redraft.errors import ConfigError
from redraft.models.base import ChatRequest, ChatResponse, Completion
from redraft.models.errors import BadRequest, MalformedReply, TimedOut, Unreachable, Unsupported
from redraft.models.openai_protocol import Body, Dialect, read_fault, read_reply, request_bodies
from redraft.models.turn import turn
from redraft.models.wrapper import PerLoop, together
from redraft.schema import Usage

IDLE = 3.0
"""Seconds that a connection is kept for another chat: less than servers keep it (vLLM and llama.cpp 5), since a chat
sent down a connection that is just being closed is lost."""


class _Meta(BaseModel):
    n_ctx: int | None = None


class _Card(BaseModel):
    """One entry of `GET /models`, with what vLLM and llama.cpp add to it."""

    id: str
    owned_by: str = ""
    max_model_len: int | None = None
    meta: _Meta = _Meta()


class _Cards(BaseModel):
    data: list[_Card]


@dataclass(frozen=True, slots=True)
class Served:
    """What a server says of a model: its name there, how to speak to it, and its context in tokens (if it tells)."""

    model: str
    dialect: Dialect
    max_context: int | None = None


def _is_address(text: str) -> bool:
    try:
        url = URL(text)
        return bool(url.host and url.port) and url.scheme in ("http", "https")
    except ValueError:
        return False


class HttpModel:
    """The model `model` at `base_url` (`http://localhost:8000/v1`), or the only one there if no name is given.

    `timeout` bounds each request, in seconds, queueing at the server included. `dialect` says how to speak to the
    server where its own word is not to be taken. A server cannot say which weights it runs, so the identity is its
    address and the model's name: after other weights were put behind the same name, use another response store.
    """

    def __init__(
        self,
        base_url: str,
        model: str | None = None,
        api_key: str | None = None,
        timeout: float = 600.0,
        dialect: Dialect | None = None,
    ) -> None:
        if "@" in base_url:  # The address is shown, logged and kept with the records.
            raise ConfigError("the address of a server holds no user and password; put the key into $OPENAI_API_KEY")
        if api_key and not (api_key.isascii() and api_key.isprintable()):
            raise ConfigError("the key in $OPENAI_API_KEY has a character that no HTTP header can carry; set it anew")
        self._base = base_url.rstrip("/")
        if not _is_address(self._base):
            raise ConfigError(f"{base_url!r} is not the address of a server, such as http://localhost:8000/v1")
        self._wanted = model
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._timeout = timeout
        self._dialect = dialect
        self._served: Served | None = None
        self._sessions: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = {}
        self._connecting = PerLoop(asyncio.Lock)

    @property
    def name(self) -> str:
        return f"{self._base}#{self._wanted}" if self._wanted else self._base

    @property
    def identity(self) -> str:
        """Address and name; a server's only model has no name before `connect`: see `settled_identity`."""
        return f"{self._base}#{self._wanted or (self._served.model if self._served else '')}"

    async def settled_identity(self) -> str:
        """`identity`, once the model's name is known. Raises as `connect` does."""
        if self._wanted is None:
            await self.connect()
        return self.identity

    async def connect(self) -> Served:
        """Ask the server, once, what it serves.

        Raises Unreachable, TimedOut, BadRequest (no such model, or no right to it), MalformedReply.
        """
        async with self._connecting.here():
            if self._served is None:
                self._served = self._choose(await self._cards())
            return self._served

    async def _cards(self) -> list[_Card] | None:
        status, headers, raw = await self._exchange("GET", f"{self._base}/models")
        if status == 404 and self._wanted:
            return None  # A proxy in front of one model often leaves this path out.
        if status >= 400:
            raise read_fault(status, headers, raw)
        try:
            return _Cards.model_validate_json(raw).data
        except ValidationError as error:
            raise MalformedReply(f"{self._base}/models does not list models; it begins {raw[:80]!r}") from error

    def _choose(self, cards: list[_Card] | None) -> Served:
        if cards is None and self._wanted:
            return Served(self._wanted, self._dialect or Dialect.OPENAI)
        named = [card for card in cards or () if self._wanted in (None, card.id)]
        if len(named) != 1:
            there = ", ".join(card.id for card in cards or ()) or "none"
            fault = f"has no model {self._wanted!r}" if self._wanted else "does not serve exactly one model; name one"
            raise BadRequest(f"{self._base} {fault} (URL#NAME); it has: {there}")
        card = named[0]
        dialects = {"vllm": Dialect.VLLM, "llamacpp": Dialect.LLAMA_CPP}
        context = card.max_model_len or card.meta.n_ctx
        return Served(card.id, self._dialect or dialects.get(card.owned_by, Dialect.OPENAI), context)

    def at_once(self) -> int:
        """The default of `vllm serve`, which does not tell; a few for llama.cpp; a guess of 32 for any other server."""
        dialect = self._served.dialect if self._served else Dialect.OPENAI
        return {Dialect.VLLM: 256, Dialect.OPENAI: 32}.get(dialect, 4)

    async def check_health(self) -> None:
        """Return if the server is well, or raise Unreachable, TimedOut, ServerFault."""
        # vLLM and llama.cpp tell of their engine beside `/v1`; of others, listing the models has to do.
        own = self._served is not None and self._served.dialect is not Dialect.OPENAI
        path = f"{self._base.removesuffix('/v1')}/health" if own else f"{self._base}/models"
        status, headers, raw = await self._exchange("GET", path)
        if status >= 500:
            raise read_fault(status, headers, raw)

    async def chat(self, request: ChatRequest) -> ChatResponse:
        """Answer `request`. One call in `usage`, though a llama.cpp server is sent n requests for n completions."""
        served = self._served or await self.connect()
        start = time.perf_counter()
        bodies = request_bodies(request, served.model, served.dialect, turn.get())
        each = request.sampling.n // len(bodies)
        parts = await together(self._ask(body, request, each, served.dialect) for body in bodies)
        usage = Usage(
            calls=1,
            prompt_tokens=sum(usage.prompt_tokens for _, usage in parts),
            completion_tokens=sum(usage.completion_tokens for _, usage in parts),
            cached_tokens=sum(usage.cached_tokens for _, usage in parts),
            seconds=time.perf_counter() - start,
        )
        return ChatResponse(tuple(completion for found, _ in parts for completion in found), usage, served.model)

    async def post(self, path: str, body: Body) -> bytes:
        """What the server replies at `path`, such as `/v1/completions`; its model's name is added to `body`.

        Raises Unsupported where the server has no such path, and otherwise what `chat` raises.
        """
        served = await self.connect()
        url = f"{self._base.removesuffix('/v1')}{path}"
        status, headers, raw = await self._exchange("POST", url, {"model": served.model, **body})
        if status in (404, 405):
            raise Unsupported(f"{self._base} does not offer {path}: {read_fault(status, headers, raw)}")
        if status >= 400:
            raise read_fault(status, headers, raw)
        return raw

    async def _ask(self, body: Body, request: ChatRequest, n: int, dialect: Dialect) -> tuple[list[Completion], Usage]:
        status, headers, raw = await self._exchange("POST", f"{self._base}/chat/completions", body)
        if status >= 400:
            raise read_fault(status, headers, raw)
        return read_reply(raw, request, n, dialect)

    async def _exchange(self, method: str, url: str, body: Body | None = None) -> tuple[int, Mapping[str, str], bytes]:
        session = await self._session()
        try:
            async with session.request(method, url, json=body) as response:
                return response.status, response.headers, await response.read()
        except TimeoutError as error:
            raise TimedOut(f"{self._base} gave no answer within {self._timeout:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(
                f"{self._base} cannot be reached, or broke off: {error or type(error).__name__}"
            ) from error

    async def _session(self) -> aiohttp.ClientSession:
        """This event loop's session. What bounds the requests in flight is `Limited`, not the number of connections."""
        loop = asyncio.get_running_loop()
        if loop not in self._sessions:
            await self._close(only_dead=True)
            self._sessions[loop] = aiohttp.ClientSession(
                headers=self._headers,
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=self._timeout, sock_connect=min(10.0, self._timeout)),
            )
        return self._sessions[loop]

    async def _close(self, only_dead: bool = False) -> None:
        for loop in [loop for loop in self._sessions if loop.is_closed() or not only_dead]:
            await self._sessions.pop(loop).close()

    async def aclose(self) -> None:
        await self._close()
