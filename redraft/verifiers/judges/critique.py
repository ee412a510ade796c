"""Step-wise critique, and a critique of it, before each step is called right or wrong: DeepCritic (arXiv 2505.00662).

The procedure is that of the authors' training data: for each step a critique, a critique of that critique, and a
verdict that merges them, 1 or -1. The words that stand for 1 and -1 are ours. Signal: self.
"""

from __future__ import annotations

import asyncio
from functools import partial

from redraft.agents.parsing import Ruling
from redraft.agents.values import values
from redraft.models.base import ChatModel
from redraft.schema import Draft, Failure, Missing, Task, Verdict
from redraft.verifiers.judges.judge import Asking, Judge, OfModel, of_model
from redraft.verifiers.kind import Kind
from redraft.verifiers.steps import split_steps

_WORDS = {"right": 1.0, "wrong": -1.0}


class Critique(OfModel):
    """3 calls a step, the steps side by side: the longest chain is 3 calls, whatever the number of steps.

    `steps` of the verdict are 1 or -1; the score is the share of steps before the first wrong one, and only a draft
    without one passes. Each step is judged with those before it in view. A draft of more than `at_most` steps is
    refused (`too_many_steps`), so that a draft of a thousand lines does not cost three thousand calls.
    """

    def __init__(self, model: ChatModel, *, at_most: int = 50, asking: Asking | None = None) -> None:
        super().__init__("critique", model)
        asking = asking or Asking()
        prompt = asking.prompt("judge-critique", "before", "number", "step", "first", "second")
        self._judge = Judge(model, prompt, tuple(_WORDS), asking)
        self._critic = asking.writer("critic", model, prompt)
        self._guided = asking.guided
        self._at_most = at_most

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """Missing as soon as one of the replies is; evidence is the reason for the first wrong step, or for all."""
        steps = split_steps(draft.text)
        if not steps or len(steps) > self._at_most:
            cause = "too_many_steps" if steps else "empty_draft"
            return Failure(cause=cause, message=f"{self.name} judges 1 to {self._at_most} steps, not {len(steps)}")
        judging = partial(self._step, values(task), steps)
        rulings = await asyncio.gather(*map(judging, range(len(steps))))
        scores, reasons = [], []
        for number, ruling in enumerate(rulings, start=1):
            if not isinstance(ruling, Ruling):
                return ruling
            scores.append(_WORDS[ruling.word])
            reasons.append(f"step {number} is {ruling.word}: {ruling.reason}".rstrip(": "))
        first_error = scores.index(-1.0) if -1.0 in scores else None
        return Verdict(
            verifier=self.name,
            signal=self.signal,
            score=1.0 if first_error is None else first_error / len(steps),
            passed=first_error is None,
            evidence="\n".join(reasons) if first_error is None else reasons[first_error],
            steps=tuple(scores),
            first_error=first_error,
        )

    async def _step(self, known: dict[str, object], steps: tuple[str, ...], at: int) -> Ruling | Missing:
        """Three calls, each with what came of those before it."""
        asked = {
            **known,
            "before": "\n".join(steps[:at]),
            "number": at + 1,
            "step": steps[at],
            "first": "",
            "second": "",
        }
        for blank in ("first", "second"):
            critique = await self._critic(**asked, code="", guided=self._guided)
            if not isinstance(critique, str):
                return critique
            asked[blank] = critique
        return await self._judge(asked)


KIND = Kind(
    name="critique",
    argument="[MODEL]",
    judges="draft",
    signal="self",
    about="a model criticises each step and its own critique, and finds the first wrong step",
    needs="a language model",
    cost="3 calls a step, in 3 rounds",
    source="DeepCritic, arXiv 2505.00662",
    open=of_model(lambda model, asking: Critique(model, asking=asking)),
    prompts=("judge-critique",),
)
