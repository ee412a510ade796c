"""A server that is down is waited for; one that is well gets no patience for its errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from redraft.models.base import ChatResponse
from redraft.models.breaker import Breaker, ServerGone
from redraft.models.errors import BadRequest, RateLimited, ServerFault, TimedOut
from redraft.models.http import HttpModel
from redraft.models.retry import Retrying
from tests.models.asking import ask
from tests.models.faulty_server import FaultyServer, hang_up, never, says, serving, status


@asynccontextmanager
async def guarded(
    server: FaultyServer, patience: float = 60.0, retries: int = 3, timeout: float = 60.0
) -> AsyncIterator[Retrying]:
    """The model of `server` as a run wraps it, with short waits."""
    http = HttpModel(server.url, "tiny", timeout=timeout)
    breaker = Breaker(http, http, patience, threshold=retries, first_wait=0.01, longest_wait=0.05)
    try:
        yield Retrying(breaker, retries, first_wait=0.001)
    finally:
        await breaker.aclose()


async def test_chats_wait_while_the_server_is_down_and_none_is_lost() -> None:
    server = serving([status(503)])
    server.well = False
    async with server.running(), guarded(server) as model:
        chats = [asyncio.create_task(model.chat(ask(str(number)))) for number in range(20)]
        while server.health_checks < 3:
            await asyncio.sleep(0.01)
        sent = len(server.bodies)
        while server.health_checks < 5:
            await asyncio.sleep(0.01)
        assert len(server.bodies) == sent, "nothing is sent while the server is down"
        server.turns[:] = [says("well again")]
        server.well = True
        answers = await asyncio.gather(*chats)
    assert {answer.completions[0].text for answer in answers} == {"well again"}


async def test_a_server_that_was_restarted_is_found_again() -> None:
    server = serving([says("hello")])
    async with server.running():
        port = int(server.url.rsplit(":", 1)[1].split("/")[0])
    async with guarded(server) as model:
        chats = [asyncio.create_task(model.chat(ask(str(number)))) for number in range(8)]
        await asyncio.sleep(0.1)
        assert not any(chat.done() for chat in chats)
        async with serving([says("back")]).running(port):
            answers = await asyncio.gather(*chats)
    assert {answer.completions[0].text for answer in answers} == {"back"}


async def test_one_request_that_breaks_a_server_which_is_well_is_an_error_of_its_own() -> None:
    server = serving([status(500)])
    async with server.running(), guarded(server) as model:
        with pytest.raises(ServerFault):
            await model.chat(ask("poison"))
        server.turns[:] = [says("fine")]
        assert (await model.chat(ask("harmless"))).completions[0].text == "fine"


async def test_requests_that_hang_are_errors_of_their_own_however_long_that_takes() -> None:
    async def hangs(request: web.Request) -> web.StreamResponse:
        return await (never if "hang" in await request.text() else says("fine"))(request)

    server = serving([hangs])
    async with server.running(), guarded(server, patience=0.1, timeout=0.5) as model:
        chats = (model.chat(ask("hang" if number < 2 else "harmless")) for number in range(10))
        outcomes = await asyncio.gather(*chats, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [TimedOut] * 2 + [ChatResponse] * 8
    assert server.health_checks


async def test_an_outage_is_given_its_patience_whatever_failed_long_before() -> None:
    server = serving([status(500)])
    async with server.running(), guarded(server, patience=1.0) as model:
        with pytest.raises(ServerFault):
            await model.chat(ask("poison"))
        await asyncio.sleep(1.1)
        server.well, seen = False, server.health_checks
        chat = asyncio.create_task(model.chat(ask("harmless")))
        while server.health_checks < seen + 2 and not chat.done():
            await asyncio.sleep(0.01)
        server.turns[:], server.well = [says("fine")], True
        assert (await chat).completions[0].text == "fine"


async def test_a_rate_limit_holds_all_chats_back_and_none_is_lost() -> None:
    server = serving([status(429)])
    async with server.running(), guarded(server, retries=5) as model:
        chats = [asyncio.create_task(model.chat(ask(str(number)))) for number in range(20)]
        await asyncio.sleep(0.25)
        assert not any(chat.done() for chat in chats)
        server.turns[:] = [says("go on")]
        answers = await asyncio.gather(*chats)
    assert {answer.completions[0].text for answer in answers} == {"go on"}
    assert server.health_checks == 0


async def test_after_a_rate_limit_the_server_says_how_long_nothing_is_sent() -> None:
    server = serving([status(429, Retry_After="2")])
    async with server.running(), guarded(server, retries=1) as model:
        chat = asyncio.create_task(model.chat(ask()))
        await asyncio.sleep(0.2)
        assert len(server.bodies) == 1
        server.turns[:] = [says("go on")]
        assert (await chat).completions[0].text == "go on"


async def test_patience_with_a_rate_limit_ends_too() -> None:
    server = serving([status(429)])
    async with server.running(), guarded(server, patience=0.1, retries=9) as model:
        with pytest.raises(ServerGone, match=r"refused every call for 0\.1 s"):
            await asyncio.gather(*(model.chat(ask(str(number))) for number in range(9)))


async def test_one_request_that_alone_is_refused_is_an_error_of_its_own() -> None:
    server = serving([status(429)])
    async with server.running(), guarded(server) as model:
        with pytest.raises(RateLimited):
            await model.chat(ask("poison"))


async def test_connections_dropped_now_and_then_do_not_stop_anything() -> None:
    server = serving([turn for _ in range(12) for turn in (says("yes"), says("yes"), hang_up)] + [says("yes")])
    async with server.running(), guarded(server, retries=12) as model:
        answers = await asyncio.gather(*(model.chat(ask(str(number))) for number in range(24)))
    assert all(isinstance(answer, ChatResponse) for answer in answers)
    assert server.health_checks == 0


async def test_a_request_that_is_refused_is_no_outage() -> None:
    server = serving([status(400)])
    async with server.running(), guarded(server) as model:
        for _ in range(5):
            with pytest.raises(BadRequest):
                await model.chat(ask())
    assert server.health_checks == 0
    assert len(server.bodies) == 5, "and is not sent again"


async def test_patience_ends() -> None:
    server = serving([status(503)])
    server.well = False
    async with server.running(), guarded(server, patience=0.2) as model:
        outcomes = await asyncio.gather(*(model.chat(ask(str(number))) for number in range(4)), return_exceptions=True)
    assert all(isinstance(outcome, ServerGone) for outcome in outcomes)
    assert "has not answered for 0.2 s" in str(outcomes[0])
