"""MBPP: short Python programs from one sentence, with three tests each; the sanitized version too.

The name of the function stands in the tests alone. So the first one is shown, in the specification (which also tells
apart problems that share a sentence) and as the task's visible test; all of them judge.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field

from redraft.evaluation.datasets.dataset import Dataset
from redraft.evaluation.datasets.grading import by_tests
from redraft.evaluation.datasets.rows import Row, documents, made, samples_of
from redraft.evaluation.sample import Sample
from redraft.schema import CodeTask
from redraft.verifiers.kind import Options, read_options

_SPLITS = {"prompt": range(1, 11), "test": range(11, 511), "validation": range(511, 601), "train": range(601, 975)}
"""By task_id, as the authors' README has it."""


class MbppOptions(Options):
    """`split`: only the problems of that split (`test` is what papers report)."""

    split: Literal["prompt", "test", "validation", "train"] | None = None


class Problem(Row):
    """One line of `mbpp.jsonl`, or one item of `sanitized-mbpp.json`."""

    task_id: int
    text: str = Field(validation_alias=AliasChoices("text", "prompt"))
    test_list: tuple[str, ...] = Field(min_length=1)
    challenge_test_list: tuple[str, ...] = ()
    test_setup_code: str = ""
    test_imports: tuple[str, ...] = ()

    def sample(self) -> Sample:
        """Tests of the challenge list count too."""
        first = self.test_list[0]
        return Sample(
            id=f"MBPP/{self.task_id}",
            task=CodeTask(
                specification=f"{self.text.strip()}\nYour code should pass this test:\n{first.strip()}", tests=(first,)
            ),
            gold={
                "tests": [*self.test_list, *self.challenge_test_list],
                "setup": "\n".join(filter(None, (*self.test_imports, self.test_setup_code))),
            },
        )


def _load(argument: str) -> list[Sample]:
    path, options = read_options(argument, MbppOptions)
    every = (made(place, Problem, value, lambda row, _: row.sample(), 0) for place, value in documents(Path(path)))
    kept = None if options.split is None else {f"MBPP/{number}" for number in _SPLITS[options.split]}
    return samples_of(path, (pair for pair in every if kept is None or pair[1].id in kept))


DATASET = Dataset(
    name="mbpp",
    argument="FILE[?split=test]",
    task="code",
    about="short Python programs, three tests each; also sanitized",
    source="Austin et al., arXiv 2108.07732",
    licence="CC BY 4.0",
    load=_load,
    grader=by_tests,
)
