"""Several servers of one model: an item keeps to its server, none is overrun, and one that dies is not missed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from redraft.errors import ConfigError
from redraft.models.balanced import Balanced
from redraft.models.base import ChatRequest, ChatResponse, Message
from redraft.models.breaker import Breaker
from redraft.models.errors import BadRequest, ServerFault, Unreachable
from redraft.models.open import open_model, wrap
from redraft.models.retry import Retrying
from redraft.models.turn import turn
from tests.models.asking import ask
from tests.models.faulty_server import FaultyServer, says, status


@asynccontextmanager
async def balanced(servers: Iterable[FaultyServer], spare: int = 4) -> AsyncIterator[Balanced]:
    model = Balanced([server.url for server in servers], "tiny", spare=spare, first_wait=0.01, longest_wait=0.05)
    try:
        yield model
    finally:
        await model.aclose()


@asynccontextmanager
async def three() -> AsyncIterator[list[FaultyServer]]:
    """Three servers, each of which answers with its own number."""
    async with AsyncExitStack() as stack:
        servers = [FaultyServer(turns=[says(str(number))]) for number in range(3)]
        yield [await stack.enter_async_context(server.running()) for server in servers]


async def said(model: Balanced | Retrying, item: int, request: ChatRequest | None = None) -> str:
    """What the model says to a chat made for `item`."""

    async def chat() -> ChatResponse:
        turn.set(item)
        return await model.chat(request or ask())

    return (await asyncio.create_task(chat())).completions[0].text


def port_of(server: FaultyServer) -> int:
    return int(server.url.rsplit(":", 1)[1].split("/")[0])


async def test_all_chats_of_an_item_go_to_one_server_and_the_items_to_all() -> None:
    async with three() as servers, balanced(servers) as model:
        first = [await said(model, item, ask("first")) for item in range(1, 61)]
        second = [await said(model, item, ask("second")) for item in range(1, 61)]
    assert first == second
    assert all(first.count(number) >= 5 for number in "012"), "sixty items are shared out, about twenty each"


async def test_without_an_item_what_begins_alike_goes_to_one_server() -> None:
    def about(source: str, question: str) -> ChatRequest:
        return ChatRequest((Message("user", source), Message("assistant", "Yes?"), Message("user", question)))

    async with three() as servers, balanced(servers) as model:
        asked = [[await said(model, 0, about(f"text {n}", f"question {m}")) for m in range(2)] for n in range(60)]
    assert all(len(set(same)) == 1 for same in asked)
    assert len({same[0] for same in asked}) == 3


async def test_a_server_that_goes_away_moves_its_own_items_alone() -> None:
    async with three() as servers:
        async with balanced(servers) as model:
            before = [await said(model, item) for item in range(1, 31)]
        async with balanced(servers[:2]) as model:
            after = [await said(model, item) for item in range(1, 31)]
    assert all(now == then for now, then in zip(after, before, strict=True) if then != "2")


async def test_a_crowd_of_one_item_is_shared_out_but_a_few_chats_stay_together() -> None:
    together = asyncio.Event()

    async def slowly(request: web.Request) -> web.StreamResponse:
        await together.wait()
        return await says("hello")(request)

    async with three() as servers, balanced(servers) as model:
        for server in servers:
            server.turns[:] = [slowly]
        few = [asyncio.create_task(said(model, 7)) for _ in range(4)]
        while sum(server.at_once for server in servers) < 4:
            await asyncio.sleep(0.01)
        assert sorted(server.at_once for server in servers) == [0, 0, 4]
        crowd = [asyncio.create_task(said(model, 7)) for _ in range(56)]
        while sum(server.at_once for server in servers) < 60:
            await asyncio.sleep(0.01)
        assert max(server.at_once for server in servers) <= 25, "a quarter more than its share of twenty"
        together.set()
        await asyncio.gather(*few, *crowd)


async def test_no_chat_is_lost_when_a_server_dies_and_it_is_asked_again_once_it_is_back() -> None:
    async with AsyncExitStack() as stack, three() as [stays, *_]:
        other = FaultyServer(turns=[says("other")])
        dying = AsyncExitStack()
        await stack.enter_async_context(dying)
        await dying.enter_async_context(other.running())
        port = port_of(other)
        model = await stack.enter_async_context(balanced([stays, other]))
        await model.connect()
        its_items = [item for item in range(1, 200) if await said(model, item) == "other"]

        async def slowly(request: web.Request) -> web.StreamResponse:
            await asyncio.sleep(30)
            return web.Response()

        other.turns[:] = [slowly]
        chats = [asyncio.create_task(said(model, item)) for item in its_items[:8]]
        while other.at_once < 4:
            await asyncio.sleep(0.01)
        await dying.aclose()
        assert await asyncio.gather(*chats) == ["0"] * 8, "those under way are made elsewhere"
        assert await said(model, its_items[0]) == "0"
        async with FaultyServer(turns=[says("back")]).running(port):
            async with asyncio.timeout(60):
                while await said(model, its_items[0]) != "back":
                    await asyncio.sleep(0.01)


async def test_a_server_that_only_fails_is_left_out_while_the_others_answer(caplog: pytest.LogCaptureFixture) -> None:
    async with three() as servers, balanced(servers) as model:
        item, *_ = [item for item in range(1, 100) if await said(model, item) == "0"]
        servers[0].turns[:] = [status(500)]
        servers[0].well = False
        for _ in range(3):
            with pytest.raises(ServerFault):
                await said(model, item)
        assert await said(model, item) in "12"
    assert "going on with the other servers" in caplog.text


async def test_a_refused_request_is_sent_to_one_server_only() -> None:
    async with three() as servers, balanced(servers) as model:
        for server in servers:
            server.turns[:] = [status(400)]
        with pytest.raises(BadRequest):
            await said(model, 1)
    assert sum(len(server.bodies) for server in servers) == 1


async def test_when_all_are_down_chats_wait_until_any_is_back() -> None:
    async with three() as servers:
        pass
    model = Balanced([server.url for server in servers], "tiny", first_wait=0.01, longest_wait=0.05)
    breaker = Breaker(model, model, threshold=3, first_wait=0.01, longest_wait=0.05)
    retrying = Retrying(breaker, 3, first_wait=0.001)
    chats = [asyncio.create_task(said(retrying, item)) for item in range(1, 13)]
    await asyncio.sleep(0.2)
    assert not any(chat.done() for chat in chats)
    async with FaultyServer(turns=[says("back")]).running(port_of(servers[1])):
        assert await asyncio.gather(*chats) == ["back"] * 12
    await retrying.aclose()


async def test_one_server_that_is_down_at_the_start_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with three() as [first, second, _]:
        async with FaultyServer().running() as gone:
            pass
        async with balanced([gone, first, second]) as model:
            await model.connect()
            assert {await said(model, item) for item in range(1, 20)} == {"0", "1"}
        async with balanced([gone]) as model:
            with pytest.raises(Unreachable):
                await model.connect()
    assert "going on with the other servers" in caplog.text


async def test_a_server_without_the_model_is_refused() -> None:
    async with three() as servers:
        servers[1].models = {"data": [{"id": "huge"}]}
        async with balanced(servers) as model:
            with pytest.raises(BadRequest, match="has no model 'tiny'"):
                await model.connect()


async def test_the_model_string_names_them_all_and_the_store_answers_whichever_is_asked(tmp_path: Path) -> None:
    async with three() as servers:
        for asked, stored in ((servers, False), (servers[:2], True)):
            spec = ",".join(f"{server.url}#tiny" for server in asked)
            model = wrap(open_model(spec), store=tmp_path / "store")
            assert model.name == spec
            assert (await model.chat(ask())).stored is stored
            await model.aclose()


async def test_they_work_on_as_much_as_all_of_them() -> None:
    async with three() as servers, balanced(servers) as model:
        await model.connect()
        assert model.at_once() == 3 * 256


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("http://a/v1#one,http://b/v1#two", "they are given one and two"),
        ("http://a/v1,http://b/v1", "give its name"),
        ("http://a/v1#one,http://a/v1#one", "names a server twice"),
        ("http://a/v1#one,https://", "is not the address of a server"),
    ],
)
def test_servers_that_are_not_one_model_are_refused(spec: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        open_model(spec)
