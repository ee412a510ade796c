"""The adapter against recorded replies of Isabelle's server. No Isabelle runs here: nothing is proved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from redraft.tools.provers import Goal, Kind, Problem, ProverMissing, Status
from redraft.tools.provers.isabelle import Address, Isabelle
from tests.tools.provers.isabelle.replay import GONE, LATE

HEADER = "theory Mine imports Main begin\n"
PROBLEM = Problem("same", HEADER, 'theorem same: "\\<forall>x y. x = (y :: nat)"')
MakesIsabelle = Callable[..., Isabelle]


async def test_what_the_server_finds_no_error_in_is_accepted_and_not_proved(isabelle: MakesIsabelle) -> None:
    result = await isabelle().check(PROBLEM, "by auto")
    assert (result.status, result.proof, result.diagnostics) == (Status.ACCEPTED, "by auto", ())


async def test_a_failing_step_is_reported_where_it_stands(isabelle: MakesIsabelle) -> None:
    proof = 'proof -\n  have "\\<exists>x. é𝕜 x" (* \\<forall> *)\n    by wrong\nqed'
    result = await isabelle().check(PROBLEM, proof)
    assert result.status is Status.INCOMPLETE
    [wrong] = result.diagnostics
    assert wrong.kind is Kind.UNSOLVED
    assert wrong.span is not None
    assert proof[slice(*wrong.span)] == "by"
    assert result.goals == (Goal((), "x = y"),)
    [step] = [step for step in isabelle().split(proof) if step.start <= wrong.span.start < step.end]
    assert proof[slice(*step)] == "by wrong"


async def test_what_sledgehammer_finds_stands_in_the_proof(isabelle: MakesIsabelle) -> None:
    """Of several proofs the fastest: the recording says 0.3 ms of simp, auto, blast and fast."""
    result = await isabelle().check(PROBLEM, 'have "\\<exists>x. é x" sledgehammer\nqed')
    assert (result.status, result.proof) == (Status.ACCEPTED, 'have "\\<exists>x. é x" by simp\nqed')


async def test_giving_up_is_seen(isabelle: MakesIsabelle) -> None:
    result = await isabelle().check(PROBLEM, "(* sorry *) sorry")
    assert result.status is Status.ADMITTED
    assert result.diagnostics[0].span == (12, 17)


@pytest.mark.parametrize(
    ("proof", "status", "kind"),
    [
        ("by auto", Status.PROVED, None),
        ("by another", Status.STATEMENT_CHANGED, Kind.TYPE),
        ("sorry", Status.ADMITTED, Kind.UNSOLVED),
        ("by eval", Status.AXIOMS, Kind.UNSOLVED),
        ("by own_facts", Status.AXIOMS, Kind.UNSOLVED),
        ("ML_prf ‹OS.Process.exit OS.Process.success› by auto", Status.FAILED, Kind.FORBIDDEN),
    ],
)
async def test_only_the_judge_says_that_something_is_proved(
    isabelle: MakesIsabelle, proof: str, status: Status, kind: Kind | None
) -> None:
    result = await isabelle().verify(PROBLEM, proof)
    assert result.status is status
    assert [each.kind for each in result.diagnostics] == ([kind] if kind else [])


async def test_an_oracle_may_be_allowed(isabelle: MakesIsabelle) -> None:
    result = await isabelle(oracles=frozenset({"HOL.eval"})).verify(PROBLEM, "by eval")
    assert (result.status, result.axioms) == (Status.PROVED, ("HOL.eval",))


async def test_a_statement_that_makes_no_sense_is_told_from_its_proof(isabelle: MakesIsabelle) -> None:
    problem = Problem("same", HEADER, 'theorem same: "x = (y :: wrong_type)"')
    result = await isabelle().verify(problem, "by auto")
    assert result.status is Status.FAILED
    assert "not a statement" in result.diagnostics[0].message


async def test_a_server_that_is_silent_or_gone_is_an_outcome_and_replaced(isabelle: MakesIsabelle) -> None:
    prover = isabelle(seconds=5)
    assert (await prover.check(PROBLEM, f"by {GONE}")).status is Status.CRASH
    late = await isabelle(seconds=0.5).check(PROBLEM, f"by {LATE}")
    assert (late.status, late.diagnostics[0].kind) == (Status.TIMEOUT, Kind.TIMEOUT)
    assert (await prover.check(PROBLEM, "by auto")).status is Status.ACCEPTED


async def test_a_server_that_somebody_keeps_is_spoken_to_on_its_address(address: Address) -> None:
    prover = Isabelle(address=address, session="Main")
    try:
        assert (await prover.check(PROBLEM, "by auto")).status is Status.ACCEPTED
        assert (await prover.check(PROBLEM, "by wrong")).status is Status.INCOMPLETE
        assert (await prover.verify(PROBLEM, "by auto")).proved
    finally:
        await prover.aclose()


async def test_a_wrong_password_is_told(address: Address) -> None:
    result = await Isabelle(address=address._replace(password="another")).check(PROBLEM, "by auto")
    assert result.status is Status.CRASH


async def test_where_no_server_is_the_message_says_so() -> None:
    with pytest.raises(ProverMissing, match="isabelle server"):
        await Isabelle(address=Address("127.0.0.1", 1, "")).check(PROBLEM, "by auto")


def test_where_isabelle_is_not_installed_the_message_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProverMissing, match="PATH"):
        Isabelle()
