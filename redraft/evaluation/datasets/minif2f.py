"""miniF2F in Rocq: formal statements of competition problems, each with its informal statement and proof.

A row has `name`, `header`, `statement` and perhaps `informal_statement`, `informal_proof`: a method may use all of it.
Whether a draft proves the statement is the prover's to say; there is no gold.
"""

from __future__ import annotations

from pathlib import Path

from redraft.evaluation.datasets.dataset import Dataset
from redraft.evaluation.datasets.grading import by_proof
from redraft.evaluation.datasets.rows import Row, read_rows
from redraft.evaluation.sample import Sample
from redraft.schema import TheoremTask


class Theorem(Row):
    """One line of `test.jsonl` or `valid.jsonl`."""

    name: str
    statement: str
    header: str = ""
    informal_statement: str = ""
    informal_proof: str = ""

    def sample(self) -> Sample:
        """The header is part of the statement: without its imports the rest says nothing."""
        return Sample(
            id=self.name,
            task=TheoremTask(
                statement=f"{self.header}\n{self.statement}".lstrip("\n"),
                prover="rocq",
                informal_statement=self.informal_statement,
                informal_proof=self.informal_proof,
            ),
            gold={"theorem": self.name},
        )


def _load(argument: str) -> list[Sample]:
    return read_rows(Path(argument), Theorem, lambda row, _: row.sample())


DATASET = Dataset(
    name="minif2f",
    argument="FILE.jsonl",
    task="theorem",
    about="formal statements in Rocq with informal proofs, 244 test and 244 valid",
    source="Zheng et al., arXiv 2109.00110; LLM4Rocq (Rocq)",
    licence="MIT",
    load=_load,
    grader=by_proof,
)
