"""IFEval: instructions with constraints that a program can check.

A row has `key`, `prompt`, `instruction_id_list` and `kwargs`. The constraints are gold. With `constraints=true` the
task brings them too, for methods that check by program as they go: an aid that no user has, so say so.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, Field, JsonValue

from redraft.evaluation.datasets.dataset import Dataset
from redraft.evaluation.datasets.grading import by_constraints
from redraft.evaluation.datasets.rows import Row, read_rows
from redraft.evaluation.sample import Sample
from redraft.schema import InstructionTask
from redraft.verifiers.constraints.verifier import Constrained
from redraft.verifiers.kind import Options, read_options


class IfevalOptions(Options):
    """`constraints`: whether the task brings its constraints."""

    constraints: bool = False


class Prompt(Row):
    """One line of `input_data.jsonl`."""

    key: str
    prompt: str
    instruction_id_list: list[str]
    arguments: list[dict[str, JsonValue]] = Field(validation_alias=AliasChoices("kwargs"))

    def sample(self, shown: bool) -> Sample:
        """Constraints under their names in redraft, which are IFEval's."""
        constraints = Constrained.model_validate(
            {"prompt": self.prompt, "instruction_id_list": self.instruction_id_list, "kwargs": self.arguments}
        ).constraints
        return Sample(
            id=self.key,
            task=InstructionTask(instruction=self.prompt, constraints=constraints if shown else ()),
            gold={"constraints": [constraint.model_dump() for constraint in constraints]},
        )


def _load(argument: str) -> list[Sample]:
    path, options = read_options(argument, IfevalOptions)
    return read_rows(Path(path), Prompt, lambda row, _: row.sample(options.constraints))


DATASET = Dataset(
    name="ifeval",
    argument="FILE.jsonl[?constraints=true]",
    task="instruction",
    about="541 prompts with 834 constraints that a program checks",
    source="Zhou et al., arXiv 2311.07911",
    licence="Apache-2.0",
    load=_load,
    grader=by_constraints,
)
