"""LDB: programs that models wrote (the drafts), the tests a debugger may see, and the hidden ones that judge.

A row is one of LDB's `seed.jsonl`, which is whole, or one of a run that has only `task_id` and `seed_solution`; then
`tests.jsonl` has the rest: named by `?tests=FILE`, or found beside the run, or where LDB's repository keeps it.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, Field, JsonValue

from redraft.errors import ConfigError
from redraft.evaluation.datasets.dataset import Dataset
from redraft.evaluation.datasets.grading import by_tests
from redraft.evaluation.datasets.rows import Place, Row, documents, made, samples_of
from redraft.evaluation.sample import Sample
from redraft.schema import CodeTask
from redraft.verifiers.kind import Options, read_options

_MBPP_SETUP = "from typing import *\nimport math\nfrom heapq import *\nimport itertools\nimport re\nimport heapq\n"
"""What MBPP's programs take for granted: LDB puts it before each."""


_NOTHING = "pass\n"
"""The draft where no program was recorded: it passes no test, as was recorded."""


class LdbOptions(Options):
    """`tests`: the file of tests."""

    tests: str = ""


class Seed(Row):
    """A problem with a program for it."""

    task_id: str
    prompt: str
    entry_point: str
    test: str
    given_tests: tuple[str, ...]
    program: str = Field(validation_alias=AliasChoices("seed_solution", "solution"))

    def sample(self) -> Sample:
        """The program is the draft."""
        setup = _MBPP_SETUP if self.task_id.startswith("MBPP/") else ""
        return Sample(
            id=self.task_id,
            task=CodeTask(
                specification=self.prompt,
                tests=self.given_tests,
                entry_point=self.entry_point,
                draft=self.program if self.program.strip() else _NOTHING,
            ),
            gold={"test": self.test, "entry_point": self.entry_point, "setup": setup},
        )


def _load(argument: str) -> list[Sample]:
    name, options = read_options(argument, LdbOptions)
    path = Path(name).expanduser()
    rows = list(documents(path))
    if not all(isinstance(row, dict) and "prompt" in row for _, row in rows):
        tests = _tests(path, options.tests)
        rows = [(place, _joined(place, row, tests)) for place, row in rows]
    return samples_of(path, (made(place, Seed, row, lambda seed, _: seed.sample(), 0) for place, row in rows))


def _tests(run: Path, named: str) -> dict[JsonValue, dict[str, JsonValue]]:
    family = run.name.partition(".")[0]
    places = [run.with_name(f"{family}.tests.jsonl{end}") for end in ("", ".gz")]
    places = [Path(named)] if named else [*places, *(folder / "test/tests.jsonl" for folder in run.parents[:3])]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise ConfigError(f"{run} has no tests in it, and there is no {places[0]}: ldb:{run}?tests=FILE")
    return {row["task_id"]: row for _, row in documents(found) if isinstance(row, dict) and "task_id" in row}


def _joined(place: Place, row: JsonValue, tests: dict[JsonValue, dict[str, JsonValue]]) -> JsonValue:
    if not isinstance(row, dict):
        return row
    if (task := row.get("task_id")) not in tests:
        raise ConfigError(f"{place}, task_id: the file of tests has no {task!r}")
    return {**tests[task], **row}


DATASET = Dataset(
    name="ldb",
    argument="RUN.jsonl[?tests=FILE]",
    task="code",
    about="recorded programs for HumanEval and MBPP, to debug by visible tests",
    source="Zhong et al., ACL Findings 2024, arXiv 2402.16906",
    licence="Apache-2.0",
    load=_load,
    grader=by_tests,
)
