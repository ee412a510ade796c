"""One store and one budget for several processes: equal calls are one, and a process that dies takes nothing along."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from redraft.engine.keeper import Ask, Keeper
from redraft.engine.kept import Caller, Keeps, Kept
from redraft.errors import ConfigError
from redraft.models.base import ChatModel, ChatRequest, ChatResponse, Completion
from redraft.models.budget import Budget, most_tokens
from redraft.models.errors import BadRequest, BudgetSpent, MalformedReply, ModelError
from redraft.models.scripted import Scripted
from tests.models.asking import ask
from tests.models.counting import Counting


class Gated(Scripted):
    """Answers with the text asked, once the gate is open."""

    def __init__(self, name: str = "scripted") -> None:
        super().__init__(lambda request: request.messages[-1].content, name)
        self.gate = asyncio.Event()
        self.waiting = 0

    async def chat(self, request: ChatRequest) -> ChatResponse:
        self.waiting += 1
        await self.gate.wait()
        return await super().chat(request)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def kept_by(keeper: Keeps, model: ChatModel, store: Path | None, caller: str = "a") -> Kept:
    """The model in a process of that name."""
    return Kept(model, Caller(caller, keeper), store)


def two(keeper: Keeps, store: Path | None) -> tuple[list[Gated], list[Kept]]:
    """The same model in two processes."""
    models = [Gated(), Gated()]
    return models, [kept_by(keeper, model, store, caller) for model, caller in zip(models, "ab", strict=True)]


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not happened():
            await asyncio.sleep(0.001)


async def test_equal_calls_of_two_processes_are_one_call(store: Path) -> None:
    keeper = Keeper(store, None)
    models, kept = two(keeper, store)
    chats = [asyncio.create_task(model.chat(ask())) for model in kept]
    await until(lambda: models[0].waiting == 1)
    for model in models:
        model.gate.set()
    first, second = await asyncio.gather(*chats)
    assert (first.stored, second.stored) == (False, True)
    assert first.completions == second.completions
    assert [len(model.requests) for model in models] == [1, 0]
    assert await keeper.calls_made() == 1
    await keeper.aclose()


async def test_what_was_answered_is_answered_by_the_next_run(store: Path) -> None:
    for stored in (False, True):
        keeper = Keeper(store, None)
        models, kept = two(keeper, store)
        models[0].gate.set()
        assert (await kept[0].chat(ask())).stored is stored
        await keeper.aclose()


async def test_models_of_different_identity_are_kept_apart(store: Path) -> None:
    keeper = Keeper(store, None)
    for name in ("small", "large"):
        model = Gated(name)
        model.gate.set()
        assert not (await kept_by(keeper, model, store).chat(ask())).stored
    await keeper.aclose()


@pytest.mark.parametrize("storing", [True, False])
async def test_the_calls_and_tokens_of_a_process_that_died_are_free_for_others(tmp_path: Path, storing: bool) -> None:
    store = tmp_path / "store" if storing else None
    budget = Budget(max_calls=3, max_tokens=100)
    keeper = Keeper(store, budget)
    models, kept = two(keeper, store)
    models[1].gate.set()
    lost = asyncio.create_task(kept[0].chat(ask()))
    await until(lambda: models[0].waiting == 1)
    set_aside = budget.tokens
    assert set_aside > 0
    keeper.gone("a")
    assert (await asyncio.wait_for(kept[1].chat(ask()), 60)).completions[0].text == "Say hello in German."
    assert budget.tokens < set_aside
    assert budget.calls == 2, "the one that was lost was made, too, for all one knows"
    models[0].gate.set()
    assert (await lost).completions, "it was only taken for dead: its late answer does no harm"
    await keeper.aclose()


async def test_one_budget_holds_for_all() -> None:
    keeper = Keeper(None, Budget(max_calls=3))
    models, kept = two(keeper, None)
    for model in models:
        model.gate.set()
    for number in range(3):
        await kept[number % 2].chat(ask(str(number)))
    for model in kept:
        with pytest.raises(BudgetSpent):
            await model.chat(ask("one more"))
    assert await keeper.calls_made() is None


@pytest.mark.parametrize("storing", [True, False])
async def test_a_call_waits_for_what_those_of_another_process_leave_over(tmp_path: Path, storing: bool) -> None:
    store = tmp_path / "store" if storing else None
    keeper = Keeper(store, Budget(max_tokens=sum(most_tokens(ask())) + 20))
    models, kept = two(keeper, store)
    models[1].gate.set()
    first = asyncio.create_task(kept[0].chat(ask()))
    await until(lambda: models[0].waiting == 1)
    others = [asyncio.create_task(kept[1].chat(ask("Another one."))) for _ in range(2)]
    await asyncio.sleep(0.01)
    assert not any(other.done() for other in others)
    models[0].gate.set()
    async with asyncio.timeout(60):
        outcomes = await asyncio.gather(first, *others)
    assert [outcome.stored for outcome in outcomes] == [False, False, storing]
    await keeper.aclose()


async def test_an_error_is_its_callers_and_another_may_do_better(store: Path) -> None:
    keeper = Keeper(store, None)
    failing = kept_by(keeper, Scripted(lambda request: BadRequest("no")), store)
    model = Gated()
    model.gate.set()
    with pytest.raises(BadRequest, match="no"):
        await failing.chat(ask())
    assert not (await kept_by(keeper, model, store, "b").chat(ask())).stored
    await keeper.aclose()


@pytest.mark.parametrize(("error", "billed"), [(BadRequest("no"), False), (MalformedReply("half a"), True)])
async def test_what_a_server_may_bill_is_spent_though_the_call_failed(error: ModelError, billed: bool) -> None:
    budget = Budget()
    keeper = Keeper(None, budget)
    with pytest.raises(ModelError):
        await kept_by(keeper, Scripted(lambda request: error), None).chat(ask())
    await until(lambda: not any(budget.set_aside))
    assert (budget.calls, budget.tokens > 0) == (1, billed)


@pytest.mark.parametrize("when", ["while it is made", "while the keeper is asked"])
async def test_a_call_that_is_cancelled_holds_up_nobody(store: Path, when: str) -> None:
    budget = Budget()
    keeper = Keeper(store, budget)
    models, kept = two(keeper, store)
    models[1].gate.set()
    chat = asyncio.create_task(kept[0].chat(ask()))
    await until(lambda: bool(models[0].waiting if when == "while it is made" else budget.calls))
    chat.cancel()
    assert (await asyncio.wait_for(kept[1].chat(ask()), 60)).completions
    assert budget.calls == 2
    await keeper.aclose()


async def test_who_waits_for_anothers_call_and_is_cancelled_is_forgotten(store: Path) -> None:
    budget = Budget()
    keeper = Keeper(store, budget)
    models, kept = two(keeper, store)
    chats = [asyncio.create_task(model.chat(ask())) for model in kept]
    await until(lambda: models[0].waiting == 1)
    chats[1].cancel()
    models[0].gate.set()
    assert not (await asyncio.wait_for(chats[0], 60)).stored
    assert (await keeper.exchange("b", [Ask(9, b"another", 1, 1)]), budget.calls) == (["make"], 2)
    await keeper.aclose()


async def test_a_store_that_cannot_be_used_is_said_where_the_call_is_made(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("no database at all, but long enough to be looked at " * 20)
    with pytest.raises(ConfigError, match="cannot be used"):
        await kept_by(Keeper(tmp_path / "store", None), Gated(), tmp_path / "store").chat(ask())


async def test_of_many_who_ask_the_same_in_vain_each_asks_for_itself_and_one_at_a_time(store: Path) -> None:
    keeper = Keeper(store, None)
    model = Counting(lambda request: Completion("half a", "abort"))
    kept = [kept_by(keeper, model, store, caller) for caller in "ab"]
    responses = await asyncio.gather(*(kept[number % 2].chat(ask()) for number in range(20)))
    assert [response.stored for response in responses] == [False] * 20
    assert (len(model.requests), model.most) == (20, 1)
    await keeper.aclose()
