"""vLLM in this process: one engine, in one event loop of its own, for any number of chats at once.

What is said to the engine is in `redraft.models.vllm_protocol`. For a model that several programs share, run
`vllm serve` and use `redraft.models.http`.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import os
import time
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from redraft.errors import ConfigError, MissingExtra
from redraft.models.base import ChatRequest, ChatResponse
from redraft.models.convert import find_or_convert
from redraft.models.loop_thread import LoopThread
from redraft.models.turn import turn
from redraft.models.weights import EMBEDDED, find_or_fetch, fingerprint, sha256

if TYPE_CHECKING:
    from vllm.v1.engine.async_llm import AsyncLLM

QUIET = {"VLLM_LOGGING_LEVEL": "ERROR", "VLLM_LOGGING_STREAM": "ext://sys.stderr"}
"""Environment for every build, where the user has not set it: standard output belongs to whoever runs redraft."""

CPU_ENVIRONMENT = {
    "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "OMP_NUM_THREADS": "1",  # Two threads on two busy cores collapse. Give more where cores are idle.
    "VLLM_USE_AOT_COMPILE": "0",
    "VLLM_NO_USAGE_STATS": "1",
}
"""Environment for a CPU build, where the user has not set it; a CUDA build keeps vLLM's defaults."""

CPU_OPTIONS: Mapping[str, JsonValue] = {"enforce_eager": True}
"""Engine options for a CPU build: loads in 8 s, where compiling takes 25 s and makes it 1.3 times faster."""

OPTIONS: Mapping[str, JsonValue] = {
    "disable_log_stats": True,
    "use_tqdm_on_load": False,
    "scheduling_policy": "priority",
    # Free whitespace lets a model run to its token limit inside a JSON document.
    "structured_outputs_config": {"backend": "xgrammar", "disable_any_whitespace": True},
}
"""Engine options for every build."""

SHUTDOWN_SECONDS = 30.0
"""How long the engine process may take to end by itself before it is killed."""

DECISIVE = ("quantization", "kv_cache_dtype", "hf_overrides", "tokenizer", "tokenizer_revision")
"""Engine options that change what a model says, and so belong to its identity; `revision` and `dtype` do anyway."""


