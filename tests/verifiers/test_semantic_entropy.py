"""Answers cluster by what they mean; what could not be compared is told; the entropy is the papers'."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft.models.errors import Unreachable
from redraft.models.scripted import Scripted
from redraft.schema import Agreement, Draft, Failure, Missing, Task, Unparsed
from redraft.verifiers.entailment import ModelEntails, Pairs, Relation
from redraft.verifiers.semantic_entropy import SemanticEntropy, discrete_entropy, equivalent, rao_entropy
from tests.verifiers.judging import TASK, ruling, shown

UNREAD = Unparsed(raw="?", reason="no verdict")


class Known:
    """Says of each pair what `meaning` gives: texts of one meaning entail each other, others contradict."""

    def __init__(self, unread: frozenset[tuple[str, str]] = frozenset()) -> None:
        self.unread = unread
        self.rounds: list[Pairs] = []

    async def relations(self, task: Task, pairs: Pairs) -> Sequence[Relation | Missing]:
        self.rounds.append(pairs)
        return [UNREAD if pair in self.unread else meaning(*pair) for pair in pairs]

    async def supports(self, task: Task, pairs: Pairs) -> Sequence[float | Missing]:
        raise NotImplementedError

    async def connect(self) -> None:
        pass

    async def aclose(self) -> None:
        pass


def meaning(one: str, other: str) -> Relation:
    """By the first letter."""
    return "entailment" if one[0] == other[0] else "contradiction"


def drafts(*texts: str) -> list[Draft]:
    return [Draft(text=text, node="n") for text in texts]


async def agreement(verifier: SemanticEntropy, *texts: str) -> Agreement:
    found = await verifier.agree(TASK, drafts(*texts))
    assert isinstance(found, Agreement), found
    return found


async def test_answers_of_one_meaning_are_one_cluster_and_the_largest_wins() -> None:
    found = await agreement(SemanticEntropy(Known()), "a", "b1", "b2", "a2", "b3")
    assert (found.clusters, found.winner, found.signal) == ((0, 1, 1, 0, 1), 1, "self")
    assert found.uncertainty == pytest.approx(-(0.4 * log(0.4) + 0.6 * log(0.6)))
    assert "3 x b1" in found.evidence


async def test_comparing_takes_as_many_rounds_as_there_are_meanings_and_each_pair_once() -> None:
    known = Known()
    await agreement(SemanticEntropy(known), "a", "b1", "b2", "a2", "c")
    assert [len(pairs) for pairs in known.rounds] == [8, 4]
    assert len({pair for pairs in known.rounds for pair in pairs}) == 12


async def test_equal_answers_are_not_compared_and_blank_ones_say_nothing() -> None:
    known = Known()
    found = await agreement(SemanticEntropy(known), "a", " a\n", "", "a")
    assert (found.clusters, found.uncertainty, known.rounds) == ((0, 0, None, 0), 0.0, [])


async def test_without_any_answer_nothing_wins() -> None:
    found = await agreement(SemanticEntropy(Known()), "", " ")
    assert (found.clusters, found.winner) == ((None, None), None)


async def test_the_extracted_answer_is_compared_where_there_is_one() -> None:
    given_answers = [Draft(text="b, so", node="n", answer="a"), Draft(text="a2", node="n")]
    found = await SemanticEntropy(Known()).agree(TASK, given_answers)
    assert isinstance(found, Agreement)
    assert found.clusters == (0, 0)


@given(
    st.lists(st.sampled_from(["a", "a2", "b", "b2", "c", ""]), max_size=7).flatmap(
        lambda t: st.tuples(st.just(t), st.permutations(range(len(t))))
    )
)
async def test_the_order_of_the_drafts_decides_nothing_but_numbers_and_ties(given: tuple[list[str], list[int]]) -> None:
    texts, order = given
    found = await agreement(SemanticEntropy(Known()), *texts)
    other = await agreement(SemanticEntropy(Known()), *(texts[at] for at in order))
    assert found.uncertainty == other.uncertainty
    pairs = {(found.clusters[at], other.clusters[now]) for now, at in enumerate(order)}
    assert len(pairs) == len({one for one, _ in pairs}) == len({two for _, two in pairs})
    numbers = [cluster for cluster in dict.fromkeys(found.clusters) if cluster is not None]
    assert numbers == list(range(len(numbers)))


class TestPairsThatCouldNotBeCompared:
    async def test_they_keep_answers_apart_and_are_counted(self) -> None:
        verifier = SemanticEntropy(Known(frozenset({("a", "a2")})))
        found = await agreement(verifier, "a", "a2", "b")
        assert found.clusters == (0, 1, 2)
        assert (found.scores["unread_pairs"], found.scores["pairs"]) == (1.0, 3.0)
        assert "1 of 3 pairs could not be compared" in found.evidence

    async def test_one_whose_other_direction_decides_is_none(self) -> None:
        found = await agreement(SemanticEntropy(Known(frozenset({("a", "b")}))), "a", "b")
        assert (found.clusters, found.scores["unread_pairs"]) == ((0, 1), 0.0)

    async def test_where_that_is_all_of_them_there_is_no_agreement(self) -> None:
        unread = frozenset({("a", "a2")})
        assert await SemanticEntropy(Known(unread)).agree(TASK, drafts("a", "a2")) == UNREAD


E, N, C = "entailment", "neutral", "contradiction"


@pytest.mark.parametrize(
    ("forward", "backward", "strict", "loose"),
    [
        (E, E, True, True),
        (E, N, False, True),
        (N, E, False, True),
        (N, N, False, False),
        (E, C, False, False),
        (C, N, False, False),
        (E, UNREAD, UNREAD, UNREAD),
        (N, UNREAD, False, UNREAD),
        (UNREAD, C, False, False),
        (UNREAD, UNREAD, UNREAD, UNREAD),
    ],
)
def test_both_rules(
    forward: Relation | Missing, backward: Relation | Missing, strict: bool | Missing, loose: bool | Missing
) -> None:
    assert equivalent(forward, backward, strict=True) == strict
    assert equivalent(forward, backward, strict=False) == loose


class TestEntropy:
    @given(st.lists(st.none() | st.integers(0, 4), max_size=8))
    def test_it_is_from_nothing_to_the_logarithm_of_the_number_of_clusters(self, clusters: list[int | None]) -> None:
        known = {cluster for cluster in clusters if cluster is not None}
        for entropy in (discrete_entropy(tuple(clusters)), rao_entropy(tuple(clusters), [-1.0] * len(clusters))):
            assert 0.0 <= entropy <= log(max(1, len(known))) + 1e-12
            assert (entropy < 1e-12) is (len(known) < 2)

    def test_rao_weighs_each_answer_by_its_likelihood(self) -> None:
        clusters, values = (0, 1, 0), (-0.5, -2.0, -1.0)
        mass = [exp(-0.5) + exp(-1.0), exp(-2.0)]
        shares = [part / sum(mass) for part in mass]
        assert rao_entropy(clusters, values) == pytest.approx(-sum(share * log(share) for share in shares))

    def test_equal_likelihoods_give_the_discrete_entropy_and_tiny_ones_no_error(self) -> None:
        clusters = (0, 0, 1, None)
        assert rao_entropy(clusters, [-5000.0] * 4) == pytest.approx(discrete_entropy(clusters))

    async def test_likelihoods_handed_in_make_it_the_uncertainty(self) -> None:
        likelihood = {"a": -0.1, "b": -3.0}
        verifier = SemanticEntropy(Known(), log_likelihood=lambda draft: likelihood[draft.text])
        found = await agreement(verifier, "a", "b")
        assert found.uncertainty == found.scores["rao"] == pytest.approx(rao_entropy((0, 1), (-0.1, -3.0)))
        assert found.scores["discrete"] == pytest.approx(log(2))


class TestLanguageModel:
    async def test_it_is_asked_both_ways_with_the_question(self) -> None:
        model = Scripted(lambda request: ruling(request, "entailment"))
        found = await agreement(SemanticEntropy(ModelEntails(model)), "It is 42.", "Forty-two.")
        assert found.clusters == (0, 0)
        assert len(model.requests) == 2
        assert all(TASK.question in shown(request) for request in model.requests)

    async def test_an_unclear_reply_is_never_neutral(self) -> None:
        model = Scripted(lambda request: "It is hard to say: neutral")
        assert isinstance(
            await SemanticEntropy(ModelEntails(model), strict=False).agree(TASK, drafts("a", "b")), Unparsed
        )

    async def test_a_call_that_fails_costs_its_pair_alone(self) -> None:
        broken = Scripted(lambda r: Unreachable("gone") if "\nbbb\n" in shown(r) else ruling(r, "entailment"))
        found = await agreement(SemanticEntropy(ModelEntails(broken)), "a", "a2", "bbb")
        assert (found.clusters, found.scores["unread_pairs"]) == ((0, 0, 1), 1.0)
        gone = Scripted(lambda request: Unreachable("gone"))
        assert isinstance(await SemanticEntropy(ModelEntails(gone)).agree(TASK, drafts("a", "b")), Failure)
