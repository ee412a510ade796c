"""Real servers for the benchmarks, each in a process of its own on loopback, ended with the block that started it.

`vllm` is vLLM's server with the embedded model; `instant` answers every chat at once with the same words, so that what
is left is the client.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

STARTS_IN = 300.0
REPLY = (
    b'{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":'
    b'"Say in the second sentence why there are two tides a day.\\nVerdict: needs work"}}],'
    b'"usage":{"prompt_tokens":120,"completion_tokens":24}}'
)


@asynccontextmanager
async def serving(kind: str, max_seqs: int = 64) -> AsyncIterator[str]:
    """Start the server `kind` and yield its model string."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *(_vllm(port, max_seqs) if kind == "vllm" else [__file__, str(port)]),
        env={**os.environ, **_environment()},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=None if os.environ.get("REDRAFT_BENCHMARK_LOG") else asyncio.subprocess.DEVNULL,
    )
    try:
        await _ready(f"http://127.0.0.1:{port}/v1/models", process)
        yield f"http://127.0.0.1:{port}/v1#tiny"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def forget_prefixes(model: str) -> None:
    """Empty the prefix cache of vLLM's server; a server without one is left alone."""
    url = model.partition("/v1")[0] + "/reset_prefix_cache"
    async with aiohttp.ClientSession() as session, session.post(url) as response:
        await response.read()


async def _ready(url: str, process: asyncio.subprocess.Process) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(STARTS_IN):
        while process.returncode is None:
            try:
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)
    raise SystemExit("the server did not start; REDRAFT_BENCHMARK_LOG=1 shows what it says")


def _vllm(port: int, max_seqs: int) -> list[str]:
    from redraft.models.convert import find_or_convert
    from redraft.models.vllm import cpu_dtype
    from redraft.models.weights import find_or_fetch

    command = ["-m", "vllm.entrypoints.openai.api_server", "--model", str(find_or_convert(find_or_fetch()))]
    command += ["--served-model-name", "tiny", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--dtype", cpu_dtype(), "--enforce-eager", "--max-model-len", "2048", "--max-num-seqs", str(max_seqs)]
    return [*command, "--enable-prompt-tokens-details", "--scheduling-policy", "priority", "--disable-log-stats"]


def _environment() -> dict[str, str]:
    from redraft.models.vllm import CPU_ENVIRONMENT

    return {**CPU_ENVIRONMENT, "HF_HUB_OFFLINE": "1", "VLLM_SERVER_DEV_MODE": "1", "VLLM_LOGGING_LEVEL": "ERROR"}


def _instant(port: int) -> None:
    async def chat(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=REPLY, content_type="application/json")

    async def models(_: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": "tiny", "owned_by": "vllm"}]})

    app = web.Application(client_max_size=2**24)
    app.add_routes([web.post("/v1/chat/completions", chat), web.get("/v1/models", models)])
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    _instant(int(sys.argv[1]))
