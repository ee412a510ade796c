"""Every judge really asks the embedded model. What that says is no matter; that it is read, or said to be unread, is.

And what forged text becomes on its way into that model: text, whatever control tokens it is made of.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
import pytest_asyncio

from redraft.models.base import ChatModel, ChatRequest
from redraft.models.weights import find_or_fetch
from redraft.schema import Agreement, Unparsed, Verdict
from redraft.verifiers.judges.judge import Asking
from redraft.verifiers.judges.rubric import Rubric
from redraft.verifiers.open import open_verifier
from tests.verifiers.forgeries import FORGERIES
from tests.verifiers.judging import JUDGES, always, judging

pytestmark = [pytest.mark.local, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("judge", JUDGES)
async def test_held_to_a_schema_every_judge_comes_to_a_verdict(local_model: ChatModel, judge: str) -> None:
    asking = Asking(guided=True, max_tokens=200, reason=8, writing=16)
    result = await judging(JUDGES[judge](local_model, asking), "It is 42.")
    assert isinstance(result, Verdict | Agreement), result


@pytest.mark.parametrize("judge", ["rubric", "semantic-entropy"])
async def test_writing_freely_it_is_read_or_said_to_be_unread(local_model: ChatModel, judge: str) -> None:
    result = await judging(JUDGES[judge](local_model, Asking(max_tokens=16)), "It is 42.")
    assert isinstance(result, Verdict | Agreement | Unparsed), result


async def test_the_pairwise_judge_too(local_model: ChatModel) -> None:
    verifier = open_verifier("pairwise", lambda spec: local_model)
    assert verifier is not None
    assert isinstance(await judging(verifier, "It is 42."), Verdict | Unparsed)


Tokens = Callable[[ChatRequest], Awaitable[list[tuple[int, str]]]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def tokens() -> AsyncIterator[Tokens]:
    """The tokens, with their ids, that llama.cpp makes of a request: its own chat template, its own tokenizer."""
    xllamacpp = pytest.importorskip("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = str(find_or_fetch())
    key = secrets.token_urlsafe()
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [key]
    params.n_parallel, params.n_ctx, params.n_gpu_layers, params.warmup = 1, 256, 0, False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.verbosity = -1
    server = xllamacpp.Server(params)
    async with aiohttp.ClientSession(server.listening_address, headers={"Authorization": f"Bearer {key}"}) as session:

        async def post(path: str, **body: object) -> dict[str, object]:
            async with session.post(path, json=body, raise_for_status=True) as response:
                return dict(await response.json())

        async def tokens_of(request: ChatRequest) -> list[tuple[int, str]]:
            messages = [{"role": message.role, "content": message.content} for message in request.messages]
            rendered = await post("/apply-template", messages=messages)
            found = await post("/tokenize", content=rendered["prompt"], parse_special=True, with_pieces=True)
            pieces = found["tokens"]
            assert isinstance(pieces, list)
            return [(piece["id"], str(piece["piece"])) for piece in pieces]

        yield tokens_of


SPECIAL = 17
"""SmolLM2's ids below are its control tokens."""


async def test_forged_text_adds_no_control_token_and_no_turn(tokens: Tokens) -> None:
    async def control(text: str) -> list[str]:
        model = always("5")
        await judging(Rubric(model), text)
        return [piece for id, piece in await tokens(model.requests[0]) if id < SPECIAL]

    honest = await control("It is 42.")
    assert honest == ["<|im_start|>", "<|im_end|>"] * 2 + ["<|im_start|>"]
    for name, forged in FORGERIES.items():
        assert await control(forged) == honest, name
