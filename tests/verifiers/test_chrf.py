"""chrF: sacrebleu's number, from 0 to 1, and only where there is a reference."""

from pathlib import Path

import pytest
from sacrebleu.metrics.chrf import CHRF

from redraft.errors import ConfigError
from redraft.schema import Draft, Failure, QuestionTask, TranslationTask, Verdict
from redraft.verifiers.base import Verifier
from redraft.verifiers.chrf import ChrF

REFERENCES = {"Guten Tag": "Good day to you", "abc": "abd"}


def task(source: str) -> TranslationTask:
    return TranslationTask(source=source, source_lang="de", target_lang="en")


async def score(verifier: ChrF, source: str, text: str) -> float:
    verdict = await verifier.score(task(source), Draft(text=text, node="test"))
    assert isinstance(verdict, Verdict)
    return verdict.score


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ("abd", 1.0),
        ("xyz", 0.0),
        ("", 0.0),
        # Two of three letters, one of two pairs, no triple; longer n-grams there are none of. Precision and recall
        # are the same here, and so is F.
        ("abc", (2 / 3 + 1 / 2 + 0) / 3),
    ],
)
async def test_small_cases_by_hand(draft: str, expected: float) -> None:
    assert await score(ChrF(REFERENCES), "abc", draft) == pytest.approx(expected)


@pytest.mark.parametrize("word_order", [0, 2])
@pytest.mark.parametrize("draft", ["Good day", "good  day to you!", "Добрый день", "day Good you to"])
async def test_the_number_is_sacrebleu_s_divided_by_100(draft: str, word_order: int) -> None:
    theirs = CHRF(word_order=word_order).sentence_score(draft, ["Good day to you"]).score
    assert await score(ChrF(REFERENCES, word_order=word_order), "Guten Tag", draft) == theirs / 100


async def test_a_verdict_says_that_it_saw_the_reference_and_how_it_was_computed() -> None:
    verifier = ChrF(REFERENCES, word_order=2)
    verdict = await verifier.score(task("Guten Tag"), Draft(text="Good day", node="test"))
    assert isinstance(verifier, Verifier)
    assert isinstance(verdict, Verdict)
    assert (verdict.verifier, verdict.signal, verdict.passed) == ("chrf++", "oracle", True)
    assert verdict.evidence.startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:2|space:no|version:2.")


@pytest.mark.parametrize(("threshold", "passed"), [(None, True), (0.0, True), (1.0, True), (1.01, False)])
async def test_a_draft_passes_from_the_threshold_on(threshold: float | None, passed: bool) -> None:
    verdict = await ChrF(REFERENCES, threshold=threshold).score(task("abc"), Draft(text="abd", node="test"))
    assert isinstance(verdict, Verdict)
    assert verdict.passed is passed


async def test_without_a_reference_or_a_translation_there_is_no_score() -> None:
    verifier, draft = ChrF(REFERENCES), Draft(text="Good day", node="test")
    assert await verifier.score(task("Gute Nacht"), draft) == Failure(
        cause="no_reference", message="no reference for the source 'Gute Nacht'"
    )
    other = await verifier.score(QuestionTask(question="Guten Tag"), draft)
    assert isinstance(other, Failure)
    assert other.cause == "wrong_task"


async def test_references_are_read_from_json_lines_split_at_newlines_alone(tmp_path: Path) -> None:
    path = tmp_path / "references.jsonl"
    path.write_bytes(
        '{"source": "a\u2028b", "reference": "c\x85d", "id": 7}\r\n\n{"source":"e","reference":"f"}'.encode()
    )
    verifier = ChrF.from_file(path)
    assert await score(verifier, "a\u2028b", "c\x85d") == 1.0
    assert await score(verifier, "e", "f") == 1.0


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b'{"source": "b"}', "line 2, reference: Field required"),
        (b'{"source": 3, "reference": "c"}', "line 2, source: Input should be a valid string"),
        (b'{"source": "b", "reference": " "}', "line 2, reference: .*must not be empty"),
        (b'{"source": "b", ', "line 2, the line: Invalid JSON"),
        (b'["b", "c"]', "line 2, the line: "),
        (b'{"source": "b", "reference": "\xff"}', "line 2, the line: Invalid JSON"),
        (b'{"source": "a", "reference": "other"}', "line 2, reference: this source already has another reference"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: bytes, complaint: str) -> None:
    path = tmp_path / "references.jsonl"
    path.write_bytes(b'{"source": "a", "reference": "A"}\n' + line + b"\n")
    with pytest.raises(ConfigError, match=f"references.jsonl, {complaint}"):
        ChrF.from_file(path)


def test_a_file_with_nothing_in_it_or_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(ConfigError, match="holds no references"):
        ChrF.from_file(tmp_path / "empty.jsonl")
    with pytest.raises(ConfigError, match=r"cannot be read: .*missing\.jsonl"):
        ChrF.from_file(tmp_path / "missing.jsonl")
