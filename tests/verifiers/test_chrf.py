"""chrF: sacrebleu's number, from 0 to 1, and only where there is a reference."""

import pytest
from sacrebleu.metrics.chrf import CHRF

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
        cause="no_gold", message="no gold for the task 'Gute Nacht'"
    )
    other = await verifier.score(QuestionTask(question="Guten Tag"), draft)
    assert isinstance(other, Failure)
    assert other.cause == "wrong_task"
