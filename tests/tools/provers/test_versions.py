"""Statements written for another version's library."""

from __future__ import annotations

import pytest

from redraft.tools.provers import Problem
from redraft.tools.provers.coq import Coq
from redraft.tools.provers.coq.versions import adapted


@pytest.mark.parametrize(
    ("given", "old", "new"),
    [
        ("From Stdlib Require Import Lia.", "From Coq Require Import Lia.", "From Stdlib Require Import Lia."),
        ("From Coq\n Require Lia.", "From Coq\n Require Lia.", "From Stdlib\n Require Lia."),
        ("Require Stdlib.Reals.Reals.", "Require Coq.Reals.Reals.", "Require Stdlib.Reals.Reals."),
        ("Require Import Coq.Init.Nat.", "Require Import Coq.Init.Nat.", "Require Import Corelib.Init.Nat."),
        ("From Corelib Require Import Init.", "From Coq Require Import Init.", "From Corelib Require Import Init."),
        ("Theorem MyCoq.x : Coq = A.Stdlib.b.", *["Theorem MyCoq.x : Coq = A.Stdlib.b."] * 2),
        ("From mathcomp Require Import all.", *["From mathcomp Require Import all."] * 2),
    ],
)
def test_the_librarys_name_is_what_it_is_here(given: str, old: str, new: str) -> None:
    assert (adapted(given, "Coq"), adapted(given, "Stdlib")) == (old, new)


@pytest.mark.coq
@pytest.mark.parametrize("name", ["Coq", "Stdlib"])
async def test_a_statement_for_either_version_is_proved(name: str) -> None:
    coq = Coq(workers=1)
    problem = Problem("x", f"From {name} Require Import Lia.\nRequire {name}.Arith.Arith.\n", "Theorem x : 1 + 1 = 2.")
    assert (await coq.verify(problem, "Proof. lia. Qed.")).proved
    async with coq.open(problem) as session:
        assert await session.run("Proof. lia. Qed.") is None
    await coq.aclose()
