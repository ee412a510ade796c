"""Scripted models for driving a graph down one branch: each role reads its lines in order."""

from collections.abc import Iterable

from redraft.models.base import ChatRequest
from redraft.models.scripted import Reply, Scripted


def lines(*replies: Reply) -> Scripted:
    """A model that says `replies` in order, and fails the test if asked for more."""
    left = iter(replies)

    def reply(request: ChatRequest) -> Reply:
        return next(left)

    return Scripted(reply)


def silent() -> Scripted:
    """A model that must not be asked."""
    return lines()


def prompts(model: Scripted) -> list[str]:
    """The last message of each request it had."""
    return [request.messages[-1].content for request in model.requests]


def total(models: Iterable[Scripted]) -> int:
    """How many requests the models had."""
    return sum(len(model.requests) for model in models)
