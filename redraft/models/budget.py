"""A budget of calls and tokens that stops a chat before it is made, not after. Money is tokens times a price."""

from __future__ import annotations

from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.models.errors import BudgetSpent
from redraft.models.wrapper import Wrapper

_BYTES_PER_TOKEN = 3
_TOKENS_PER_MESSAGE = 16


def most_tokens(request: ChatRequest) -> int:
    """Tokens that `request` may take at most: n times prompt and `max_tokens`.

    The prompt is estimated before it is tokenised, on the high side: a token per three bytes of UTF-8 (real text has
    three to five), and 16 per message for the chat template. Only text of rare symbols has more.
    """
    prompt = sum(
        -(-len(message.content.encode(errors="replace")) // _BYTES_PER_TOKEN) + _TOKENS_PER_MESSAGE
        for message in request.messages
    )
    return request.sampling.n * (prompt + request.sampling.max_tokens)


class Budget:
    """What may be spent, and what is: shared by all models of a run that pay from one purse. None is no bound."""

    def __init__(self, max_calls: int | None = None, max_tokens: int | None = None) -> None:
        self.max_calls = max_calls
        self.max_tokens = max_tokens
        self.calls = 0
        """Calls made or under way."""
        self.tokens = 0
        """Tokens spent, and those set aside for calls under way."""

    def take(self, tokens: int) -> None:
        """Set one call and `tokens` aside. Raises BudgetSpent, and takes nothing, where they are not there."""
        if self.max_calls is not None and self.calls + 1 > self.max_calls:
            raise BudgetSpent(f"the budget of {self.max_calls} calls is spent")
        if self.max_tokens is not None and self.tokens + tokens > self.max_tokens:
            raise BudgetSpent(
                f"{self.max_tokens - self.tokens} of {self.max_tokens} tokens are left; this call may take {tokens}"
            )
        self.calls += 1
        self.tokens += tokens


class Budgeted(Wrapper):
    """Passes a chat on only if `budget` holds everything that it may take.

    Tokens set aside and not used come back; a failed chat gives all its tokens back but counts as a call. A refused
    chat costs nothing, so a smaller one may still pass.
    """

    def __init__(self, model: ChatModel, budget: Budget) -> None:
        super().__init__(model)
        self.budget = budget

    async def chat(self, request: ChatRequest) -> ChatResponse:
        reserved = most_tokens(request)
        self.budget.take(reserved)
        spent = 0
        try:
            response = await self.model.chat(request)
            spent = response.usage.prompt_tokens + response.usage.completion_tokens
        finally:
            self.budget.tokens += spent - reserved
        return response
