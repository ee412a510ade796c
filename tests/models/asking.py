"""Requests, short to write."""

from __future__ import annotations

from redraft.models.base import ChatRequest, Message, OutputConstraint, Sampling


def ask(
    text: str = "Say hello in German.",
    *,
    constraint: OutputConstraint | None = None,
    logprobs: int | None = None,
    sample: int = 0,
    n: int = 1,
    temperature: float = 0.0,
    max_tokens: int = 16,
    seed: int | None = None,
    stop: tuple[str, ...] = (),
) -> ChatRequest:
    """A request of one user message."""
    sampling = Sampling(temperature=temperature, max_tokens=max_tokens, n=n, seed=seed, stop=stop)
    return ChatRequest((Message("user", text),), sampling, constraint, logprobs, sample)
