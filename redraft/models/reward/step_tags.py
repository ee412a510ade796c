"""A causal language model that says after every step whether it was good: a PRM such as math-shepherd's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from redraft.models.reward.base import Engine, sigmoid

_NUMBERED = re.compile(r"step \d", re.IGNORECASE)


@dataclass(frozen=True)
class StepTags:
    """The probability of `good` against `bad` as the token after each step's `tag` (softmax over the two).

    The defaults are those of math-shepherd-mistral-7b-prm (Wang et al., arXiv 2312.08935): the prompt, a space, and a
    line `Step 1: ... ки` for each step; `numbered=False` leaves `Step 1: ` out. `good` and `bad` are one token each.
    A tag in the prompt or in a step is broken, so that no text can set one of its own.
    """

    engine: Engine
    tag: str = " ки"
    good: str = "+"
    bad: str = "-"
    numbered: bool = True

    @property
    def name(self) -> str:
        return self.engine.name

    @property
    def identity(self) -> str:
        return f"{self.engine.identity} tag={self.tag!r} {self.good}/{self.bad} numbered={self.numbered}"

    async def connect(self) -> None:
        await self.engine.connect((self.good, self.bad))

    async def outcome(self, prompt: str, reply: str) -> float:
        """The number of `reply` as a single step."""
        return (await self.steps(prompt, [reply]))[0]

    async def steps(self, prompt: str, steps: Sequence[str]) -> tuple[float, ...]:
        found = await self.engine.log_probs(self.texts(prompt, steps), (self.good, self.bad), chat=False)
        return tuple(sigmoid(good - bad) for good, bad in found)

    def texts(self, prompt: str, steps: Sequence[str]) -> list[str]:
        """What the model reads: up to the tag of the first step, up to that of the second, and so on."""
        lines = [self._line(number, step) for number, step in enumerate(steps, start=1)]
        start = break_tag(prompt, self.tag) + " "
        return [start + "\n".join(lines[:end]) for end in range(1, len(lines) + 1)]

    def _line(self, number: int, step: str) -> str:
        named = step if _NUMBERED.match(step) or not self.numbered else f"Step {number}: {step}"
        return break_tag(named, self.tag) + self.tag

    async def aclose(self) -> None:
        await self.engine.aclose()


def break_tag(text: str, tag: str) -> str:
    """`text` with a space inside every `tag`; a tag of one character, or of white space, becomes a space.

    Tokenizers may fold compatible characters (NFKC), so a tag that appears only once they are folded is broken too.
    """
    core = tag.strip() or tag
    if core in (folded := unicodedata.normalize("NFKC", text)):
        text = folded
    return text.replace(core, f"{core[0]} {core[1:]}" if len(core) > 1 and core.strip() else " ")
