"""HumanEval and HumanEval+: Python functions from their signature and docstring, judged by hidden tests.

HumanEval's `test` defines `check(candidate)`. EvalPlus's own release has inputs instead (`base_input`, `plus_input`),
whose right outputs come from `canonical_solution`; its copy on the Hugging Face hub has a longer `test`.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import JsonValue, field_validator, model_validator

from redraft.evaluation.datasets.dataset import Dataset
from redraft.evaluation.datasets.evalplus import same_outputs
from redraft.evaluation.datasets.grading import by_long_tests, by_tests
from redraft.evaluation.datasets.rows import Row, read_rows
from redraft.evaluation.sample import Sample
from redraft.schema import CodeTask


class Problem(Row):
    """One line of `HumanEval.jsonl`."""

    task_id: str
    prompt: str
    entry_point: str
    test: str

    @field_validator("task_id")
    @classmethod
    def _whole(cls, id: str) -> str:
        """HumanEvalPlus-Mini has the bare number."""
        return f"HumanEval/{id}" if id.isdigit() else id

    @property
    def setup(self) -> str:
        """What the prompt has before the function, imports and helpers, which a program may leave out."""
        return self.prompt.partition(f"def {self.entry_point}(")[0]

    def sample(self, tests: dict[str, JsonValue]) -> Sample:
        """With `tests` as gold, beside the setup."""
        return Sample(
            id=self.task_id,
            task=CodeTask(specification=self.prompt, entry_point=self.entry_point),
            gold={"setup": self.setup, "entry_point": self.entry_point, **tests},
        )


class Stricter(Problem):
    """One line of EvalPlus: `test` or inputs, which count where both are there."""

    test: str = ""
    canonical_solution: str = ""
    base_input: tuple[JsonValue, ...] = ()
    plus_input: tuple[JsonValue, ...] = ()
    atol: float = 0.0

    @model_validator(mode="after")
    def _some(self) -> Stricter:
        if not (self.test or self.plus_input or self.base_input):
            raise ValueError("none of test, base_input and plus_input is there")
        return self

    @property
    def tests(self) -> dict[str, JsonValue]:
        """A test for the base inputs, and one for the further ones."""
        groups = [inputs for inputs in (self.base_input, self.plus_input) if inputs]
        if not groups:
            return {"test": self.test}
        solution = self.prompt + self.canonical_solution
        return {"tests": [same_outputs(solution, self.entry_point, inputs, self.atol) for inputs in groups]}


def _load(argument: str) -> list[Sample]:
    return read_rows(Path(argument), Problem, lambda row, _: row.sample({"test": row.test}))


def _load_stricter(argument: str) -> list[Sample]:
    return read_rows(Path(argument), Stricter, lambda row, _: row.sample(row.tests))


DATASETS = (
    Dataset(
        name="humaneval",
        argument="FILE.jsonl",
        task="code",
        about="164 Python functions with hidden tests",
        source="Chen et al., arXiv 2107.03374",
        licence="MIT",
        load=_load,
        grader=by_tests,
    ),
    Dataset(
        name="humaneval+",
        argument="FILE.jsonl",
        task="code",
        about="HumanEval with some 80 times as many tests",
        source="Liu et al., EvalPlus, arXiv 2305.01210",
        licence="Apache-2.0",
        load=_load_stricter,
        grader=by_long_tests,
    ),
)
