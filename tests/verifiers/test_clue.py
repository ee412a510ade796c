"""How sure answers are of each concept in them: the mean of -log s."""

from __future__ import annotations

from math import log

import pytest

from redraft.models.base import ChatRequest
from redraft.models.errors import Unreachable
from redraft.models.scripted import Reply, Scripted
from redraft.schema import Agreement, Draft, Failure, Missing, Unparsed
from redraft.verifiers.clue import Clue
from tests.verifiers.judging import TASK, ruling, shown

CONCEPTS = ("It is Paris.", "It is old.")
SUPPORT: dict[tuple[str, str], str] = {
    ("Paris, old", CONCEPTS[0]): "10",
    ("Paris, old", CONCEPTS[1]): "10",
    ("Paris", CONCEPTS[0]): "10",
    ("Paris", CONCEPTS[1]): "5",
    ("Lyon", CONCEPTS[0]): "0",
    ("Lyon", CONCEPTS[1]): "5",
}


def model_of(support: dict[tuple[str, str], str | Reply], concepts: tuple[str, ...] = CONCEPTS) -> Scripted:
    """Finds `concepts`, and grades each pair as `support` says."""

    def reply(request: ChatRequest) -> Reply:
        content = shown(request)
        if "Concepts " in content:
            code = content.split("Concepts ")[-1].split(":")[0]
            return f"Concepts {code}:\n" + "\n".join(f"- {concept}" for concept in concepts)
        said = next(
            support[answer, concept]
            for answer, concept in support
            if f"\n{answer}\n" in content and f"\n{concept}\n" in content
        )
        return ruling(request, said) if isinstance(said, str) else said

    return Scripted(reply)


async def found(model: Scripted, *texts: str) -> Agreement | Missing:
    return await Clue(model).agree(TASK, [Draft(text=text, node="n") for text in texts])


async def test_a_concept_is_as_uncertain_as_the_answers_are_of_it() -> None:
    model = model_of(dict(SUPPORT))
    agreement = await found(model, "Lyon", "Paris, old", "Paris")
    assert isinstance(agreement, Agreement)
    paris, old = -log(0.01) / 3, -2 * log(0.5) / 3
    assert agreement.scores["concept: It is Paris."] == pytest.approx(paris)
    assert agreement.scores["concept: It is old."] == pytest.approx(old)
    assert agreement.uncertainty == pytest.approx((paris + old) / 2)
    assert agreement.winner == 1
    assert len(model.requests) == 1 + 3 * 2
    assert agreement.evidence.startswith(f"{paris:.3f} nats: It is Paris.")


async def test_answers_that_are_sure_of_every_concept_leave_none() -> None:
    agreement = await found(model_of(dict(SUPPORT)), "Paris, old", "Paris, old")
    assert isinstance(agreement, Agreement)
    assert agreement.uncertainty == 0.0


async def test_the_order_of_the_drafts_decides_nothing() -> None:
    one = await found(model_of(dict(SUPPORT)), "Lyon", "", "Paris, old", "Paris")
    other = await found(model_of(dict(SUPPORT)), "Paris", "Lyon", "Paris, old")
    assert isinstance(one, Agreement)
    assert isinstance(other, Agreement)
    assert (one.scores, one.uncertainty) == (other.scores, other.uncertainty)
    assert (one.winner, other.winner) == (2, 2)


async def test_a_support_that_cannot_be_read_is_left_out_and_told() -> None:
    agreement = await found(model_of({**SUPPORT, ("Lyon", CONCEPTS[0]): Unreachable("gone")}), "Lyon", "Paris")
    assert isinstance(agreement, Agreement)
    assert agreement.scores["concept: It is Paris."] == 0.0
    assert (agreement.scores["unread_pairs"], agreement.scores["pairs"]) == (1.0, 4.0)
    assert "1 of 4 supports could not be read" in agreement.evidence


async def test_a_concept_of_which_no_support_can_be_read_leaves_no_agreement() -> None:
    lost: dict[tuple[str, str], str | Reply] = {pair: Unreachable("gone") for pair in SUPPORT if pair[1] == CONCEPTS[0]}
    assert isinstance(await found(model_of({**SUPPORT, **lost}), "Lyon", "Paris"), Failure)


async def test_without_concepts_or_answers_there_is_no_agreement() -> None:
    assert isinstance(await found(model_of({}, ()), "Lyon", "Paris"), Unparsed)
    nothing = await found(model_of({}), "", " ")
    assert isinstance(nothing, Failure)
    assert nothing.cause == "no_answers"


async def test_so_many_concepts_count_and_no_more() -> None:
    concepts = tuple(f"c{number}" for number in range(30))
    model = model_of({("x", concept): "10" for concept in concepts}, concepts)
    agreement = await found(model, "x")
    assert isinstance(agreement, Agreement)
    assert agreement.scores["pairs"] == 10.0
