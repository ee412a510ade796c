"""A sequence classifier as reward model: an ORM such as Skywork-Reward, or a SORM, which judges unfinished replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from redraft.models.reward.base import Engine, sigmoid


@dataclass(frozen=True)
class Classifier:
    """The classifier's logit for prompt and reply, squashed to 0..1 as in MAgICoRe (arXiv 2409.12147) unless `raw`.

    A step's number is that of the reply up to and with it, as GLoRe's SORM has it (arXiv 2402.10963);
    steps are joined by a line break.
    """

    engine: Engine
    raw: bool = False

    @property
    def name(self) -> str:
        return self.engine.name

    @property
    def identity(self) -> str:
        return f"{self.engine.identity} {'logit' if self.raw else 'sigmoid'}"

    async def connect(self) -> None:
        await self.engine.connect()

    async def outcome(self, prompt: str, reply: str) -> float:
        return (await self._scores(prompt, [reply]))[0]

    async def steps(self, prompt: str, steps: Sequence[str]) -> tuple[float, ...]:
        return await self._scores(prompt, ["\n".join(steps[:end]) for end in range(1, len(steps) + 1)])

    async def _scores(self, prompt: str, replies: Sequence[str]) -> tuple[float, ...]:
        logits = await self.engine.logits(prompt, replies)
        return tuple(logits if self.raw else map(sigmoid, logits))

    async def aclose(self) -> None:
        await self.engine.aclose()
