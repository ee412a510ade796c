"""The verifier of constraints: the share kept, a line for each one that is not, and nothing made up where one cannot
be checked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from redraft.errors import ConfigError, MissingExtra
from redraft.schema import Constraint, Draft, Failure, InstructionTask, QuestionTask, Verdict
from redraft.verifiers.base import Verifier
from redraft.verifiers.constraints import verifier as module
from redraft.verifiers.constraints.verifier import Constrained, Constraints
from redraft.verifiers.gold import read_gold
from redraft.verifiers.open import open_verifier

for package in ("re2", "jsonschema_rs", "langdetect"):
    pytest.importorskip(package, reason=f"{package} is not installed: pip install 'redraft[constraints]'")

NO_COMMA = Constraint(kind="punctuation:no_comma")
LONG = Constraint(kind="length:words", arguments={"minimum": 3})
QUOTED = Constraint(kind="startend:quotation")
UNKNOWN = Constraint(kind="rhyme", text="It rhymes.")
WRONG = Constraint(kind="length:words", arguments={"minimum": "many"})
DRAFT = Draft(text="Yes, no", node="test")


def task(*constraints: Constraint) -> InstructionTask:
    return InstructionTask(instruction="Answer.", constraints=constraints)


async def test_the_score_is_the_share_kept_and_the_evidence_what_was_wanted_and_found() -> None:
    verifier = Constraints()
    assert isinstance(verifier, Verifier)
    assert await verifier.score(task(NO_COMMA, LONG), Draft(text="One two, three", node="test")) == Verdict(
        verifier="constraints",
        signal="tool",
        score=0.5,
        passed=False,
        evidence="no comma: 1 comma, the first in 'One two, three'",
    )
    assert await verifier.score(task(NO_COMMA, LONG), Draft(text="one two three", node="test")) == Verdict(
        verifier="constraints", signal="tool", score=1, passed=True, evidence="all 2 constraints kept"
    )


async def test_each_constraint_has_a_verdict_of_its_own_in_their_order() -> None:
    each = await Constraints().each(task(LONG, UNKNOWN, QUOTED), Draft(text='"a b c"', node="test"))
    assert isinstance(each, tuple)
    assert [one.passed if isinstance(one, Verdict) else one.cause for one in each] == [True, "unknown_kind", True]


async def test_a_constraint_that_cannot_be_checked_fails_the_whole_and_is_named() -> None:
    assert await Constraints().score(task(NO_COMMA, UNKNOWN, WRONG), DRAFT) == Failure(
        cause="unknown_kind",
        message="rhyme: no such kind of constraint; length:words: minimum: Input should be a valid integer, "
        "unable to parse string as an integer",
    )


async def test_a_task_with_nothing_to_check_has_no_verdict() -> None:
    for nothing, cause in [(task(), "no_constraints"), (QuestionTask(question="Answer."), "wrong_task")]:
        failure = await Constraints().score(nothing, DRAFT)
        assert isinstance(failure, Failure)
        assert failure.cause == cause


async def test_constraints_from_a_file_count_and_not_the_tasks_own(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps({"instruction": "Answer.", "constraints": [LONG.model_dump()]}) + "\n")
    verifier = open_verifier(f"ifeval:{path}")
    assert isinstance(verifier, Constraints)
    assert await verifier.score(task(NO_COMMA), DRAFT) == Verdict(
        verifier="ifeval", signal="oracle", score=0, passed=False, evidence="at least 3 words: 2 words"
    )
    each = await verifier.each(task(), DRAFT)
    assert isinstance(each, tuple)
    assert [isinstance(one, Verdict) and one.signal for one in each] == ["oracle"]
    other = await verifier.score(InstructionTask(instruction="Another."), DRAFT)
    assert isinstance(other, Failure)
    assert other.cause == "no_gold"


def test_ifeval_s_own_file_is_read_with_nulls_and_language_marks_left_out(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    row = {
        "key": 1,
        "prompt": "Answer.",
        "instruction_id_list": ["en:punctuation:no_comma", "length_constraints:number_words"],
        "kwargs": [{"num_words": None}, {"num_words": 3, "relation": "at least", "keyword": None}],
    }
    path.write_text(json.dumps(row) + "\n")
    assert read_gold(path, Constrained)["Answer."].constraints == (
        NO_COMMA,
        Constraint(kind="length_constraints:number_words", arguments={"num_words": 3, "relation": "at least"}),
    )


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"instruction": "a"}, "constraints: Field required"),
        ({"prompt": "a", "instruction_id_list": ["b"]}, "must be lists of one length"),
        ({"prompt": "a", "instruction_id_list": ["b"], "kwargs": [{}, {}]}, "must be lists of one length"),
        ({"prompt": "a", "instruction_id_list": [3], "kwargs": [{}]}, r"constraints\.0\.kind"),
        ({"prompt": "a", "instruction_id_list": ["b"], "kwargs": ["c"]}, r"constraints\.0\.arguments"),
        ({"instruction_id_list": [], "kwargs": []}, "none of source"),
        ([1], "line 1, the line"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, row: object, complaint: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(row))
    with pytest.raises(ConfigError, match=complaint):
        read_gold(path, Constrained)


@pytest.mark.parametrize("loose", [False, True])
async def test_loose_reading_is_a_verifier_of_its_own(tmp_path: Path, loose: bool) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps({"instruction": "Answer.", "constraints": [QUOTED.model_dump()]}))
    suffix = "-loose" if loose else ""
    for spec in (f"constraints{suffix}", f"ifeval{suffix}:{path}"):
        verifier = open_verifier(spec)
        assert isinstance(verifier, Constraints)
        verdict = await verifier.score(task(QUOTED), Draft(text='Sure!\n"Yes."', node="test"))
        assert isinstance(verdict, Verdict)
        assert (verdict.passed, verdict.verifier) == (loose, spec.partition(":")[0])


@pytest.mark.parametrize("spec", ["constraints", "constraints-loose", "ifeval:gold.jsonl"])
def test_a_missing_package_is_told_before_the_first_draft(monkeypatch: pytest.MonkeyPatch, spec: str) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == "re2" else name)
    with pytest.raises(MissingExtra, match=r"google-re2 is not installed: pip install 'redraft\[constraints\]'"):
        open_verifier(spec)
