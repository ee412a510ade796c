"""A language model grades a draft from 0 to 10 by a rubric. Signal: self."""

from __future__ import annotations

from redraft.agents.parsing import Ruling
from redraft.agents.values import values
from redraft.models.base import ChatModel
from redraft.schema import Draft, Missing, Task, Verdict
from redraft.verifiers.judges.judge import Asking, Judge, OfModel, of_model, scale
from redraft.verifiers.kind import Kind

GENERAL = """\
Correctness: what the answer says is right, and follows from what it says before.
Completeness: everything that the task asks for is there, and it keeps to every condition.
Relevance: nothing is there that the task has no use for.
Form: it is clear, and in the language and the format asked for.
A wrong result, or a task left undone, gets 3 at most, however well it is written."""
"""The rubric where none is handed over; our own words."""


class Rubric(OfModel):
    """One call a draft; the score is the grade, and a draft passes from `threshold` on (7 is our choice)."""

    def __init__(
        self, model: ChatModel, *, rubric: str = GENERAL, threshold: float = 7.0, asking: Asking | None = None
    ) -> None:
        super().__init__("rubric", model)
        asking = asking or Asking()
        self._judge = Judge(model, asking.prompt("judge-rubric", "rubric", "draft"), scale(10), asking)
        self._rubric = rubric
        self._threshold = threshold

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """The grade; evidence is the reason given for it."""
        ruling = await self._judge({**values(task), "rubric": self._rubric, "draft": draft.text})
        if not isinstance(ruling, Ruling):
            return ruling
        score = float(ruling.word)
        return Verdict(
            verifier=self.name, signal=self.signal, score=score, passed=score >= self._threshold, evidence=ruling.reason
        )


KIND = Kind(
    name="rubric",
    argument="[MODEL]",
    judges="draft",
    signal="self",
    about="a model grades from 0 to 10 by a rubric; 7 passes",
    needs="a language model",
    cost="1 call",
    source="",
    open=of_model(lambda model, asking: Rubric(model, asking=asking)),
    prompts=("judge-rubric",),
)
