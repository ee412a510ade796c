"""The embedded model: llama.cpp in this process, for a machine with no server and no GPU.

llama.cpp brings its own server, which listens on loopback inside this process; it is spoken to as any other server.
For throughput use vLLM: llama.cpp answers many requests hardly faster than one.
"""

from __future__ import annotations

import asyncio
import secrets
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from redraft.errors import ConfigError, MissingExtra
from redraft.models.base import ChatRequest, ChatResponse
from redraft.models.http import HttpModel
from redraft.models.openai_protocol import Dialect
from redraft.models.weights import EMBEDDED, find_or_fetch, sha256
from redraft.models.wrapper import PerLoop

if TYPE_CHECKING:
    import xllamacpp


class LocalModel:
    """A GGUF file in llama.cpp, or the embedded SmolLM2-135M-Instruct where `path` is None.

    Loads at the first chat (or `connect`), off the event loop. `slots` requests are worked on at once, each with
    `context` tokens of room; more of them wait here, and their waiting is not counted as the model's time. One thread,
    because two on two busy cores slow llama.cpp down thirtyfold.
    """

    def __init__(self, path: Path | None = None, *, slots: int = 2, context: int = 8192, threads: int = 1) -> None:
        if path is not None and not path.is_file():
            raise ConfigError(f"there is no file {path}")
        self._path = path
        self._slots, self._context, self._threads = slots, context, threads
        self._server: xllamacpp.Server | None = None
        self._http: HttpModel | None = None
        self._loading = PerLoop(asyncio.Lock)
        self._free = PerLoop(lambda: asyncio.Semaphore(slots))

    @property
    def name(self) -> str:
        return f"local:{self._path}" if self._path else "local"

    @cached_property
    def identity(self) -> str:
        file, digest = (self._path.name, sha256(self._path)) if self._path else (EMBEDDED.file, EMBEDDED.sha256)
        return f"local:{file}@{digest[:16]}"

    def at_once(self) -> int:
        """As many as there are slots."""
        return self._slots

    async def connect(self) -> None:
        """Load the weights, fetching them first if need be. Raises MissingExtra or ConfigError."""
        await self._loaded()

    async def _loaded(self) -> HttpModel:
        async with self._loading.here():
            if self._http is None:
                key = secrets.token_urlsafe()
                server = await asyncio.to_thread(self._serve, key)
                self._server = server
                url = f"{server.listening_address}/v1"
                self._http = HttpModel(url, api_key=key, timeout=3600, dialect=Dialect.LLGUIDANCE)
            return self._http

    def _serve(self, key: str) -> xllamacpp.Server:
        try:
            import xllamacpp
        except ImportError as error:
            raise MissingExtra("llama.cpp (xllamacpp)", "local") from error
        path = self._path or find_or_fetch()
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.model_alias = {path.name}
        params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [key]
        params.n_parallel, params.n_ctx = self._slots, self._slots * self._context
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = self._threads
        params.n_gpu_layers = 0
        params.warmup = params.endpoint_metrics = False
        params.cache_ram_mib = 256  # Prompts that slots share; llama.cpp would let them grow to 8 GiB.
        params.verbosity = -1
        try:
            return xllamacpp.Server(params)
        except RuntimeError as error:
            raise ConfigError(f"llama.cpp cannot load {path}: {error}") from error

    async def chat(self, request: ChatRequest) -> ChatResponse:
        http = await self._loaded()
        async with self._free.here():
            return await http.chat(request)

    async def aclose(self) -> None:
        """Close the connections and free the weights; another chat would load them again."""
        http, server = self._http, self._server
        self._http = self._server = None
        if http is not None:
            await http.aclose()
        del server
