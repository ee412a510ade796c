"""Many items at once: a window that stays full, a slow reader that is waited for, one bad item that hurts nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from langgraph.graph import END, START

import redraft
from redraft.engine.batch import abatch, batch
from redraft.engine.records import Bad, Done, Item, Record
from redraft.engine.run import default_window, run_all
from redraft.errors import ConfigError
from redraft.graphs.graph import Graph
from redraft.graphs.method import Roles, Settings
from redraft.graphs.state import State
from redraft.models.base import ChatRequest, ChatResponse
from redraft.models.scripted import Scripted
from redraft.schema import StopReason, TextTask


class Gauge(Scripted):
    """Agrees with every draft, slowly for texts that say so, and knows how many chats were under way at most."""

    def __init__(self) -> None:
        super().__init__(lambda request: "A draft.\nVerdict: good")
        self.under_way = self.most = 0

    def at_once(self) -> int:
        return 4

    async def chat(self, request: ChatRequest) -> ChatResponse:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0.2 if "slowly" in request.messages[-1].content else 0)
        self.under_way -= 1
        if "broken" in request.messages[-1].content:
            raise ZeroDivisionError("a bug of this model")
        if "cancelled" in request.messages[-1].content:
            raise asyncio.CancelledError("something inside")
        return await super().chat(request)


def items(*texts: str) -> list[Item]:
    return [Item(id=text, line=line, task=TextTask(text=text)) for line, text in enumerate(texts, start=1)]


async def test_a_slow_item_holds_nobody_up() -> None:
    flow = redraft.workflow("self-refine", Gauge())
    lines = [record.line async for record in run_all(flow, items("slowly", *"abcdefghijkl"), window=2)]
    assert sorted(lines) == list(range(1, 14))
    assert lines[-1] == 1


async def test_the_window_is_as_wide_as_the_models_work() -> None:
    model = Gauge()
    flow = redraft.workflow("self-refine", model)
    assert default_window(flow) == 4
    assert len([record async for record in run_all(flow, items(*map(str, range(40))))]) == 40
    assert model.most == 4


async def test_a_workflow_without_a_model_runs_its_items_too() -> None:
    def build(roles: Roles, config: Settings) -> Graph[State]:
        async def check(state: State) -> State:
            return {"stop": StopReason.COMPLETED}

        graph = Graph(State)
        graph.nodes(check)
        graph.chain(START, "check", END)
        return graph

    checks = replace(redraft.METHODS["best-of-n"], roles={"verifier": "checks"}, build=build)
    flow = redraft.workflow(checks, roles={"verifier": "arithmetic"})
    assert len([record async for record in run_all(flow, items(*"abc"))]) == 3


async def test_a_window_in_which_nothing_could_run_is_refused() -> None:
    with pytest.raises(ConfigError, match="a window of 0"):
        async for _ in run_all(redraft.workflow("self-refine", Gauge()), items("a"), window=0):
            pass


async def test_input_without_end_is_taken_no_faster_than_it_is_read() -> None:
    taken = 0

    def endless() -> Iterator[TextTask]:
        nonlocal taken
        while True:
            taken += 1
            yield TextTask(text=f"number {taken}")

    records = abatch(redraft.workflow("self-refine", Gauge()), endless(), window=3)
    for _ in range(5):
        await anext(records)
        await asyncio.sleep(0.05)
    assert taken <= 5 + 3 + 3, "the window, and as many finished"
    await records.aclose()


async def test_an_item_that_breaks_the_program_is_a_record() -> None:
    flow = redraft.workflow("self-refine", Gauge())
    found: dict[str | None, Record] = {r.id: r async for r in run_all(flow, items("a", "broken", "cancelled", "b"))}
    assert isinstance(found["a"], Done)
    assert isinstance(found["b"], Done)
    errors = [record.error for record in (found["broken"], found["cancelled"]) if isinstance(record, Bad)]
    assert [error.cause for error in errors] == ["internal_error", "internal_error"]
    assert [error.message for error in errors] == [
        "ZeroDivisionError: a bug of this model",
        "CancelledError: something inside",
    ]


async def test_what_the_input_raises_ends_the_run_and_leaves_nothing_running() -> None:
    def unreadable() -> Iterator[Item]:
        yield from items("a", "b")
        raise ConfigError("in.jsonl cannot be read")

    model = Gauge()
    with pytest.raises(ConfigError, match="cannot be read"):
        async for _ in run_all(redraft.workflow("self-refine", model), unreadable(), window=2):
            pass
    assert model.under_way == 0
    assert len(asyncio.all_tasks()) == 1


def test_blocking_code_reads_records_one_by_one() -> None:
    with redraft.workflow("self-refine", Gauge()) as flow:
        records = batch(flow, (TextTask(text=str(number)) for number in range(10)))
        assert {record.line for record in records} == set(range(1, 11))
