"""What a reward model is, and what it needs of whatever runs its weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Literal, Protocol

from redraft.errors import ConfigError
from redraft.models.errors import MalformedReply, ModelError

Head = Literal["classifier", "causal"]
"""What the weights end in: a score for the whole text, or chances for the next token."""


class NoAnswer(ModelError):
    """The model answers the question it was asked with something else, so that its reply says nothing."""

    cause: ClassVar[str] = "no_answer"


class RewardModel(Protocol):
    """Gives a number to a reply to a prompt, or to each step of it; higher is better.

    Both raise a `redraft.models.errors.ModelError` for one that brings no number, PromptTooLong among them: nothing is
    ever cut to fit. The number of a text is the same whatever it is judged beside, up to the last digits of the
    arithmetic.
    """

    @property
    def name(self) -> str: ...

    @property
    def identity(self) -> str: ...

    async def connect(self) -> None:
        """Load or reach the model. Raises ConfigError where it is not one of this kind, saying what to do."""
        ...

    async def outcome(self, prompt: str, reply: str) -> float:
        """How good `reply` is as a whole."""
        ...

    async def steps(self, prompt: str, steps: Sequence[str]) -> tuple[float, ...]:
        """How good each step is, given those before it."""
        ...

    async def aclose(self) -> None:
        """Let go of connections and memory. May be called more than once."""
        ...


class Engine(Protocol):
    """Runs the weights behind a reward model: a sequence classifier or a causal language model."""

    @property
    def name(self) -> str: ...

    @property
    def identity(self) -> str: ...

    async def connect(self, tokens: Sequence[str] = ()) -> None:
        """Load or reach the model. Raises ConfigError; also where one of `tokens` is not exactly one of its tokens."""
        ...

    async def logits(self, prompt: str, replies: Sequence[str]) -> list[float]:
        """The classifier's number for each reply: its only logit, or how far its second is above its first."""
        ...

    async def log_probs(self, texts: Sequence[str], tokens: Sequence[str], chat: bool) -> list[list[float]]:
        """For each text, the natural-log probability of each of `tokens` to come next.

        `chat`: each text is a user's turn, to be put as the model's chat template has it, or followed by PLAIN_END
        where there is none.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections and memory. May be called more than once."""
        ...


PLAIN_END = "\n\nAnswer:"
"""What follows a question to a model that has no chat template."""


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)), also for a large negative x."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def not_one_token(token: str, name: str, count: int) -> ConfigError:
    """What is wrong where `token` comes out as `count` tokens of the model `name`, or as one that is not it."""
    what = f"{count} tokens of" if count != 1 else "unknown to"
    return ConfigError(f"{token!r} is {what} {name}; name another word (mind a space before it), or another model")


def number(value: float) -> float:
    """`value`, if it is a number at all. Raises MalformedReply."""
    if not math.isfinite(value):
        raise MalformedReply(f"the model gave {value}, which is no number; its precision may be too low")
    return value
