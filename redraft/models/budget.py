"""A budget of calls, tokens and money that stops a chat before it is made, not after."""

from __future__ import annotations

from typing import NamedTuple

from redraft.errors import ConfigError
from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.models.errors import BudgetSpent
from redraft.models.wrapper import Wrapper

_BYTES_PER_TOKEN = 3
_TOKENS_PER_MESSAGE = 16


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


class Price(NamedTuple):
    """Money for a million tokens, in whatever currency the budget is in."""

    prompt: float
    completion: float

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """What so many tokens cost."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1e6


class Budget:
    """What may be spent, and what is: shared by all models of a run that pay from one purse. None is no bound.

    Raises ConfigError for a bound on the cost without a price, which would bound nothing.
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
        self.max_calls = max_calls
        self.max_tokens = max_tokens
        self.max_cost = max_cost
        self.price = price or Price(0.0, 0.0)
        self.calls = 0
        """Calls made or under way."""
        self.tokens = 0
        """Tokens spent, and those set aside for calls under way."""
        self.cost = 0.0
        """Money spent, and that set aside for calls under way."""

    def take(self, prompt_tokens: int, completion_tokens: int) -> None:
        """Set one call and its tokens aside. Raises BudgetSpent, and takes nothing, where they are not there."""
        tokens, cost = prompt_tokens + completion_tokens, self.price.of(prompt_tokens, completion_tokens)
        if self.max_calls is not None and self.calls + 1 > self.max_calls:
            raise BudgetSpent(f"the budget of {self.max_calls} calls is spent")
        if self.max_tokens is not None and self.tokens + tokens > self.max_tokens:
            raise BudgetSpent(
                f"{self.max_tokens - self.tokens} of {self.max_tokens} tokens are left; this call may take {tokens}"
            )
        if self.max_cost is not None and self.cost + cost > self.max_cost:
            raise BudgetSpent(
                f"{self.max_cost - self.cost:.4f} of {self.max_cost:g} are left to pay; this call may cost {cost:.4f}"
            )
        self.calls += 1
        self.add(prompt_tokens, completion_tokens)

    def add(self, prompt_tokens: int, completion_tokens: int) -> None:
        """Count tokens as spent; a negative number gives back what was set aside."""
        self.tokens += prompt_tokens + completion_tokens
        self.cost += self.price.of(prompt_tokens, completion_tokens)


class Budgeted(Wrapper):
    """Passes a chat on only if `budget` holds everything that it may take.

    Tokens set aside and not used come back; a failed chat gives all its tokens back but counts as a call. A refused
    chat costs nothing, so a smaller one may still pass.
    """

    def __init__(self, model: ChatModel, budget: Budget) -> None:
        super().__init__(model)
        self.budget = budget

    async def chat(self, request: ChatRequest) -> ChatResponse:
        prompt, completion = most_tokens(request)
        self.budget.take(prompt, completion)
        try:
            response = await self.model.chat(request)
        finally:
            self.budget.add(-prompt, -completion)
        self.budget.add(response.usage.prompt_tokens, response.usage.completion_tokens)
        return response
