"""The life of the engine in this process: found, loaded, named, interrupted, killed, closed."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
from pathlib import Path

import pytest

from redraft.errors import ConfigError, MissingExtra
from redraft.models.base import ChatRequest, Message, Regex, Sampling
from redraft.models.errors import Unreachable
from redraft.models.vllm import VllmModel

LONG = ChatRequest((Message("user", "Write."),), Sampling(max_tokens=900), Regex("[a-z ]{5000}"))
SHORT = ChatRequest((Message("user", "Write."),), Sampling(max_tokens=3))


def test_without_vllm_the_line_to_type_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(MissingExtra, match=r"redraft\[vllm\]"):
        VllmModel("embedded")


@pytest.mark.vllm
def test_a_model_is_not_identified_before_it_is_loaded() -> None:
    model = VllmModel("embedded")
    assert model.name == "vllm:embedded"
    with pytest.raises(ConfigError, match="connect first"):
        _ = model.identity


@pytest.mark.vllm
def test_the_identity_names_the_weights_and_their_precision(vllm_model: VllmModel) -> None:
    assert vllm_model.identity in {f"vllm:embedded@b179c9523d0e6a0f {dtype}" for dtype in ("bfloat16", "float32")}


@pytest.mark.vllm
async def test_what_vllm_cannot_load_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    model = VllmModel(str(tmp_path))
    with pytest.raises(ConfigError, match="vLLM cannot load"):
        await model.connect()
    await model.aclose()


@pytest.mark.vllm
async def test_an_unknown_engine_option_is_named(embedded_folder: Path) -> None:
    model = VllmModel(str(embedded_folder), no_such_option=1)
    with pytest.raises(ConfigError, match="no_such_option"):
        await model.connect()
    await model.aclose()


@pytest.mark.vllm
def test_one_engine_serves_one_event_loop_after_another(vllm_model: VllmModel) -> None:
    for _ in range(2):
        assert asyncio.run(vllm_model.chat(SHORT)).completions


@pytest.mark.vllm
async def test_many_chats_at_once_are_all_answered(vllm_model: VllmModel) -> None:
    responses = await asyncio.gather(*(vllm_model.chat(SHORT) for _ in range(40)))
    assert [len(response.completions) for response in responses] == [1] * 40


@pytest.mark.vllm
async def test_a_cancelled_chat_is_taken_from_the_engine(vllm_model: VllmModel) -> None:
    chat = asyncio.create_task(vllm_model.chat(LONG))
    await in_flight(vllm_model, 1)
    chat.cancel()
    with pytest.raises(asyncio.CancelledError):
        await chat
    await in_flight(vllm_model, 0)


@pytest.mark.slow
@pytest.mark.vllm
async def test_closing_ends_what_is_in_flight_and_another_chat_starts_anew(vllm_model: VllmModel) -> None:
    chats = [asyncio.create_task(vllm_model.chat(LONG)) for _ in range(3)]
    await in_flight(vllm_model, 3)
    await vllm_model.aclose()
    assert [type(ended) for ended in await asyncio.gather(*chats, return_exceptions=True)] == [Unreachable] * 3
    await vllm_model.aclose()
    assert (await vllm_model.chat(SHORT)).completions


@pytest.mark.slow
@pytest.mark.vllm
async def test_an_engine_that_dies_is_unreachable_for_those_who_wait_and_those_who_come(vllm_model: VllmModel) -> None:
    chats = [asyncio.create_task(vllm_model.chat(LONG)) for _ in range(3)]
    await in_flight(vllm_model, 3)
    (engine,) = [child for child in multiprocessing.active_children() if "EngineCore" in child.name]
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGKILL)
    assert [type(ended) for ended in await asyncio.gather(*chats, return_exceptions=True)] == [Unreachable] * 3
    with pytest.raises(Unreachable):
        await vllm_model.chat(SHORT)
    await vllm_model.aclose()
    assert (await vllm_model.chat(SHORT)).completions


async def in_flight(model: VllmModel, count: int) -> None:
    """Wait until the engine works on `count` chats."""
    while model.in_flight != count:
        await asyncio.sleep(0.01)
