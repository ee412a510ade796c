"""MATH: competition problems, as Hendrycks's folders (a JSON file each) or as MATH-500's JSON lines.

The answer is MATH-500's `answer`, or else what stands in the last `\\boxed{}` of `solution`.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, Field

from redraft.agents.parsing.answer import parse_answer
from redraft.errors import ConfigError
from redraft.evaluation.datasets.dataset import Dataset
from redraft.evaluation.datasets.grading import by_answer
from redraft.evaluation.datasets.rows import Place, Row, json_of, made, read_rows, samples_of
from redraft.evaluation.sample import Sample
from redraft.schema import QuestionTask, Unparsed


class Problem(Row):
    """`id` is MATH-500's `unique_id`; a folder's files go by their own paths."""

    problem: str
    solution: str
    answer: str | None = None
    id: str | None = Field(default=None, validation_alias=AliasChoices("unique_id", "id"))

    def sample(self, id: str) -> Sample:
        """Raises ConfigError where the solution has no boxed answer."""
        answer = parse_answer(self.solution) if self.answer is None else self.answer
        if isinstance(answer, Unparsed):
            raise ConfigError(f"{id}, solution: {answer.reason}")
        return Sample(id=id, task=QuestionTask(question=self.problem), gold={"answer": answer})


def _load(argument: str) -> list[Sample]:
    path = Path(argument).expanduser()
    if not path.is_dir():
        return read_rows(path, Problem, lambda row, index: row.sample(row.id or f"math/{index}"))
    files = sorted(path.rglob("*.json"), key=lambda file: (file.parent, len(file.stem), file.stem))
    return samples_of(path, (_from(file, path) for file in files))


def _from(file: Path, folder: Path) -> tuple[Place, Sample]:
    place, value = f"{file}", json_of(file)
    return made(place, Problem, value, lambda row, _: row.sample(file.relative_to(folder).as_posix()), 0)


DATASET = Dataset(
    name="math",
    argument="FOLDER | FILE.jsonl",
    task="question",
    about="competition problems with a boxed answer; MATH-500 too",
    source="Hendrycks et al., arXiv 2103.03874; Lightman et al., arXiv 2305.20050 (MATH-500)",
    licence="MIT",
    load=_load,
    grader=by_answer,
)
