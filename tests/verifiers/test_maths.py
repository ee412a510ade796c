"""Right or wrong: the answer of a draft beside the right one."""

from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.schema import Draft, Failure, QuestionTask, Unparsed, Verdict
from redraft.verifiers.base import Verifier
from redraft.verifiers.maths import RightOrWrong
from redraft.verifiers.open import open_verifier

ANSWERS = {"half?": r"\frac{1}{2}", "square?": "x^2 + 2x + 1"}


async def judge(question: str, text: str, answer: str | None = None) -> Verdict | Unparsed | Failure:
    verifier = RightOrWrong(ANSWERS)
    assert isinstance(verifier, Verifier)
    try:
        return await verifier.score(QuestionTask(question=question), Draft(text=text, node="test", answer=answer))
    finally:
        await verifier.aclose()


async def test_the_evidence_says_both_answers_and_how_they_were_compared():
    assert await judge("half?", "The answer is 0.5.") == Verdict(
        verifier="maths",
        signal="oracle",
        score=1.0,
        passed=True,
        evidence=r"'0.5' equals '\\frac{1}{2}' (the same number)",
    )
    verdict = await judge("square?", r"So it is \boxed{(x+1)^2}")
    assert isinstance(verdict, Verdict)
    assert (verdict.passed, verdict.evidence) == (True, "'(x+1)^2' equals 'x^2 + 2x + 1' (math-verify)")


async def test_an_answer_already_extracted_comes_before_the_text():
    verdict = await judge("half?", "The answer is 7.", answer="1/2")
    assert isinstance(verdict, Verdict)
    assert verdict.passed


async def test_what_cannot_be_told_is_wrong_and_says_so():
    verdict = await judge("half?", r"\boxed{" + "9" * 2000 + "}")
    assert isinstance(verdict, Verdict)
    assert (verdict.score, verdict.passed) == (0.0, False)
    assert verdict.evidence.endswith("(undecided: longer than 1000 characters)")


async def test_a_draft_without_an_answer_has_no_verdict():
    assert await judge("half?", "Who knows?") == Unparsed(raw="Who knows?", reason="no answer is marked as such")


async def test_a_task_without_gold_fails():
    assert await judge("third?", "The answer is 5") == Failure(cause="no_gold", message="no gold for the task 'third?'")


async def test_gold_may_be_a_number_or_a_whole_solution(tmp_path: Path):
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"question": "a", "answer": 18}\n{"question": "b", "answer": "9 * 2 = 18\\n#### 18", "id": 1}\n')
    verifier = open_verifier(f"maths:{gold}")
    assert isinstance(verifier, RightOrWrong)
    for question in "ab":
        verdict = await verifier.score(QuestionTask(question=question), Draft(text="A: 18", node="test"))
        assert isinstance(verdict, Verdict)
        assert verdict.passed
    await verifier.aclose()


def test_gold_without_an_answer_is_refused(tmp_path: Path):
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"question": "a"}\n')
    with pytest.raises(ConfigError, match="line 1, answer"):
        open_verifier(f"maths:{gold}")
