"""Self-consistency: who says the same, who wins, and how far the drafts agree."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.schema import Agreement, Draft, Failure, QuestionTask, Unparsed
from redraft.tools.maths import Maths
from redraft.verifiers.base import GroupVerifier
from redraft.verifiers.open import open_verifier
from redraft.verifiers.vote import TextOnly, Vote, cluster

TASK = QuestionTask(question="How many?")


def drafts(*answers: str | None) -> list[Draft]:
    return [Draft(text="Who knows?", node="test") if a is None else Draft(text=f"A: {a}", node="test") for a in answers]


async def agree(*answers: str | None) -> Agreement:
    agreement = await Vote(TextOnly()).agree(TASK, drafts(*answers))
    assert isinstance(agreement, Agreement)
    return agreement


async def test_the_largest_cluster_wins_and_uncertainty_is_the_entropy_of_the_clusters():
    assert await agree("5", "7", None, "5.0", "$5") == Agreement(
        verifier="vote",
        signal="self",
        uncertainty=math.fsum((-0.75 * math.log(0.75), -0.25 * math.log(0.25))),
        clusters=(0, 1, None, 0, 0),
        winner=0,
        scores={"share": 0.75, "answered": 0.8},
        evidence="'5' by 3 of 5 drafts, 4 with an answer, 2 different, compared as text and numbers",
    )


async def test_all_of_one_mind_leave_no_uncertainty():
    agreement = await agree("5", "5", "5")
    assert (agreement.uncertainty, agreement.scores["share"]) == (0, 1)


async def test_among_equals_the_first_wins():
    agreement = await agree("7", "5", "5", "7")
    assert (agreement.winner, agreement.uncertainty) == (0, pytest.approx(math.log(2)))


async def test_the_winner_has_an_answer():
    assert (await agree(None, "7", "5", "5")).winner == 2


async def test_answers_already_extracted_come_before_the_text():
    voters = [Draft(text="A: 1", node="test", answer="5"), Draft(text="A: 2", node="test", answer="5")]
    agreement = await Vote(TextOnly()).agree(TASK, voters)
    assert isinstance(agreement, Agreement)
    assert agreement.clusters == (0, 0)


async def test_nobody_with_an_answer_is_no_agreement():
    assert await Vote(TextOnly()).agree(TASK, drafts(None, None)) == Unparsed(
        raw="Who knows?", reason="none of 2 drafts has an answer"
    )
    assert await Vote(TextOnly()).agree(TASK, []) == Failure(cause="no_drafts", message="nobody votes")


async def test_weights_decide_a_weighted_vote():
    agreement = await Vote(TextOnly()).weigh(drafts("5", "5", "7", None), [0.1, 0.2, 0.9, 5.0])
    assert isinstance(agreement, Agreement)
    assert (agreement.winner, agreement.scores["share"]) == (2, pytest.approx(0.75))


async def test_without_any_weight_every_draft_counts_the_same():
    agreement = await Vote(TextOnly()).weigh(drafts("5", "7", "7"), [0, 0, 0])
    assert isinstance(agreement, Agreement)
    assert agreement.winner == 1


@pytest.mark.parametrize("weights", [[1.0], [1.0, -1.0], [1.0, math.nan], [1.0, math.inf]])
async def test_other_weights_are_refused(weights):
    with pytest.raises(ValueError, match="one weight for each draft"):
        await Vote(TextOnly()).weigh(drafts("5", "7"), weights)


async def test_formulas_are_compared_as_maths():
    vote = open_verifier("vote")
    assert isinstance(vote, GroupVerifier)
    agreement = await vote.agree(TASK, drafts("(x+1)^2", "x^2+2x+1", "x^2"))
    await vote.aclose()
    assert isinstance(agreement, Agreement)
    assert agreement.clusters == (0, 0, 1)
    assert agreement.evidence == "'(x+1)^2' by 2 of 3 drafts, 3 with an answer, 2 different"


async def test_without_math_verify_the_vote_is_by_text_and_says_so(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    vote = Vote()
    agreement = await vote.agree(TASK, drafts("1/2", "0.5", "x+x", "2x"))
    await vote.aclose()
    assert isinstance(agreement, Agreement)
    assert agreement.clusters == (0, 0, 1, 2)
    assert agreement.evidence.endswith("compared as text and numbers")


ANSWERS = st.lists(
    st.sampled_from([None, "50", "50%", "0.5", "1/2", "50.0", "5", "A", "(A)", "x"]), min_size=1, max_size=9
)


@settings(deadline=None, max_examples=100)
@given(ANSWERS, st.randoms(use_true_random=False))
async def test_the_order_of_the_drafts_does_not_decide_who_says_the_same(
    answers: list[str | None], shuffle: random.Random
):
    order = list(range(len(answers)))
    shuffle.shuffle(order)
    clusters = await cluster(answers, TextOnly())
    shuffled = await cluster([answers[i] for i in order], TextOnly())
    for i in range(len(order)):
        for j in range(i):
            assert (shuffled[i] == shuffled[j]) == (clusters[order[i]] == clusters[order[j]])
    seen = list(dict.fromkeys(number for number in clusters if number is not None))
    assert seen == list(range(len(seen))), "numbered in order of appearance"


async def test_closing_the_vote_closes_the_maths():
    maths = Maths()
    await Vote(maths).aclose()
    assert not (await maths.equal("x+x", "2x")).decided
