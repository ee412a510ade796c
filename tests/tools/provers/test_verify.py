"""What is proved, and what is not however it looks. Each candidate is checked by Coq for real."""

from __future__ import annotations

import pytest
import pytest_asyncio

from redraft.tools.provers import Kind, Problem, Status
from redraft.tools.provers.coq import Coq
from tests.tools.provers.cheats import CHEATS, FALSE

pytestmark = [pytest.mark.coq, pytest.mark.asyncio(loop_scope="module")]
TRUE = Problem(
    "true",
    "Require Import Reals ZArith.\nOpen Scope R_scope.\n",
    "Theorem true : forall a b : R, a < b -> 0 < b - a.",
)
QUICK = ("admitted", "an axiom named as an allowed one", "another notation", "the guard switched off by an attribute")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def coq() -> Coq:
    return Coq(workers=1)


@pytest.mark.parametrize("name", QUICK)
async def test_a_cheat_proves_nothing(coq: Coq, name: str) -> None:
    result = await coq.verify(FALSE, CHEATS[name])
    assert result.status in set(Status) - {Status.PROVED, Status.ACCEPTED, Status.TIMEOUT, Status.CRASH}
    assert result.diagnostics


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CHEATS.keys() - set(QUICK)))
async def test_no_other_cheat_proves_anything(coq: Coq, name: str) -> None:
    result = await coq.verify(FALSE, CHEATS[name])
    assert result.status in set(Status) - {Status.PROVED, Status.ACCEPTED, Status.TIMEOUT, Status.CRASH}
    assert result.diagnostics


async def test_a_proof_is_proved_and_its_axioms_are_listed(coq: Coq) -> None:
    result = await coq.verify(TRUE, "Proof. intros. lra. Qed.")
    assert result.proved
    assert "Coq.Reals.ClassicalDedekindReals.sig_forall_dec" in result.axioms


async def test_a_proof_that_states_lemmas_first_is_proved(coq: Coq) -> None:
    lemma = "Abort. Lemma one (a b : R) : a < b -> 0 < b - a. Proof. intros. lra. Qed. "
    assert (await coq.verify(TRUE, f"{lemma}{TRUE.statement} Proof. exact one. Qed.")).proved


async def test_axioms_are_those_of_the_allow_list() -> None:
    result = await Coq(workers=1, axioms=frozenset()).verify(TRUE, "Proof. intros. lra. Qed.")
    assert result.status is Status.AXIOMS
    assert "Coq.Reals.ClassicalDedekindReals.sig_forall_dec" in result.diagnostics[0].message


@pytest.mark.parametrize(
    ("proof", "status", "kind", "part"),
    [
        ("Proof. (* é *) intros a b H. foo. Qed.", Status.FAILED, Kind.UNKNOWN_NAME, "foo"),
        ("Proof.\nintros ∀é.\nQed.", Status.FAILED, Kind.PARSE, "∀"),
        ("Proof. intros a b H. exact I. Qed.", Status.FAILED, Kind.TYPE, "I"),
        ("Proof. intros a b é. Qed.", Status.INCOMPLETE, Kind.UNSOLVED, "Qed."),
        ("Proof. intros a b é.", Status.INCOMPLETE, Kind.UNSOLVED, None),
        ('Proof. Redirect "x" idtac. Qed.', Status.FAILED, Kind.FORBIDDEN, 'Redirect "x" idtac.'),
    ],
)
async def test_what_is_wrong_is_shown_where_it_is(
    coq: Coq, proof: str, status: Status, kind: Kind, part: str | None
) -> None:
    result = await coq.verify(TRUE, proof)
    (wrong,) = result.diagnostics
    assert (result.status, wrong.kind) == (status, kind)
    assert (proof[slice(*wrong.span)] if wrong.span else None) == part


async def test_a_header_that_cannot_be_loaded_is_said_to_be_so(coq: Coq) -> None:
    lost = Problem("x", "From Nowhere Require Import Nothing.\n", "Theorem x : True.")
    result = await coq.verify(lost, "Proof. exact I. Qed.")
    assert result.status is Status.FAILED
    assert result.diagnostics[0].kind is Kind.UNKNOWN_NAME
    assert result.diagnostics[0].span is None
