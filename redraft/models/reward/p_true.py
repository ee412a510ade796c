"""A causal language model that is asked whether a reply is right: P(True) against P(False)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from redraft.models.reward.base import Engine, NoAnswer, sigmoid

QUESTION = """{prompt}

Proposed answer:
{reply}

Is the proposed answer right so far? Answer with one word, True or False."""
"""What the model is asked; ours. A trained one wants the words of its own training."""


@dataclass(frozen=True)
class PTrue:
    """P(true) / (P(true) + P(false)) of the token after `question`: AlphaLLM's ORM and PRM (arXiv 2404.12253).

    `true` and `false` are one token each. Where both together have a probability below `floor` the model meant to say
    something else: NoAnswer, where AlphaLLM's code says 0 or 1. A step's number is that of the reply up to and with it.
    """

    engine: Engine
    question: str = QUESTION
    true: str = "True"
    false: str = "False"
    floor: float = 0.01

    @property
    def name(self) -> str:
        return self.engine.name

    @property
    def identity(self) -> str:
        asked = sha256(self.question.encode()).hexdigest()[:8]
        return f"{self.engine.identity} {self.true}/{self.false} question={asked}"

    async def connect(self) -> None:
        await self.engine.connect((self.true, self.false))

    async def outcome(self, prompt: str, reply: str) -> float:
        """Raises NoAnswer besides the engine's errors."""
        return (await self._ask(prompt, [reply]))[0]

    async def steps(self, prompt: str, steps: Sequence[str]) -> tuple[float, ...]:
        """Raises NoAnswer besides the engine's errors."""
        return await self._ask(prompt, ["\n".join(steps[:end]) for end in range(1, len(steps) + 1)])

    async def _ask(self, prompt: str, replies: Sequence[str]) -> tuple[float, ...]:
        texts = [_fill(self.question, {"prompt": prompt, "reply": reply}) for reply in replies]
        found = await self.engine.log_probs(texts, (self.true, self.false), chat=True)
        return tuple(self._share(true, false) for true, false in found)

    def _share(self, true: float, false: float) -> float:
        if (mass := math.exp(true) + math.exp(false)) < self.floor:
            raise NoAnswer(f"{self.true} and {self.false} together have a probability of {mass:.2g} only")
        return sigmoid(true - false)

    async def aclose(self) -> None:
        await self.engine.aclose()


def _fill(question: str, blanks: Mapping[str, str]) -> str:
    # In one pass, and without str.format: what is filled in may hold braces.
    return re.sub(r"\{(prompt|reply)\}", lambda blank: blanks[blank[1]], question)
