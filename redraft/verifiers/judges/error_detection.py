"""A language model says whether a draft contains an error: the task of ReaLMistake (arXiv 2404.03602).

Strong models miss most errors so (recall as low as 7 % there), so that "no error" says little. How such a judge is
scored is `redraft.evaluation.metrics.detection`. Signal: self.
"""

from __future__ import annotations

from redraft.agents.parsing import Ruling
from redraft.agents.values import values
from redraft.models.base import ChatModel
from redraft.schema import Draft, Missing, Task, Verdict
from redraft.verifiers.judges.judge import Asking, Judge, OfModel, of_model
from redraft.verifiers.kind import Kind

_WORDS = {"error": 0.0, "no error": 1.0}


class ErrorDetection(OfModel):
    """One call a draft; the score is 1 where no error is found, else 0."""

    def __init__(self, model: ChatModel, *, asking: Asking | None = None) -> None:
        super().__init__("error-detection", model)
        asking = asking or Asking()
        self._judge = Judge(model, asking.prompt("judge-error", "draft"), tuple(_WORDS), asking)

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """Evidence is the reason given."""
        ruling = await self._judge({**values(task), "draft": draft.text})
        if not isinstance(ruling, Ruling):
            return ruling
        score = _WORDS[ruling.word]
        return Verdict(verifier=self.name, signal=self.signal, score=score, passed=score == 1.0, evidence=ruling.reason)


KIND = Kind(
    name="error-detection",
    argument="[MODEL]",
    judges="draft",
    signal="self",
    about="a model says whether there is an error",
    needs="a language model",
    cost="1 call",
    source="ReaLMistake, arXiv 2404.03602",
    open=of_model(lambda model, asking: ErrorDetection(model, asking=asking)),
    prompts=("judge-error",),
)
