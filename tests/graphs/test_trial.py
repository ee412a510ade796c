"""What a trial adds to the state: the best draft stands, the latest goes on."""

import pytest

from redraft.graphs.trial import TrialState, begun, rewritten, tried
from redraft.schema import Draft, Failure, StopReason, Unparsed, Verdict

FIRST, SECOND = Draft(text="1", node="generate"), Draft(text="2", node="fix")


def verdict(score: float) -> Verdict:
    return Verdict(verifier="tests", signal="tool", score=score, passed=score == 1, evidence=f"{score:.0%}")


def second(best: list[float]) -> TrialState:
    return {"final": FIRST, "trial": SECOND, "before": FIRST, "feedback": "fix it", "best": best}


def test_the_first_draft_stands_whatever_comes_of_it() -> None:
    told = tried(begun(FIRST), [verdict(0.0)], last=False)
    assert (told["final"], told["best"], told["verdicts"]) == (FIRST, [0.0], [verdict(0.0)])
    assert "stop" not in told
    assert "revisions" not in told


@pytest.mark.parametrize(("before", "after", "stands"), [(0.5, 0.4, False), (0.5, 0.5, True), (0.5, 0.6, True)])
def test_a_later_draft_stands_unless_it_does_worse(before: float, after: float, stands: bool) -> None:
    told = tried(second([before]), [verdict(after)], last=False)
    (revision,) = told["revisions"]
    assert (revision.accepted, "final" in told) == (stands, stands)
    assert (revision.before, revision.after, revision.verdicts) == (FIRST, SECOND, (verdict(after),))


@pytest.mark.parametrize(("after", "stands"), [([0.9, 0.0], True), ([0.4, 1.0], False), ([0.5, 0.7], True)])
def test_the_first_verdict_counts_most(after: list[float], stands: bool) -> None:
    assert tried(second([0.5, 0.6]), list(map(verdict, after)), last=False)["revisions"][0].accepted is stands


@pytest.mark.parametrize(
    ("verdicts", "last", "stop"),
    [
        ([verdict(1.0)], False, StopReason.SATISFIED),
        ([verdict(1.0)], True, StopReason.SATISFIED),
        ([verdict(1.0), verdict(0.5)], True, StopReason.ROUND_LIMIT),
        ([verdict(1.0), Failure(cause="sandbox_lost", message="")], False, StopReason.FAILED),
        ([Unparsed(raw="", reason="no program")], True, StopReason.UNPARSED),
    ],
)
def test_why_the_trials_end(verdicts: list[Verdict], last: bool, stop: StopReason) -> None:
    assert tried(second([0.0]), verdicts, last)["stop"] is stop


def test_a_draft_without_a_verdict_does_not_stand() -> None:
    told = tried(second([0.0]), [verdict(1.0), Failure(cause="sandbox_lost", message="")], last=False)
    assert "final" not in told
    assert not told["revisions"][0].accepted


def test_a_rewrite_that_changes_nothing_or_is_missing_ends_the_trials() -> None:
    same = rewritten(second([0.0]), SECOND, feedback="")
    gone = rewritten(second([0.0]), Failure(cause="refused", message=""), feedback="")
    assert [told["stop"] for told in (same, gone)] == [StopReason.UNCHANGED, StopReason.FAILED]
    assert not any("trial" in told for told in (same, gone))
