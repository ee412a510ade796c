"""vLLM for the tests, as a program meets it: in this process, and as a server on loopback. Each starts once.

Whatever uses them is in one xdist group, so that a parallel run has one of each as well.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from redraft.models.base import ChatModel
from redraft.models.convert import find_or_convert
from redraft.models.http import HttpModel
from redraft.models.vllm import CPU_ENVIRONMENT, VllmModel
from redraft.models.weights import find_or_fetch

STARTS_IN = 240.0  # seconds; 12 on an idle machine
CONTEXT = 1024  # tokens


def pytest_configure(config: pytest.Config) -> None:
    # vLLM 0.32 closes its sockets but leaves their context to the garbage collector.
    config.addinivalue_line("filterwarnings", "ignore:Unclosed context <zmq:ResourceWarning")
    # PyTorch 2.13 uses what it calls deprecated, while it is imported.
    config.addinivalue_line("filterwarnings", "ignore:`torch.jit.script:DeprecationWarning")


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = importlib.util.find_spec("vllm") is None
    shared = {"vllm", "vllm_model", "vllm_server", "mortal_vllm_server", "reward_servers"}
    for item in items:
        if item.get_closest_marker("vllm"):
            if shared & set(getattr(item, "fixturenames", ())):
                item.add_marker(pytest.mark.xdist_group("vllm"))
            if missing:
                item.add_marker(pytest.mark.skip(reason="vLLM is not installed (scripts/test installs it)"))


@pytest.fixture(scope="session")
def embedded_folder() -> Path:
    """The embedded model as vLLM reads it."""
    return find_or_convert(find_or_fetch())


@pytest.fixture(scope="session")
def vllm_model(embedded_folder: Path) -> Iterator[VllmModel]:
    """The embedded model in vLLM, in this process."""
    model = VllmModel("embedded", max_model_len=CONTEXT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's and vLLM's own, while they are imported
        asyncio.run(model.connect())
    yield model
    asyncio.run(model.aclose())


@dataclass(frozen=True)
class Server:
    """A vLLM server that the tests started."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path

    @property
    def url(self) -> str:
        return f"{self.address}/v1"

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.address + path, timeout=100) as response:
            return str(response.read().decode())

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + STARTS_IN
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.get("/health")
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        pytest.fail(f"vLLM's server did not start. Its log ends:\n{self.log.read_text()[-4000:]}")

    def kill(self) -> None:
        """End the server as a crash would, with the processes it started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()


def start_server(model: Path, log: Path, *options: str) -> Server:
    """A server of its own session, so that its process id names all its processes. `options` win over those here."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", str(model)]
    command += ["--served-model-name", "smollm2", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--dtype", "bfloat16", "--enforce-eager", "--max-model-len", str(CONTEXT)]
    command += ["--enable-prompt-tokens-details"]
    command += ["--structured-outputs-config", '{"backend": "xgrammar", "disable_any_whitespace": true}']
    command += options
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env={**CPU_ENVIRONMENT, **os.environ, "HF_HUB_OFFLINE": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Server(process, f"http://127.0.0.1:{port}", log)


@pytest.fixture(scope="session")
def vllm_server(embedded_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The embedded model behind vLLM's OpenAI-compatible server."""
    server = start_server(embedded_folder, tmp_path_factory.mktemp("vllm") / "server.log")
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()


@pytest.fixture
def mortal_vllm_server(embedded_folder: Path, tmp_path: Path) -> Iterator[Server]:
    """Another such server, for a test to kill."""
    server = start_server(embedded_folder, tmp_path / "server.log")
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session", params=["in process", "server"])
def vllm_way(request: pytest.FixtureRequest) -> VllmModel | Server:
    """Each way to vLLM in turn."""
    name = {"in process": "vllm_model", "server": "vllm_server"}[request.param]
    way: VllmModel | Server = request.getfixturevalue(name)
    return way


@pytest.fixture
async def vllm(vllm_way: VllmModel | Server) -> AsyncIterator[ChatModel]:
    """The embedded model over each way to vLLM in turn."""
    if isinstance(vllm_way, VllmModel):
        yield vllm_way
    else:
        model = HttpModel(vllm_way.url)
        yield model
        await model.aclose()
