"""A server can be absent, slow, busy, broken or strict, and each of these is an error of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager

import pytest

from redraft.errors import ConfigError
from redraft.models.base import Choice, Regex
from redraft.models.errors import (
    BadRequest,
    MalformedReply,
    ModelError,
    PromptTooLong,
    RateLimited,
    ServerFault,
    TimedOut,
    Unreachable,
    Unsupported,
)
from redraft.models.http import HttpModel
from redraft.models.limit import Limited
from redraft.models.openai_protocol import Dialect
from redraft.models.retry import Retrying
from tests.models.asking import ask
from tests.models.faulty_server import FaultyServer, Turn, cut_off, hang_up, never, raw, says, serving, status

LLAMA = {"data": [{"id": "tiny", "owned_by": "llamacpp", "meta": {"n_ctx": 512}}]}


@asynccontextmanager
async def model_at(
    server: FaultyServer, name: str | None = None, api_key: str | None = None, timeout: float = 30
) -> AsyncIterator[HttpModel]:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(server.running())
        yield await stack.enter_async_context(aclosing(HttpModel(server.url, name, api_key, timeout)))


async def test_a_reply_brings_text_finish_reason_and_usage() -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 4}}
    async with model_at(serving([says("hello", **usage)])) as model:
        response = await model.chat(ask())
    assert [(completion.text, completion.finish_reason) for completion in response.completions] == [("hello", "stop")]
    assert response.usage.model_dump(exclude={"seconds"}) == {
        "calls": 1,
        "prompt_tokens": 7,
        "completion_tokens": 3,
        "cached_tokens": 4,
    }
    assert response.usage.seconds > 0
    assert response.model == "tiny"


FAULTS: list[tuple[str, Turn, type[ModelError]]] = [
    ("busy", status(429, {"error": {"message": "slow down"}}, Retry_After="3"), RateLimited),
    ("broken", status(500), ServerFault),
    ("gateway", status(502, "bad gateway"), ServerFault),
    ("impatient", status(408), TimedOut),
    ("strict", status(400, {"error": {"message": "temperature must be a number"}}), BadRequest),
    ("locked", status(401, {"detail": "no"}), BadRequest),
    (
        "vLLM's short context",
        status(
            400,
            {
                "error": {
                    "message": "This model's maximum context length is 64 tokens. However, your prompt contains at "
                    "least 65 input tokens, which exceeds this limit even without any output tokens."
                }
            },
        ),
        PromptTooLong,
    ),
    (
        "llama.cpp's short context",
        status(
            400,
            {"error": {"type": "exceed_context_size_error", "message": "exceeds the available context size (64)"}},
        ),
        PromptTooLong,
    ),
    ("no JSON", raw(b"<html>"), MalformedReply),
    ("no body", raw(b""), MalformedReply),
    ("half a JSON document", raw(b'{"choices": [{"message"'), MalformedReply),
    ("JSON of another kind", raw(b"[1, 2]"), MalformedReply),
    ("no choices", raw(b'{"id": 1}'), MalformedReply),
    ("too few choices", raw(b'{"choices": []}'), MalformedReply),
    ("a choice without a message", raw(b'{"choices": [{"index": 0}]}'), MalformedReply),
    ("a message without content", raw(b'{"choices": [{"message": {"role": "assistant"}}]}'), MalformedReply),
    ("text that is not UTF-8", raw(b'{"choices": [{"message": {"content": "\xff"}}]}'), MalformedReply),
    ("a body cut off", cut_off, Unreachable),
    ("a connection reset", hang_up, Unreachable),
]


@pytest.mark.parametrize(("turn", "expected"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
async def test_every_fault_has_a_class_of_its_own(turn: Turn, expected: type[ModelError]) -> None:
    async with model_at(serving([turn])) as model:
        with pytest.raises(ModelError) as caught:
            await model.chat(ask())
    assert type(caught.value) is expected


async def test_what_the_server_said_is_in_the_error() -> None:
    async with model_at(serving([status(400, {"error": {"message": "temperature must be a number"}})])) as model:
        with pytest.raises(BadRequest, match=r"^HTTP 400: temperature must be a number$"):
            await model.chat(ask())


async def test_a_slow_server_times_out() -> None:
    async with model_at(serving([never]), timeout=0.3) as model:
        with pytest.raises(TimedOut, match=r"0\.3 s"):
            await model.chat(ask())


async def test_nobody_listening_is_unreachable() -> None:
    async with FaultyServer().running() as server:
        url = server.url
    async with aclosing(HttpModel(url)) as model:
        with pytest.raises(Unreachable, match="cannot be reached"):
            await model.connect()


async def test_a_server_that_dies_mid_run_is_unreachable_and_found_again_when_it_is_back() -> None:
    server = FaultyServer()
    async with AsyncExitStack() as stack:
        async with server.running():
            port = int(server.url.split(":")[2].split("/")[0])
            model = await stack.enter_async_context(aclosing(HttpModel(server.url)))
            await model.chat(ask())
            server.turns = [never]
            under_way = [asyncio.ensure_future(model.chat(ask(f"question {i}"))) for i in range(3)]
            while server.at_once < 3:
                await asyncio.sleep(0.01)
        for outcome in await asyncio.gather(*under_way, return_exceptions=True):
            assert isinstance(outcome, Unreachable)
        with pytest.raises(Unreachable):
            await model.chat(ask())
        server.turns = [says("back")]
        async with server.running(port):
            assert (await model.chat(ask())).completions[0].text == "back"


async def test_a_busy_server_is_asked_again_and_a_strict_one_is_not() -> None:
    server = serving([status(429, Retry_After="0"), status(503), hang_up, raw(b"{"), says("at last")])
    async with model_at(server) as model:
        patient = Retrying(model, attempts=5, first_wait=0.001)
        assert (await patient.chat(ask())).completions[0].text == "at last"
        assert len(server.bodies) == 5
        server.turns = [status(400, {"error": "no"})]
        with pytest.raises(BadRequest):
            await patient.chat(ask())
        assert len(server.bodies) == 6


async def test_no_more_chats_reach_the_server_at_once_than_allowed() -> None:
    server = FaultyServer()
    async with model_at(server) as model:
        limited = Limited(model, at_most=3)
        await asyncio.gather(*(limited.chat(ask(f"question {i}")) for i in range(20)))
    assert len(server.bodies) == 20
    assert server.most_at_once <= 3


# ---- which model, and how to speak to it -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("models", "dialect", "context"),
    [
        ({"data": [{"id": "tiny", "owned_by": "vllm", "max_model_len": 4096}]}, Dialect.VLLM, 4096),
        (LLAMA, Dialect.LLAMA_CPP, 512),
        ({"data": [{"id": "tiny", "owned_by": "somebody"}]}, Dialect.OPENAI, None),
    ],
)
async def test_the_server_tells_who_it_is(models: dict[str, object], dialect: Dialect, context: int | None) -> None:
    async with model_at(FaultyServer(models=models)) as model:  # type: ignore[arg-type]
        served = await model.connect()
    assert (served.model, served.dialect, served.max_context) == ("tiny", dialect, context)


async def test_an_unknown_model_name_is_answered_with_the_known_ones() -> None:
    two = {"data": [{"id": "big"}, {"id": "small"}]}
    async with model_at(FaultyServer(models=two), "huge") as model:
        with pytest.raises(BadRequest, match=r"'huge'.*big, small"):
            await model.connect()
    async with model_at(FaultyServer(models=two)) as model:
        with pytest.raises(BadRequest, match=r"exactly one.*big, small"):
            await model.chat(ask())
    async with model_at(FaultyServer(models=two), "small") as model:
        assert (await model.connect()).model == "small"


async def test_a_server_that_lists_nothing_serves_the_model_that_was_named() -> None:
    server = FaultyServer(models=None)
    async with model_at(server, "tiny") as model:
        assert (await model.chat(ask())).model == "tiny"
    async with model_at(server) as model:
        with pytest.raises(BadRequest):
            await model.chat(ask())


async def test_a_wrong_key_says_where_to_put_the_right_one() -> None:
    server = FaultyServer(key="secret")
    async with model_at(server) as model:
        with pytest.raises(BadRequest, match="OPENAI_API_KEY"):
            await model.connect()
    async with model_at(server, api_key="secret") as model:
        assert (await model.connect()).model == "tiny"


async def test_the_identity_is_the_address_and_the_name_and_never_a_guess() -> None:
    async with model_at(FaultyServer()) as model:
        assert not model.identity.endswith("#tiny")
        assert (await model.settled_identity()).endswith("/v1#tiny")
        assert HttpModel(model.name, "tiny").identity == model.identity


NO_ADDRESSES = ["localhost:8000", "ftp://localhost", "http://", "", "http://a:b/v1", "http://[::1/v1", "http://a:99999"]


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="not the address"):
        HttpModel(address)


@pytest.mark.parametrize("address", ["http://me:SECRET@host/v1", "http://SECRET@host/v1", "http://me:SECRET@host:b/v1"])
def test_a_password_in_an_address_is_refused_since_addresses_are_kept_and_shown(address: str) -> None:
    with pytest.raises(ConfigError, match=r"put the key into \$OPENAI_API_KEY") as caught:
        HttpModel(address)
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("key", ["SECRET\r", "SECRET\n", "SECRET\u2019", "SECRET\udcff"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ConfigError, match=r"\$OPENAI_API_KEY") as caught:
        HttpModel("http://localhost:8000/v1", api_key=key)
    assert "SECRET" not in str(caught.value)


# ---- several completions, and constraints ----------------------------------------------------------------------


async def test_vllm_is_asked_once_for_n_completions_and_llama_cpp_n_times() -> None:
    vllm = serving([says("a", "b", "c", prompt_tokens=5, completion_tokens=6)])
    async with model_at(vllm) as model:
        of_vllm = await model.chat(ask(n=3, seed=10, temperature=1.0))
    llama = FaultyServer(turns=[says(text, prompt_tokens=5, completion_tokens=2) for text in "abc"], models=LLAMA)
    async with model_at(llama) as model:
        of_llama = await model.chat(ask(n=3, seed=10, temperature=1.0))
    assert [(body.get("n"), body["seed"]) for body in vllm.bodies] == [(3, 10)]
    assert sorted((body.get("n"), body["seed"]) for body in llama.bodies) == [(None, 10), (None, 11), (None, 12)]
    assert [completion.text for completion in of_vllm.completions] == ["a", "b", "c"]
    assert len(of_llama.completions) == 3
    assert (of_vllm.usage.calls, of_vllm.usage.prompt_tokens, of_vllm.usage.completion_tokens) == (1, 5, 6)
    assert (of_llama.usage.calls, of_llama.usage.prompt_tokens, of_llama.usage.completion_tokens) == (1, 15, 6)


async def test_one_failed_completion_of_n_fails_the_chat_with_its_own_error() -> None:
    server = FaultyServer(turns=[says("a"), status(429), says("c")], models=LLAMA)
    async with model_at(server) as model:
        with pytest.raises(RateLimited):
            await model.chat(ask(n=3))


async def test_a_server_that_ignores_a_constraint_is_found_out() -> None:
    async with model_at(serving([says("Well, let me think.")])) as model:
        for constraint in (Choice(("A", "B")), Regex("[AB]")):
            with pytest.raises(Unsupported, match=r"ignored the constraint.*Well"):
                await model.chat(ask(constraint=constraint))


def test_a_model_serves_one_event_loop_after_another() -> None:
    async def once(model: HttpModel) -> str:
        text = (await model.chat(ask())).completions[0].text
        await model.aclose()
        return text

    async def serve_meanwhile() -> list[str]:
        async with FaultyServer().running() as server:
            model = HttpModel(server.url)
            return [await asyncio.to_thread(asyncio.run, once(model)) for _ in range(2)]

    assert asyncio.run(serve_meanwhile()) == ["hello", "hello"]
