"""Recorded data in their authors' formats: as many samples as the papers have, gold for the grader alone."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from redraft.evaluation.datasets import open_grader, open_samples
from redraft.evaluation.sample import Sample
from redraft.schema import CodeTask, Draft, InstructionTask, TheoremTask, Unparsed, Verdict
from redraft.verifiers.base import Verifier


async def verdicts(grader: Verifier, samples: list[Sample], texts: list[str]) -> list[bool | None]:
    """None where a draft has no answer to judge."""
    found: list[bool | None] = []
    try:
        for sample, text in zip(samples, texts, strict=True):
            verdict = await grader.score(sample.task, Draft(text=text, node="test"))
            assert isinstance(verdict, Verdict | Unparsed), verdict
            found.append(verdict.passed if isinstance(verdict, Verdict) else None)
    finally:
        await grader.aclose()
    return found


def drafts(samples: list[Sample]) -> list[str]:
    return [sample.task.draft or "" for sample in samples]


@pytest.mark.parametrize(
    ("spec", "count", "first"),
    [
        ("gsm8k:{}/gsm8k/test.jsonl.gz", 1319, "gsm8k/0"),
        ("humaneval:{}/humanevalplus/HumanEvalPlus.jsonl.gz", 164, "HumanEval/0"),
        ("humaneval+:{}/humanevalplus/HumanEvalPlus.jsonl.gz", 164, "HumanEval/0"),
        ("humaneval+:{}/humanevalplus/HumanEvalPlus-Mini.jsonl.gz", 164, "HumanEval/0"),
        ("ifeval:{}/ifeval/en_input_data.jsonl.gz", 541, "1000"),
        ("minif2f:{}/minif2f/valid.jsonl.gz", 244, "aimeII_2001_p3"),
        ("mqm:{}/tear-mqm/wmt23.en-de.jsonl.gz", 1040, "wmt23-en-de-276-AIRC"),
        ("ldb:{}/ldb/mbpp.starcoder.jsonl.gz", 500, "MBPP/11"),
    ],
)
def test_every_row_is_a_sample(data: Path, spec: str, count: int, first: str) -> None:
    samples = open_samples(spec.format(data))
    assert (len(samples), samples[0].id) == (count, first)
    assert len({sample.id for sample in samples}) == count


def test_every_run_of_ldb_opens(data: Path) -> None:
    """Fourteen seeds of Reflexion's are empty; a draft cannot be, so they are programs that do nothing."""
    runs = [path for path in sorted((data / "ldb").glob("*.jsonl.gz")) if ".tests." not in path.name]
    empty = {run.name: drafts(open_samples(f"ldb:{run}")).count("pass\n") for run in runs}
    assert len(empty) == 11
    assert {name: count for name, count in empty.items() if count} == {
        f"humaneval.reflexion-{model}.jsonl.gz": 14
        for model in ("gpt-3.5-turbo-0613", "gpt-4-1106-preview", "gpt-4o-2024-05-13")
    }


def test_gold_is_in_no_task(data: Path) -> None:
    """The right answers of GSM8K, the hidden tests of HumanEval and the constraints of IFEval."""
    (problem, *_) = open_samples(f"gsm8k:{data}/gsm8k/test.jsonl.gz")
    assert problem.gold == {"answer": "18"}
    assert set(problem.task.model_dump(exclude_none=True)) == {"kind", "question"}
    (function, *_) = open_samples(f"humaneval:{data}/humanevalplus/HumanEvalPlus.jsonl.gz")
    assert isinstance(function.task, CodeTask)
    assert function.task.tests == ()
    assert "def check(candidate)" not in function.task.model_dump_json()
    (prompt, *_) = open_samples(f"ifeval:{data}/ifeval/en_input_data.jsonl.gz")
    assert isinstance(prompt.task, InstructionTask)
    assert prompt.task.constraints == ()


def test_constraints_are_shown_where_that_is_asked_for(data: Path) -> None:
    (prompt, *_) = open_samples(f"ifeval:{data}/ifeval/en_input_data.jsonl.gz?constraints=true")
    assert isinstance(prompt.task, InstructionTask)
    assert [constraint.kind for constraint in prompt.task.constraints] == [
        "punctuation:no_comma",
        "detectable_format:number_highlighted_sections",
        "length_constraints:number_words",
    ]


def test_lines_that_are_repeated_word_for_word_count_once(data: Path) -> None:
    """One segment of WMT22 stands twice for each of its 16 systems."""
    samples = open_samples(f"mqm:{data}/tear-mqm/wmt22.en-ru.jsonl.gz")
    assert len(samples) == 944 - 16
    assert len({sample.group for sample in samples}) == 58


def test_a_theorem_has_what_it_imports(data: Path) -> None:
    (theorem, *_) = open_samples(f"minif2f:{data}/minif2f/test.jsonl.gz")
    assert isinstance(theorem.task, TheoremTask)
    assert theorem.task.statement.startswith("Require Import")
    assert theorem.task.prover == "rocq"


async def test_solvers_of_gsm8k_are_graded_as_recorded(data: Path) -> None:
    path = data / "gsm8k" / "example_model_solutions.jsonl.gz"
    recorded = [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().split("\n") if line]
    samples = open_samples(f"gsm8k:{data}/gsm8k/test.jsonl.gz", 200)
    rows = {row["question"]: row["175b_verification"] for row in recorded}
    said = [rows[sample.task.question] for sample in samples]  # type: ignore[union-attr]
    found = await verdicts(open_grader(samples), samples, [one["solution"] for one in said])
    assert [bool(verdict) for verdict in found] == [one["is_correct"] for one in said]


@pytest.mark.parametrize(
    ("name", "right", "wrong", "mute", "differing"),
    [
        ("logical_deduction", 45, 254, 1, 0),
        ("multistep_arithmetic", 45, 255, 0, 0),
        ("tracking_shuffled_objects", 45, 255, 0, 2),
        ("word_sorting", 45, 255, 0, 0),
        ("dyck_languages", 484, 443, 59, 2),
    ],
)
async def test_traces_are_graded_as_their_recorded_answers(
    data: Path, name: str, right: int, wrong: int, mute: int, differing: int
) -> None:
    """Upstream's extracted answers hold a blank or a full stop too much in four of 2,186: those differ."""
    path = data / "bigbench-mistake" / f"{name}.jsonl.gz"
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().split("\n") if line]
    samples = open_samples(f"bigbench-mistake:{path}")
    found = await verdicts(open_grader(samples), samples, drafts(samples))
    assert Counter(found) == Counter({True: right, False: wrong, None: mute})
    recorded = [row["answer"] == row["target"] for row in rows]
    assert sum(bool(verdict) != equal for verdict, equal in zip(found, recorded, strict=True)) == differing
    golds = [sample.gold for sample in samples]
    assert [gold["mistake_index"] for gold in golds if isinstance(gold, dict)] == [row["mistake_index"] for row in rows]


async def test_references_grade_translations(data: Path) -> None:
    samples = open_samples(f"mqm:{data}/tear-mqm/wmt23.en-de.jsonl.gz")
    grader = open_grader(samples)
    gold = samples[0].gold
    assert isinstance(gold, dict)
    verdict = await grader.score(samples[0].task, Draft(text=str(gold["reference"]), node="test"))
    assert isinstance(verdict, Verdict)
    assert verdict.score == pytest.approx(1.0)
