"""Programs judged by the hidden tests of their data set, in a sandbox."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path

import pytest

from redraft.evaluation.datasets import DATASETS, open_grader, open_samples
from redraft.evaluation.sample import Sample
from redraft.schema import Draft, Failure, Verdict
from redraft.verifiers.base import Verifier

IMPORTING = {f"MBPP/{number}" for number in (20, 85, 252, 255, 274, 427)}
"""Seeds of StarCoder that use modules they do not import."""


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().split("\n") if line]


async def passed(grader: Verifier, pairs: list[tuple[Sample, str]]) -> list[bool]:
    """Skips where no sandbox works."""
    try:
        found = await asyncio.gather(*(grader.score(s.task, Draft(text=text, node="test")) for s, text in pairs))
    finally:
        await grader.aclose()
    for verdict in found:
        if isinstance(verdict, Failure) and verdict.cause == "sandbox_unusable":
            pytest.skip(verdict.message)
        assert isinstance(verdict, Verdict), verdict
    return [isinstance(verdict, Verdict) and verdict.passed for verdict in found]


@pytest.mark.parametrize("name", ["humaneval", "humaneval+"])
@pytest.mark.parametrize("count", [12, pytest.param(None, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])])
async def test_the_authors_own_solutions_pass_without_what_the_prompt_imports(
    data: Path, name: str, count: int | None
) -> None:
    """A program may leave out the imports and helpers of its prompt, and an empty one fails."""
    path = data / "humanevalplus" / "HumanEvalPlus.jsonl.gz"
    solutions = {}
    for row in rows(path):
        prompt, entry = str(row["prompt"]), f"def {row['entry_point']}("
        solutions[row["task_id"]] = entry + prompt.partition(entry)[2] + str(row["canonical_solution"])
    samples = open_samples(f"{name}:{path}")[:count]
    pairs = [(sample, solutions[sample.id]) for sample in samples]
    wrong = [(sample, f"def {sample.task.entry_point}(*_): ...") for sample in samples[:5]]  # type: ignore[union-attr]
    assert await passed(DATASETS[name].grader(samples), pairs) == [True] * len(pairs)
    assert await passed(DATASETS[name].grader(samples), wrong) == [False] * len(wrong)


@pytest.mark.parametrize(("run", "differing"), [("humaneval.codellama", set()), ("mbpp.starcoder", IMPORTING)])
@pytest.mark.parametrize("count", [25, pytest.param(None, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])])
async def test_ldb_seeds_have_their_recorded_verdicts(
    data: Path, run: str, differing: set[str], count: int | None
) -> None:
    """MBPP's were recorded without the imports that LDB puts before its results: those that lack one pass now."""
    path = data / "ldb" / f"{run}.jsonl.gz"
    recorded = {row["task_id"]: row["seed_solved"] for row in rows(path)}
    samples = open_samples(f"ldb:{path}", count)
    pairs = [(sample, sample.task.draft or "") for sample in samples]
    found = await passed(open_grader(samples), pairs)
    differ = {sample.id for sample, verdict in zip(samples, found, strict=True) if verdict != recorded[sample.id]}
    assert differ == differing & {sample.id for sample in samples}