class VllmModel:
    """The model `model` in vLLM: a Hugging Face id, a folder of weights, a GGUF file, or `embedded`
    (SmolLM2-135M-Instruct).

    `engine_options` are those of vLLM's `AsyncEngineArgs` and win over redraft's own. The engine starts at the first
    chat (or `connect`), in a process of its own: a script that uses it needs `if __name__ == "__main__":` around what
    it does, as with `multiprocessing`. Raises MissingExtra at once where vLLM is not installed.
    """

    def __init__(self, model: str, **engine_options: JsonValue) -> None:
        if importlib.util.find_spec("vllm") is None:
            raise MissingExtra("vLLM", "vllm")
        self._model = model
        self._options = engine_options
        self._thread = LoopThread(f"vllm:{model}")
        self._engine: AsyncLLM | None = None
        self._identity: str | None = None
        self._in_flight: set[str] = set()

    @property
    def name(self) -> str:
        return f"vllm:{self._model}"

    @property
    def identity(self) -> str:
        """Raises ConfigError before `connect`: revision and precision are known once the model is loaded."""
        if self._identity is None:
            raise ConfigError(f"which weights {self.name} stands for is known once it is loaded: connect first")
        return self._identity

    @property
    def in_flight(self) -> int:
        """How many chats the engine is working on."""
        return 0 if self._engine is None else self._engine.get_num_unfinished_requests()

    def at_once(self) -> int:
        """vLLM's `max_num_seqs`; its usual 256 before the engine runs."""
        return 256 if self._engine is None else self._engine.vllm_config.scheduler_config.max_num_seqs

    async def connect(self) -> None:
        """Start the engine. Raises ConfigError where vLLM cannot load the model or does not know an option."""
        await self._thread.run(self._start())

    async def chat(self, request: ChatRequest) -> ChatResponse:
        """Answer `request`; cancelling aborts it in the engine.

        Raises PromptTooLong, BadRequest (also n > 1 at temperature 0), ServerFault; Unreachable for a dead engine.
        """
        return await self._thread.run(self._chat(request, turn.get()))

    async def aclose(self) -> None:
        """End what is in flight (Unreachable) and the engine process; another chat would start a new one."""
        if self._engine is not None:
            await self._thread.run(self._shutdown())
        await asyncio.to_thread(self._thread.stop)

    # Everything below runs in the engine's own loop, so nothing needs a lock.

    async def _start(self) -> AsyncLLM:
        # Blocking, on purpose: whoever else wants this engine waits for it as well.
        if self._engine is None:
            self._engine = self._load()
        return self._engine

    def _load(self) -> AsyncLLM:
        options = dict(OPTIONS)
        for key, value in QUIET.items():
            os.environ.setdefault(key, value)
        if _is_cpu_build():
            for key, value in CPU_ENVIRONMENT.items():
                os.environ.setdefault(key, value)
            options |= {**CPU_OPTIONS, "dtype": cpu_dtype()}
        path, weights = self._find()
        # In a thread: failed imports inside vLLM leave tracebacks behind, whose frames would keep the engine alive.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(importlib.import_module, "vllm.v1.engine.async_llm").result()

        from vllm.engine.arg_utils import AsyncEngineArgs
        from vllm.v1.engine.async_llm import AsyncLLM

        try:
            engine = AsyncLLM.from_engine_args(AsyncEngineArgs(model=path, **options | self._options))
        except (RuntimeError, ValueError, TypeError, OSError) as error:
            raise ConfigError(f"vLLM cannot load {self._model}: {error}") from error
        loaded = engine.model_config
        revision = weights or getattr(loaded.hf_config, "_commit_hash", None) or loaded.revision or "unknown"
        chosen = [f"{key}={self._options[key]}" for key in DECISIVE if key in self._options]
        self._identity = " ".join([f"{self.name}@{revision}", str(loaded.dtype).removeprefix("torch."), *chosen])
        return engine

    def _find(self) -> tuple[str, str | None]:
        """What vLLM shall load, and a hash of the weights where they are in reach."""
        if self._model == "embedded":
            return str(find_or_convert(find_or_fetch())), EMBEDDED.sha256[:16]
        path = Path(self._model).expanduser()
        if path.suffix == ".gguf" and path.is_file():
            return str(find_or_convert(path)), sha256(path)[:16]
        if path.is_dir():
            return str(path), fingerprint(path)
        return self._model, None

    async def _chat(self, request: ChatRequest, priority: int) -> ChatResponse:
        engine = await self._start()
        from vllm.renderers.params import ChatParams

        from redraft.models import vllm_protocol as protocol

        key = uuid.uuid4().hex
        start = time.perf_counter()
        self._in_flight.add(key)
        try:
            messages = [{"role": message.role, "content": message.content} for message in request.messages]
            template = ChatParams(chat_template_kwargs={"add_generation_prompt": True})
            # vLLM's renderer fills in the chat template and tokenizes, in a thread.
            _, (prompt,) = await engine.renderer.render_chat_async([messages], template)
            async for last in engine.generate(prompt, protocol.sampling_params(request), key, priority=priority):
                output = last
            found = protocol.completions(output, request)
        except protocol.FAULTS as error:
            raise protocol.model_error(error) from error
        finally:
            self._in_flight.discard(key)
        usage = protocol.usage(output).model_copy(update={"seconds": time.perf_counter() - start})
        return ChatResponse(found, usage, self._model)

    async def _shutdown(self) -> None:
        engine, self._engine = self._engine, None
        if engine is None:
            return
        if not engine.errored:
            await engine.abort(self._in_flight)
        while self._in_flight:
            await asyncio.sleep(0.01)
        engine.shutdown(timeout=SHUTDOWN_SECONDS)


def cpu_dtype() -> str:
    """bfloat16 where the processor computes in it; elsewhere float32 is 2.4 times as fast at 32 requests in flight."""
    import torch  # Only now: it reads the environment above.

    capabilities = torch.cpu.get_capabilities()
    return "bfloat16" if any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16")) else "float32"


def _is_cpu_build() -> bool:
    """Told from the installed package: the environment must be set before vLLM is imported."""
    try:
        version("vllm-cpu")
    except PackageNotFoundError:
        return "cpu" in version("vllm")
    return True
