"""No more chats at once than are allowed, and the item that came first goes first."""

from __future__ import annotations

import asyncio
import contextlib

from redraft.models.base import ChatRequest, ChatResponse
from redraft.models.limit import Limited
from redraft.models.scripted import Scripted
from redraft.models.turn import turn
from tests.models.asking import ask
from tests.models.counting import Counting


async def test_the_limit_holds_whatever_comes_at_once() -> None:
    counting = Counting(lambda request: "yes")
    model = Limited(counting, at_most=3)
    await asyncio.gather(*(model.chat(ask()) for _ in range(20)))
    assert counting.most == 3


def test_a_limited_model_serves_one_event_loop_after_another() -> None:
    model = Limited(Scripted(lambda request: "yes"), at_most=1)

    async def crowd() -> int:
        return len(await asyncio.gather(*(model.chat(ask()) for _ in range(4))))

    assert [asyncio.run(crowd()) for _ in range(2)] == [4, 4]


class Slow(Scripted):
    """Answers with the text asked, after all others have had their turn."""

    def __init__(self) -> None:
        super().__init__(lambda request: request.messages[-1].content)

    async def chat(self, request: ChatRequest) -> ChatResponse:
        response = await super().chat(request)
        await asyncio.sleep(0.001)
        return response


async def test_of_those_that_wait_the_item_that_came_first_goes_first() -> None:
    model = Slow()
    limited = Limited(model, at_most=1)

    async def chat(item: int) -> None:
        turn.set(item)
        await limited.chat(ask(str(item)))

    await asyncio.gather(*(chat(item) for item in (5, 3, 9, 1, 3)))
    assert [request.messages[-1].content for request in model.requests] == ["5", "1", "3", "3", "9"]


async def test_one_that_stops_waiting_gives_its_place_to_the_next() -> None:
    limited = Limited(Slow(), at_most=1)
    tasks = [asyncio.create_task(limited.chat(ask(str(number)))) for number in range(4)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    tasks[0].cancel()
    tasks[2].cancel()
    for task in tasks[:3]:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert (await asyncio.wait_for(tasks[3], 60)).completions[0].text == "3"


async def test_without_a_limit_as_many_as_the_model_works_on() -> None:
    class Two(Scripted):
        def at_once(self) -> int:
            return 2

        async def chat(self, request: ChatRequest) -> ChatResponse:
            running.append(1)
            most.append(len(running))
            await asyncio.sleep(0)
            running.pop()
            return await super().chat(request)

    running: list[int] = []
    most: list[int] = []
    limited = Limited(Two(lambda request: "yes"))
    await asyncio.gather(*(limited.chat(ask()) for _ in range(9)))
    assert max(most) == 2
