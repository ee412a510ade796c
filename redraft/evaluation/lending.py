"""One opened model for all methods of a comparison, with one response store and one way of counting calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.models.open import open_model
from redraft.models.wrapper import Wrapper


class Lent(Wrapper):
    """A model that no workflow closes, and whose usage counts each completion as a call.

    A request for k samples would otherwise count as one call, and a method that samples would look cheap beside one
    that asks k times.
    """

    async def chat(self, request: ChatRequest) -> ChatResponse:
        response = await self.model.chat(request)
        calls = response.usage.calls * max(1, len(response.completions))
        return replace(response, usage=response.usage.model_copy(update={"calls": calls}))

    async def aclose(self) -> None:
        """It stays open for the next workflow; `Lender.aclose` closes it."""


class Lender:
    """Opens each model string once, wraps it (`wrapping`: store, limits), and closes all at the end."""

    def __init__(self, wrapping: Callable[[ChatModel], ChatModel]) -> None:
        self._wrapping = wrapping
        self._named: dict[str, Lent] = {}
        self._lent: list[Lent] = []

    def of(self, model: str | ChatModel) -> ChatModel:
        """The model, ready for any number of workflows. Raises ConfigError for a string that names none."""
        if not isinstance(model, str):
            return self.wrap(model)
        if model not in self._named:
            self._named[model] = self._lend(open_model(model))
        return self._named[model]

    def wrap(self, model: ChatModel) -> ChatModel:
        """What a workflow wraps its models with; one that is lent already stays as it is."""
        if isinstance(model, Lent):
            return model
        known = (lent for lent in self._lent if lent.model is model)
        return next(known, None) or self._lend(model)

    def _lend(self, model: ChatModel) -> Lent:
        lent = Lent(self._wrapping(model))
        self._lent.append(lent)
        return lent

    async def aclose(self) -> None:
        """Close every model."""
        for lent in self._lent:
            await lent.model.aclose()
