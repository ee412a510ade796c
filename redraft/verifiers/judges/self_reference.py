"""A language model writes its own answer first and judges by it: self-reference AI feedback (arXiv 2406.11190).

After the paper's idea: the own answer is a reference, and both orders are asked against a liking for a place. The
details of the paper were not at hand; the grade of a single draft and the words of the prompts are ours. Signal: self.
"""

from __future__ import annotations

import asyncio

from redraft.agents.parsing import Ruling
from redraft.agents.values import ask, values
from redraft.models.base import ChatModel
from redraft.schema import Draft, Missing, Task, Verdict
from redraft.verifiers.judges.judge import Asking, Judge, OfModel, of_model, scale
from redraft.verifiers.kind import Kind


class SelfReference(OfModel):
    """Two calls a draft, one after the other: the own answer, and a grade from 0 to 10. 7 passes, by our choice."""

    def __init__(self, model: ChatModel, *, threshold: float = 7.0, asking: Asking | None = None) -> None:
        super().__init__("self-reference", model)
        asking = asking or Asking()
        self._guided = asking.guided
        self._author = asking.writer("author", model, asking.prompt("judge-own-answer"))
        self._judge = Judge(model, asking.prompt("judge-self-reference", "own", "draft"), scale(10), asking)
        self._threshold = threshold

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """Evidence is the reason given. Missing where the own answer or the grade is."""
        own = await self._author(task=ask(task), guided=self._guided)
        if not isinstance(own, str):
            return own
        ruling = await self._judge({**values(task), "own": own, "draft": draft.text})
        if not isinstance(ruling, Ruling):
            return ruling
        score = float(ruling.word)
        return Verdict(
            verifier=self.name, signal=self.signal, score=score, passed=score >= self._threshold, evidence=ruling.reason
        )


class SelfReferencePair(OfModel):
    """Three calls a pair: the own answer, then both orders at once. Better only where both say so; a split is a tie."""

    def __init__(self, model: ChatModel, *, asking: Asking | None = None) -> None:
        super().__init__("self-reference-pair", model)
        asking = asking or Asking()
        self._guided = asking.guided
        self._author = asking.writer("author", model, asking.prompt("judge-own-answer"))
        prompt = asking.prompt("judge-self-reference-pair", "own", "first", "second")
        self._judge = Judge(model, prompt, ("A", "B"), asking)

    async def prefer(self, task: Task, before: Draft, after: Draft) -> Verdict | Missing:
        """Missing where the own answer or one of the two rulings is."""
        own = await self._author(task=ask(task), guided=self._guided)
        if not isinstance(own, str):
            return own
        known = {**values(task), "own": own}
        forward, backward = await asyncio.gather(
            self._judge({**known, "first": before.text, "second": after.text}),
            self._judge({**known, "first": after.text, "second": before.text}),
        )
        if not isinstance(forward, Ruling):
            return forward
        if not isinstance(backward, Ruling):
            return backward
        votes = (forward.word == "B") + (backward.word == "A")
        return Verdict(
            verifier=self.name,
            signal=self.signal,
            score=votes / 2,
            passed=votes == 2,
            evidence=f"{forward.word} with the earlier draft as A: {forward.reason}\n"
            f"{backward.word} with it as B: {backward.reason}",
        )


KINDS = (
    Kind(
        name="self-reference",
        argument="[MODEL]",
        judges="draft",
        signal="self",
        about="a model writes its own answer, then grades from 0 to 10 by it; 7 passes",
        needs="a language model",
        cost="2 calls, one after the other",
        source="arXiv 2406.11190",
        open=of_model(lambda model, asking: SelfReference(model, asking=asking)),
        prompts=("judge-own-answer", "judge-self-reference"),
    ),
    Kind(
        name="self-reference-pair",
        argument="[MODEL]",
        judges="pair",
        signal="self",
        about="a model writes its own answer, then compares by it, in both orders",
        needs="a language model",
        cost="3 calls, in 2 rounds",
        source="arXiv 2406.11190",
        open=of_model(lambda model, asking: SelfReferencePair(model, asking=asking)),
        prompts=("judge-own-answer", "judge-self-reference-pair"),
    ),
)
