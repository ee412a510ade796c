"""GSM8K (Cobbe et al., arXiv 2110.14168): OpenAI's released solutions of four solvers, judged by our maths verifier."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, Field

from redraft.evaluation.reproduce.recorded import read_lines
from redraft.evaluation.reproduce.table import Published, Reproduction
from redraft.schema import Draft, QuestionTask, Verdict
from redraft.verifiers.maths import RightOrWrong


class _Solution(BaseModel):
    solution: str = Field(min_length=1)
    is_correct: bool


class _Line(BaseModel):
    question: str
    ground_truth: str
    finetuned_6b: _Solution = Field(alias="6b_finetuning")
    verified_6b: _Solution = Field(alias="6b_verification")
    finetuned_175b: _Solution = Field(alias="175b_finetuning")
    verified_175b: _Solution = Field(alias="175b_verification")

    @property
    def solutions(self) -> dict[str, _Solution]:
        return {
            "6B finetuning": self.finetuned_6b,
            "6B verification": self.verified_6b,
            "175B finetuning": self.finetuned_175b,
            "175B verification": self.verified_175b,
        }


def rows(data: Path) -> Sequence[Published]:
    """How many of 1,319 each solver has right; it matches where every single verdict is OpenAI's flag."""
    recorded = read_lines(data / "gsm8k" / "example_model_solutions.jsonl.gz", _Line)
    verdicts = asyncio.run(_judged(recorded))
    return [_row(solver, *zip(*pairs, strict=True)) for solver, pairs in verdicts.items()]


def _row(solver: str, flags: Sequence[bool], right: Sequence[bool]) -> Published:
    differ = sum(flag is not verdict for flag, verdict in zip(flags, right, strict=True))
    return Published(
        source="GSM8K, released solutions",
        name=f"{solver}, right of {len(flags)}",
        published=sum(flags),
        recomputed=sum(right),
        match="no" if differ else "yes",
        note=f"{differ} verdicts differ" if differ else None,
    )


async def _judged(recorded: Sequence[_Line]) -> dict[str, list[tuple[bool, bool]]]:
    """Each solver's recorded flags beside our verdicts."""
    verifier = RightOrWrong({line.question: line.ground_truth.rpartition("A: ")[2] for line in recorded})
    found: dict[str, list[tuple[bool, bool]]] = {}
    try:
        for line in recorded:
            for solver, solution in line.solutions.items():
                draft = Draft(text=solution.solution, node=solver)
                verdict = await verifier.score(QuestionTask(question=line.question), draft)
                passed = isinstance(verdict, Verdict) and verdict.passed
                found.setdefault(solver, []).append((solution.is_correct, passed))
    finally:
        await verifier.aclose()
    return found


GSM8K = Reproduction("gsm8k", "Cobbe et al., arXiv 2110.14168", "gsm8k", rows)
