"""What people said of recorded drafts, as a verifier: the truth that a critic is measured by."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, ValidationError

from redraft.errors import ConfigError
from redraft.evaluation.sample import Sample
from redraft.schema import Draft, Failure, Missing, Signal, Task, Verdict
from redraft.verifiers.gold import text_of


class Label(BaseModel):
    """Gold of a recorded draft: whether people found it wrong, and why."""

    model_config = ConfigDict(frozen=True)

    wrong: bool
    explanation: str = ""


class Labels:
    """1 for a recorded draft in which people found no error, 0 for one with errors; Failure for any other draft."""

    name = "labels"
    signal: Signal = "oracle"

    def __init__(self, labels: dict[tuple[str, str], Label]) -> None:
        self._labels = dict(labels)

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """Evidence is what the annotator wrote."""
        label = self._labels.get((text_of(task), draft.text))
        if label is None:
            return Failure(cause="no_gold", message="people labelled the recorded draft, and this is another")
        right = not label.wrong
        return Verdict(
            verifier=self.name, signal=self.signal, score=float(right), passed=right, evidence=label.explanation
        )

    async def aclose(self) -> None:
        """Nothing to let go of."""


def by_label(samples: Sequence[Sample]) -> Labels:
    """The labels of the samples' own drafts. Raises ConfigError for gold that is none."""
    labels: dict[tuple[str, str], Label] = {}
    for sample in samples:
        try:
            labels[text_of(sample.task), sample.task.draft or ""] = Label.model_validate(sample.gold)
        except ValidationError as error:
            raise ConfigError(f"sample {sample.id!r}, gold: {error.errors()[0]['msg']}") from error
    return Labels(labels)
