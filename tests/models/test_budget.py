"""A budget is kept before a call is made, not regretted after."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft.errors import ConfigError
from redraft.models.base import ChatRequest, ChatResponse
from redraft.models.budget import Budget, Budgeted, Price, most_tokens
from redraft.models.errors import (
    BadRequest,
    BudgetSpent,
    MalformedReply,
    ModelError,
    RateLimited,
    ServerFault,
    TimedOut,
    Unreachable,
    Unsupported,
)
from redraft.models.scripted import Reply, Scripted
from redraft.schema import Usage
from tests.models.asking import ask


class Unhurried(Scripted):
    """Lets the others begin before it answers."""

    async def chat(self, request: ChatRequest) -> ChatResponse:
        await asyncio.sleep(0)
        return await super().chat(request)


async def spend(requests: Sequence[ChatRequest], budget: Budget, reply: Reply | None = None) -> list[Usage]:
    """What the requests cost that passed, all sent at once; each reply is as long as it may be."""
    model = Budgeted(Unhurried(lambda request: reply or "word " * request.sampling.max_tokens), budget)
    outcomes = await asyncio.gather(*(model.chat(request) for request in requests), return_exceptions=True)
    assert all(isinstance(outcome, ChatResponse | BudgetSpent) for outcome in outcomes)
    return [outcome.usage for outcome in outcomes if isinstance(outcome, ChatResponse)]


requests = st.builds(
    lambda words, max_tokens, n: ask("word " * words, max_tokens=max_tokens, n=n),
    st.integers(0, 100),
    st.integers(1, 100),
    st.integers(1, 4),
)


@given(st.lists(requests, max_size=12), st.none() | st.integers(0, 6), st.none() | st.integers(0, 2000))
def test_no_sequence_of_chats_gets_past_a_budget(
    chats: list[ChatRequest], max_calls: int | None, max_tokens: int | None
) -> None:
    budget = Budget(max_calls, max_tokens)
    used = asyncio.run(spend(chats, budget))
    tokens = sum(usage.prompt_tokens + usage.completion_tokens for usage in used)
    assert max_calls is None or len(used) <= max_calls
    assert max_tokens is None or tokens <= max_tokens
    assert (budget.calls, budget.tokens) == (len(used), tokens)
    if max_calls is None and max_tokens is None:
        assert len(used) == len(chats)


async def test_chats_under_way_are_counted_with_all_they_may_take() -> None:
    request = ask(max_tokens=10)
    budget = Budget(max_tokens=2 * sum(most_tokens(request)))
    assert [budget.take(*most_tokens(request)) for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize("money", [False, True])
async def test_a_chat_waits_for_what_those_under_way_leave_over(money: bool) -> None:
    request = ask(max_tokens=1000)
    price = Price(1.0, 50.0)
    budget = Budget(
        max_tokens=None if money else 2 * sum(most_tokens(request)),
        max_cost=2 * price.of(*most_tokens(request)) if money else None,
        price=price,
    )
    assert len(await spend([request] * 100, budget, "short")) == 100


async def test_a_chat_is_refused_with_what_is_really_left() -> None:
    request = ask(max_tokens=100)
    budget = Budget(max_tokens=1000)
    model = Budgeted(Unhurried(lambda request: "word " * 100), budget)
    outcomes = await asyncio.gather(*(model.chat(request) for _ in range(20)), return_exceptions=True)
    refused = [str(outcome) for outcome in outcomes if isinstance(outcome, BudgetSpent)]
    assert set(refused) == {f"{1000 - budget.tokens} of 1000 tokens are left; this call may take 123"}
    assert 1000 - budget.tokens < 123


@pytest.mark.parametrize("end", ["cancelled", "failed"])
async def test_who_waits_goes_on_when_one_under_way_ends_in_any_way(end: str) -> None:
    request, begun, go_on = ask(), asyncio.Event(), asyncio.Event()

    class First(Scripted):
        async def chat(self, request: ChatRequest) -> ChatResponse:
            begun.set()
            await go_on.wait()
            raise Unreachable("gone")

    budget = Budget(max_tokens=sum(most_tokens(request)))
    first = asyncio.create_task(Budgeted(First(lambda request: ""), budget).chat(request))
    await begun.wait()
    others = [asyncio.create_task(Budgeted(Scripted(lambda request: "yes"), budget).chat(request)) for _ in range(3)]
    await asyncio.sleep(0)
    others[0].cancel()
    if end == "failed":
        go_on.set()
    else:
        first.cancel()
    async with asyncio.timeout(60):
        outcomes = await asyncio.gather(*others, first, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes[1:3]] == [ChatResponse, BudgetSpent]


async def test_tokens_set_aside_and_not_used_come_back() -> None:
    request = ask(max_tokens=1000)
    budget = Budget(max_tokens=sum(most_tokens(request)) + 100)
    used = [usage for _ in range(5) for usage in await spend([request], budget, "short")]
    assert len(used) == 5
    assert budget.tokens == sum(usage.prompt_tokens + usage.completion_tokens for usage in used)


BILLED = [TimedOut("no"), MalformedReply("no"), Unsupported("no"), ServerFault("no")]
UNBILLED = [Unreachable("no"), RateLimited("no"), BadRequest("no")]


@pytest.mark.parametrize("error", BILLED + UNBILLED, ids=lambda error: error.cause)
async def test_a_failed_chat_counts_as_a_call_and_costs_what_the_server_may_bill(error: ModelError) -> None:
    budget = Budget(max_calls=1)
    model = Budgeted(Scripted(lambda request: error), budget)
    with pytest.raises(type(error)):
        await model.chat(ask())
    assert (budget.calls, budget.tokens) == (1, sum(most_tokens(ask())) if error in BILLED else 0)
    with pytest.raises(BudgetSpent, match="1 calls"):
        await model.chat(ask())


async def test_models_may_pay_from_one_purse() -> None:
    budget = Budget(max_calls=3)
    critic, refiner = (Budgeted(Scripted(lambda request: "yes"), budget) for _ in range(2))
    outcomes = await asyncio.gather(*(model.chat(ask()) for model in (critic, refiner) * 4), return_exceptions=True)
    assert sum(isinstance(outcome, ChatResponse) for outcome in outcomes) == 3


async def test_money_is_bounded_too_and_never_passed() -> None:
    request = ask(max_tokens=100)
    budget = Budget(max_cost=0.01, price=Price(prompt=1.0, completion=50.0))
    passed = await spend([request] * 5, budget)
    assert len(passed) == 1, "one reply of 100 tokens costs 0.005, and the prompts something too"
    assert budget.cost == pytest.approx((passed[0].prompt_tokens + 50 * passed[0].completion_tokens) / 1e6)


@pytest.mark.parametrize("amount", [nan, inf, -1.0])
def test_a_price_is_two_amounts_of_money(amount: float) -> None:
    for amounts in ((amount, 1.0), (1.0, amount)):
        with pytest.raises(ConfigError, match="amounts of money"):
            Price(*amounts)


def test_a_bound_on_the_cost_is_an_amount_and_needs_a_price() -> None:
    with pytest.raises(ConfigError, match="not nan"):
        Budget(max_cost=nan, price=Price(1.0, 1.0))
    with pytest.raises(ConfigError, match="needs the price"):
        Budget(max_cost=1.0)
