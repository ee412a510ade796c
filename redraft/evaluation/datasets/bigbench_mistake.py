"""BIG-Bench Mistake: recorded chains of thought on five tasks, with the first wrong step.

The trace is the draft, a step a line. Gold has the right answer (`answer`), by which drafts are graded, and
`mistake_index`, the first wrong step from 0, None where none is: the truth for verifiers that locate mistakes.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from redraft.evaluation.datasets.dataset import Dataset
from redraft.evaluation.datasets.grading import by_answer
from redraft.evaluation.datasets.rows import Row, read_rows
from redraft.evaluation.sample import Sample
from redraft.schema import QuestionTask


class Trace(Row):
    """One line of `word_sorting.jsonl` and its four siblings."""

    input: str
    steps: list[str] = Field(min_length=1)
    target: str
    mistake_index: int | None = Field(ge=0)

    def sample(self, id: str) -> Sample:
        """Steps of several lines are brought to one each, so that a line is a step again."""
        return Sample(
            id=id,
            task=QuestionTask(question=self.input, draft="\n".join(" ".join(step.split("\n")) for step in self.steps)),
            gold={"answer": self.target, "mistake_index": self.mistake_index},
        )


def _load(argument: str) -> list[Sample]:
    path = Path(argument)
    name = path.name.partition(".")[0]
    return read_rows(path, Trace, lambda row, index: row.sample(f"{name}/{index}"))


DATASET = Dataset(
    name="bigbench-mistake",
    argument="FILE.jsonl",
    task="question",
    about="chains of thought with their first mistake, five tasks (2,186 in all)",
    source="Tyen et al., ACL Findings 2024, arXiv 2311.08516",
    licence="Apache-2.0",
    load=_load,
    grader=by_answer,
)
