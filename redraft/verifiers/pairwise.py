"""A language model as pairwise judge, asked in both orders so that its liking for a place cancels out.

Source: the pairwise quality verifier of MQM-APE (arXiv 2409.14335, section 3). Signal: self.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

from redraft.agents.agent import Agent
from redraft.agents.parsing import parse_preference
from redraft.agents.prompt import load
from redraft.agents.values import TASK_BLANKS, values
from redraft.models.base import ChatModel, Choice
from redraft.schema import Draft, Failure, Missing, Signal, Task, Unparsed, Verdict
from redraft.verifiers.judges.judge import Asking, of_model
from redraft.verifiers.kind import Kind


@dataclass(frozen=True)
class Pairwise:
    """Asks `judge` twice, with the places swapped. Better only where both answers say so; a split is a tie."""

    judge: Agent[Literal["A", "B"]]
    name: str = "pairwise"
    signal: Signal = "self"

    async def prefer(self, task: Task, before: Draft, after: Draft) -> Verdict | Missing:
        """Two calls at once. Missing as soon as one of the two answers is."""
        known = values(task)
        forward, backward = await asyncio.gather(
            self.judge(**known, first=before.text, second=after.text),
            self.judge(**known, first=after.text, second=before.text),
        )
        for answer in (forward, backward):
            if isinstance(answer, Failure | Unparsed):
                return answer
        votes = (forward == "B") + (backward == "A")
        return Verdict(
            verifier=self.name,
            signal=self.signal,
            score=votes / 2,
            passed=votes == 2,
            evidence=f"{forward} with the earlier draft as A, {backward} with it as B",
        )

    async def aclose(self) -> None:
        """Close the judge's model."""
        await self.judge.model.aclose()


def _pairwise(model: ChatModel, asking: Asking) -> Pairwise:
    prompt = load("draft-pair-verifier", TASK_BLANKS | {"first", "second"}, asking.prompts)
    choice = Choice(("A", "B")) if asking.guided else None
    return Pairwise(Agent("judge", model, prompt, parse_preference, asking.sampling(), choice))


KIND = Kind(
    name="pairwise",
    argument="[MODEL]",
    judges="pair",
    signal="self",
    about="a model compares, asked in both orders; a split is a tie",
    needs="a language model",
    cost="2 calls at once",
    source="MQM-APE, arXiv 2409.14335",
    open=of_model(_pairwise),
    prompts=("draft-pair-verifier",),
)
