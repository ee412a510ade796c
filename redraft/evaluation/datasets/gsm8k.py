"""GSM8K: grade-school word problems. A row has `question` and an `answer` that ends with `#### 18`."""

from __future__ import annotations

from pathlib import Path

from pydantic import field_validator

from redraft.evaluation.datasets.dataset import Dataset
from redraft.evaluation.datasets.grading import by_answer
from redraft.evaluation.datasets.rows import Row, read_rows
from redraft.evaluation.sample import Sample
from redraft.schema import QuestionTask


class Problem(Row):
    """One line of `test.jsonl` or `train.jsonl`."""

    question: str
    answer: str

    @field_validator("answer")
    @classmethod
    def _final(cls, answer: str) -> str:
        _, marks, final = answer.rpartition("####")
        if not (marks and final.strip()):
            raise ValueError("must end with #### and the final answer")
        return final.strip()


def _load(argument: str) -> list[Sample]:
    return read_rows(
        Path(argument),
        Problem,
        lambda row, index: Sample(
            id=f"gsm8k/{index}", task=QuestionTask(question=row.question), gold={"answer": row.answer}
        ),
    )


DATASET = Dataset(
    name="gsm8k",
    argument="FILE.jsonl",
    task="question",
    about="grade-school word problems, a number each (1,319 in the test set)",
    source="Cobbe et al., arXiv 2110.14168",
    licence="MIT",
    load=_load,
    grader=by_answer,
)
