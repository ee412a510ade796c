"""An agent: a role that a language model plays. Data (prompt, sampling, output constraint) plus a parser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from redraft.agents.ledger import begin
from redraft.agents.prompt import Prompt
from redraft.models.base import ChatModel, ChatRequest, Completion, OutputConstraint, Sampling
from redraft.models.errors import ModelError
from redraft.schema import Call, Failure, Missing, Unparsed, Usage

T = TypeVar("T")


@dataclass(frozen=True)
class Agent(Generic[T]):
    """Calls `model` with `prompt` filled in and reads the reply with `parse`.

    A call never raises for a model's sake: no reply is a `Failure`, one that cannot be read is `Unparsed`, and so is
    one cut off at the token limit, whose end nobody knows.
    """

    role: str
    model: ChatModel
    prompt: Prompt
    parse: Callable[[str], T | Unparsed]
    sampling: Sampling
    constraint: OutputConstraint | None = None
    repeat: int = 0
    """Tells the same request, made again for another sample, from the one before; the store keeps both."""

    async def __call__(self, **values: object) -> T | Missing:
        """Fill the prompt's blanks with `values`, ask, read."""
        (value,) = await self._ask(self.sampling, values)
        return value

    async def samples(self, n: int, **values: object) -> list[T | Missing]:
        """`n` replies to one prompt, asked for in one request and each read by itself; `n` times the failure of it."""
        read = await self._ask(replace(self.sampling, n=n), values)
        return read * n if isinstance(read[0], Failure) else read

    async def _ask(self, sampling: Sampling, values: Mapping[str, object]) -> list[T | Missing]:
        request = ChatRequest(self.prompt.fill(values), sampling, self.constraint, sample=self.repeat)
        note = begin()
        try:
            response = await self.model.chat(request)
        except ModelError as error:
            failure = Failure(cause=error.cause, message=str(error))
            note(Call(role=self.role, model=self.model.name, usage=Usage(), missing=(failure,)))
            return [failure]
        read: list[T | Missing] = [self._read(completion) for completion in response.completions]
        missing = tuple(value for value in read if isinstance(value, Unparsed))
        note(Call(role=self.role, model=response.model, usage=response.usage, stored=response.stored, missing=missing))
        return read

    def _read(self, completion: Completion) -> T | Unparsed:
        if completion.finish_reason == "length":
            return Unparsed(raw=completion.text, reason=f"cut off at {self.sampling.max_tokens} tokens")
        return self.parse(completion.text)
