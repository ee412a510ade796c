"""A comparison out of two scores: better, worse, or too close to call."""

import asyncio
from dataclasses import dataclass, field

import pytest

from redraft.errors import ConfigError
from redraft.schema import Draft, Failure, Missing, Signal, Task, TranslationTask, Verdict
from redraft.verifiers.base import PairVerifier
from redraft.verifiers.by_score import ByScore
from redraft.verifiers.chrf import ChrF

TASK = TranslationTask(source="Guten Tag", source_lang="de", target_lang="en")


@dataclass
class ReadsNumbers:
    """Scores a draft by the number that it spells; waits until `together` drafts are being scored."""

    together: int = 1
    closed: int = 0
    name: str = "reads-numbers"
    signal: Signal = "tool"
    arrived: int = 0
    all_here: asyncio.Event = field(default_factory=asyncio.Event)

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        self.arrived += 1
        if self.arrived >= self.together:
            self.all_here.set()
        await self.all_here.wait()
        try:
            score = float(draft.text)
        except ValueError:
            return Failure(cause="no_number", message=draft.text)
        return Verdict(verifier=self.name, signal=self.signal, score=score, passed=True, evidence="read")

    async def aclose(self) -> None:
        self.closed += 1


async def prefer(verifier: ByScore, before: str, after: str) -> Verdict | Missing:
    return await verifier.prefer(TASK, Draft(text=before, node="test"), Draft(text=after, node="test"))


@pytest.mark.parametrize(
    ("before", "after", "score"),
    [
        ("0.5", "0.8", 1.0),
        ("0.8", "0.5", 0.0),
        ("0.5", "0.5", 0.5),
        ("0.5", "0.75", 0.5),  # Exactly the threshold is too close to call, in both directions.
        ("0.75", "0.5", 0.5),
        ("0.5", "0.7500001", 1.0),
        ("0.7500001", "0.5", 0.0),
        ("-0.5", "-0.1", 1.0),
    ],
)
async def test_the_later_draft_must_score_higher_by_more_than_the_threshold(
    before: str, after: str, score: float
) -> None:
    verdict = await prefer(ByScore(ReadsNumbers(), threshold=0.25), before, after)
    assert isinstance(verdict, Verdict)
    assert verdict.score == score
    assert verdict.passed is (score == 1.0)


@pytest.mark.parametrize(("after", "score"), [("0.529", 0.5), ("0.531", 1.0), ("0.471", 0.5), ("0.469", 0.0)])
async def test_the_threshold_is_that_of_mqm_ape_by_default(after: str, score: float) -> None:
    verdict = await prefer(ByScore(ReadsNumbers()), "0.5", after)
    assert isinstance(verdict, Verdict)
    assert verdict.score == score


async def test_a_verdict_carries_both_scores_and_the_signal_of_the_scorer() -> None:
    verifier = ByScore(ReadsNumbers())
    assert isinstance(verifier, PairVerifier)
    assert await prefer(verifier, "0.25", "0.75") == Verdict(
        verifier="by-score:reads-numbers",
        signal="tool",
        score=1.0,
        passed=True,
        evidence="before 0.2500, after 0.7500, threshold 0.03; read",
    )


async def test_both_drafts_are_scored_at_once() -> None:
    verdict = await prefer(ByScore(ReadsNumbers(together=2)), "1", "2")
    assert isinstance(verdict, Verdict), "each score waits for the other"


@pytest.mark.parametrize(("before", "after", "missing"), [("x", "1", "x"), ("1", "y", "y"), ("x", "y", "x")])
async def test_a_missing_score_is_passed_on(before: str, after: str, missing: str) -> None:
    assert await prefer(ByScore(ReadsNumbers()), before, after) == Failure(cause="no_number", message=missing)


async def test_over_chrf_the_verdict_is_an_oracle_s() -> None:
    verifier = ByScore(ChrF({"Guten Tag": "Good day"}))
    verdict = await prefer(verifier, "Bad day", "Good day")
    assert isinstance(verdict, Verdict)
    assert (verdict.verifier, verdict.signal, verdict.score) == ("by-score:chrf", "oracle", 1.0)


async def test_closing_closes_the_scorer() -> None:
    scorer = ReadsNumbers()
    await ByScore(scorer).aclose()
    assert scorer.closed == 1


@pytest.mark.parametrize("threshold", [-0.01, float("nan")])
def test_a_threshold_below_nothing_is_refused(threshold: float) -> None:
    with pytest.raises(ConfigError, match="must be 0 or more"):
        ByScore(ReadsNumbers(), threshold)
