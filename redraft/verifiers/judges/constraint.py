"""A language model says of each constraint whether the draft keeps it: the critic of DeCRIM (arXiv 2410.06458).

One call a constraint, as strict verdicts need; a reply that cannot be read is not taken for a broken constraint, which
is what a public re-implementation does. Constraints that a program can check are better left to one. Signal: self.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

from redraft.agents.parsing import Ruling
from redraft.agents.values import values
from redraft.models.base import ChatModel
from redraft.schema import Constraint, Draft, Failure, InstructionTask, Missing, Task, Verdict
from redraft.verifiers.judges.judge import Asking, Judge, OfModel, of_model
from redraft.verifiers.kind import Kind

_WORDS = ("followed", "not followed")


class ConstraintJudge(OfModel):
    """C calls at once for C constraints; the score is the share that is kept, and only all of them pass."""

    def __init__(self, model: ChatModel, *, asking: Asking | None = None) -> None:
        super().__init__("constraint-judge", model)
        asking = asking or Asking()
        self._judge = Judge(model, asking.prompt("judge-constraint", "constraint", "draft"), _WORDS, asking)

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """Evidence has a line for each constraint. Missing as soon as one of them could not be judged; Failure for a
        task without constraints."""
        if not isinstance(task, InstructionTask) or not task.constraints:
            return Failure(cause="no_constraints", message=f"{self.name} needs an instruction task with constraints")
        texts = [in_words(constraint) for constraint in task.constraints]
        kept, lines = 0, []
        for text, verdict in zip(texts, await self.each(task, draft, texts), strict=True):
            if not isinstance(verdict, Verdict):
                return verdict
            kept += verdict.passed
            word = _WORDS[0] if verdict.passed else _WORDS[1]
            lines.append(f"{word}: {text}" + (f" ({verdict.evidence})" if verdict.evidence else ""))
        return Verdict(
            verifier=self.name,
            signal=self.signal,
            score=kept / len(texts),
            passed=kept == len(texts),
            evidence="\n".join(lines),
        )

    async def each(self, task: Task, draft: Draft, constraints: Sequence[str]) -> list[Verdict | Missing]:
        """A verdict for each of `constraints`, given in words: 1 where `draft` keeps it, 0 where it does not."""
        known = {**values(task), "draft": draft.text}
        rulings = await asyncio.gather(*(self._judge({**known, "constraint": text}) for text in constraints))
        return [self._verdict(ruling) if isinstance(ruling, Ruling) else ruling for ruling in rulings]

    def _verdict(self, ruling: Ruling) -> Verdict:
        kept = ruling.word == _WORDS[0]
        return Verdict(verifier=self.name, signal=self.signal, score=float(kept), passed=kept, evidence=ruling.reason)


def in_words(constraint: Constraint) -> str:
    """What `constraint` asks for, in its own words where it has some."""
    return constraint.text or f"{constraint.kind} {json.dumps(constraint.arguments, sort_keys=True)}"


KIND = Kind(
    name="constraint-judge",
    argument="[MODEL]",
    judges="draft",
    signal="self",
    about="a model says of each constraint whether it is kept; the score is the share",
    needs="a language model; tasks with constraints",
    cost="1 call a constraint",
    source="DeCRIM, arXiv 2410.06458",
    open=of_model(lambda model, asking: ConstraintJudge(model, asking=asking)),
    prompts=("judge-constraint",),
    tasks=frozenset({"instruction"}),
)
