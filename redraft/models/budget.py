"""A budget of calls, tokens and money that stops a chat before it is made, not after."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from math import inf, isnan
from typing import NamedTuple

from redraft.errors import ConfigError
from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.models.errors import BudgetSpent, MalformedReply, ServerFault, TimedOut, Unsupported
from redraft.models.wrapper import Wrapper

_BYTES_PER_TOKEN = 3
_TOKENS_PER_MESSAGE = 16
BILLED = (TimedOut, MalformedReply, Unsupported, ServerFault)
"""Errors of chats that the server may have worked on, and bill."""


def most_tokens(request: ChatRequest) -> tuple[int, int]:
    """Prompt and completion tokens that `request` may take at most: n times the prompt, n times `max_tokens`.

    The prompt is estimated before it is tokenised, on the high side: a token per three bytes of UTF-8 (real text has
    three to five), and 16 per message for the chat template. Only text of rare symbols has more.
    """
    prompt = sum(
        -(-len(message.content.encode(errors="replace")) // _BYTES_PER_TOKEN) + _TOKENS_PER_MESSAGE
        for message in request.messages
    )
    return request.sampling.n * prompt, request.sampling.n * request.sampling.max_tokens


@dataclass(frozen=True, slots=True)
class Price:
    """Money for a million tokens, in whatever currency the budget is in. Raises ConfigError for what is no amount."""

    prompt: float
    completion: float

    def __post_init__(self) -> None:
        if not (0 <= self.prompt < inf and 0 <= self.completion < inf):
            raise ConfigError(f"a price is two amounts of money, not {self.prompt} and {self.completion}")

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """What so many tokens cost."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1e6


class Tokens(NamedTuple):
    """Tokens of calls; whole numbers, so that what is given back leaves nothing behind."""

    prompt: int = 0
    completion: int = 0

    def plus(self, prompt: int, completion: int) -> Tokens:
        """So many more."""
        return Tokens(self.prompt + prompt, self.completion + completion)


class Budget:
    """What may be spent, and what is: shared by all models of a run that pay from one purse. None is no bound.

    Raises ConfigError for what would bound nothing: a bound on the cost without a price, or of nan.
    """

    def __init__(
        self,
        max_calls: int | None = None,
        max_tokens: int | None = None,
        max_cost: float | None = None,
        price: Price | None = None,
    ) -> None:
        if max_cost is not None and not price:
            raise ConfigError("a bound on the cost needs the price of a million prompt and completion tokens")
        if max_cost is not None and isnan(max_cost):
            raise ConfigError("a bound on the cost is an amount of money, not nan")
        self.max_calls = max_calls
        self.max_tokens = max_tokens
        self.max_cost = max_cost
        self.price = price or Price(0.0, 0.0)
        self.calls = 0
        """Calls made or under way."""
        self.spent = Tokens()
        self.set_aside = Tokens()
        """What calls under way may take."""
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def tokens(self) -> int:
        """Tokens spent, and those set aside for calls under way."""
        return sum(self.spent) + sum(self.set_aside)

    @property
    def cost(self) -> float:
        """Money spent, and that set aside for calls under way."""
        return self.price.of(*self.spent.plus(*self.set_aside))

    def take(self, prompt: int, completion: int) -> bool:
        """Set one call and its tokens aside; False, and nothing taken, where they may be there once calls under way
        have ended. Raises BudgetSpent where they are not there whatever those take."""
        if self.max_calls is not None and self.calls >= self.max_calls:
            raise BudgetSpent(f"the budget of {self.max_calls} calls is spent")
        if fault := self._lacks(self.spent, prompt, completion):
            raise BudgetSpent(fault)
        if self._lacks(self.spent.plus(*self.set_aside), prompt, completion):
            return False
        self.calls += 1
        self.set_aside = self.set_aside.plus(prompt, completion)
        return True

    def _lacks(self, gone: Tokens, prompt: int, completion: int) -> str | None:
        """What is wrong with a call that may take so many tokens, where `gone` are not to be had."""
        after = gone.plus(prompt, completion)
        if self.max_tokens is not None and sum(after) > self.max_tokens:
            left = self.max_tokens - sum(gone)
            return f"{left} of {self.max_tokens} tokens are left; this call may take {prompt + completion}"
        if self.max_cost is not None and self.price.of(*after) > self.max_cost:
            left_to_pay = self.max_cost - self.price.of(*gone)
            may_cost = self.price.of(prompt, completion)
            return f"{left_to_pay:.4f} of {self.max_cost:g} are left to pay; this call may cost {may_cost:.4f}"
        return None

    async def taken(self, prompt: int, completion: int) -> None:
        """`take`, when it can be told. Who waits has nothing set aside, so it holds up nobody who could end."""
        while not self.take(prompt, completion):
            await self.changed()

    async def changed(self) -> None:
        """Return when a call under way has ended."""
        self._waiting.append(change := asyncio.get_running_loop().create_future())
        await change

    def settle(self, prompt: int, completion: int, used: tuple[int, int] = (0, 0)) -> None:
        """The call for which so many tokens were set aside has ended, and took `used`."""
        self.spent = self.spent.plus(*used)
        self.set_aside = self.set_aside.plus(-prompt, -completion)
        waiting, self._waiting = self._waiting, []
        for change in waiting:
            if not (loop := change.get_loop()).is_closed():
                loop.call_soon_threadsafe(_tell, change)


def _tell(change: asyncio.Future[None]) -> None:
    if not change.done():
        change.set_result(None)


class Budgeted(Wrapper):
    """Passes a chat on only if `budget` holds everything that it may take, and waits where it may yet.

    Tokens set aside and not used come back. A failed chat counts as a call, and keeps its tokens where the server may
    have made a reply. A refused chat costs nothing, so a smaller one may still pass.
    """

    def __init__(self, model: ChatModel, budget: Budget) -> None:
        super().__init__(model)
        self.budget = budget

    async def chat(self, request: ChatRequest) -> ChatResponse:
        most, used = most_tokens(request), (0, 0)
        await self.budget.taken(*most)
        try:
            response = await self.model.chat(request)
            used = response.usage.prompt_tokens, response.usage.completion_tokens
            return response
        except BILLED:
            used = most  # Nobody knows how much of it, so that the budget is not passed.
            raise
        finally:
            self.budget.settle(*most, used)
