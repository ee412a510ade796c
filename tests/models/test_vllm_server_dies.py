"""A vLLM server that dies while it works: nobody waits for ever, and everybody is told the same."""

from __future__ import annotations

import asyncio
import re

import pytest

from redraft.models.base import ChatRequest, Message, Regex, Sampling
from redraft.models.errors import Unreachable
from redraft.models.http import HttpModel

pytestmark = [pytest.mark.slow, pytest.mark.vllm]

LONG = ChatRequest((Message("user", "Write."),), Sampling(max_tokens=900), Regex("[a-z ]{5000}"))
RUNNING = re.compile(r"^vllm:num_requests_running\{.*\} (\S+)$", re.MULTILINE)


async def test_a_server_that_dies_mid_run_is_unreachable(mortal_vllm_server) -> None:
    model = HttpModel(mortal_vllm_server.url)
    chats = [asyncio.create_task(model.chat(LONG)) for _ in range(4)]
    while (found := RUNNING.search(await asyncio.to_thread(mortal_vllm_server.get, "/metrics"))) is None or (
        float(found[1]) < 4
    ):
        await asyncio.sleep(0.1)
    mortal_vllm_server.kill()
    assert [type(ended) for ended in await asyncio.gather(*chats, return_exceptions=True)] == [Unreachable] * 4
    with pytest.raises(Unreachable):
        await model.chat(LONG)
    await model.aclose()
