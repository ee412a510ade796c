"""Tool Correction on Coq: what tools can do is repaired, what they cannot stays wrong, and the first error is told."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from redraft.tools.provers import Kind, Problem, Status, Tool
from redraft.tools.provers.coq import Coq, Limits
from redraft.tools.provers.coq.automation import by_tools
from redraft.tools.provers.coq.tools import ARITHMETIC
from redraft.tools.provers.correction import Corrected, correct

pytestmark = [pytest.mark.coq, pytest.mark.xdist_group("coq")]

REALS = "Require Import Reals.\nOpen Scope R_scope.\n"
LARGER = Problem("larger", REALS, "Theorem larger : forall a b : R, a < b -> 2 * a < 2 * b.")
BOTH = Problem("both", REALS, "Theorem both : forall a b : R, a < b -> 2 * a < 2 * b /\\ a - b < 0.")
FALSE = Problem("false", "Require Import Arith.\n", "Theorem false : forall n : nat, n = n + 1.")

PLANTED = (
    "norm_num.",
    "linarith.",
    "nlinarith [sq_nonneg (1 : R), mul_self_nonneg 2].",
    "norm_num at *; linarith.",
    "ring_nf at *. nlinarith.",
    "simp. omega.",
    "positivity.",
    "field_simp; ring.",
    "push_cast; decide.",
    "apply this_lemma_is_nowhere.",
    "exact (proof_by_hand _ _).",
    "assert (1 = 1)%nat by norm_num. linarith.",
    "simp only [*]; aesop.",
    "admit.",
    "by omega.",
)
"""What models write that know other provers better, and steps that fail."""


@pytest.fixture
async def coq() -> AsyncIterator[Coq]:
    prover = Coq()
    yield prover
    await prover.aclose()


@pytest.mark.parametrize("planted", PLANTED)
async def test_a_planted_step_gives_way_and_the_proof_is_verified(coq: Coq, planted: str) -> None:
    corrected = await correct(coq, LARGER, f"Proof. intros a b H. {planted} Qed.")
    assert corrected.diagnostic is None, corrected
    assert (await coq.verify(LARGER, corrected.proof)).status is Status.PROVED


async def test_steps_that_go_through_stay_as_they_are(coq: Coq) -> None:
    proof = "Proof. intros a b H. (* a word *) assert (0 < b - a) by linarith. lra. Qed."
    corrected = await correct(coq, LARGER, proof)
    assert corrected.proof == proof.replace("linarith", "(lra)")
    (replacement,) = corrected.replacements
    assert proof[slice(*replacement.span)] == "assert (0 < b - a) by linarith."
    assert replacement.diagnostic.kind in (Kind.UNKNOWN_NAME, Kind.PARSE)


async def test_each_goal_is_repaired_in_its_place(coq: Coq) -> None:
    corrected = await correct(coq, BOTH, "Proof. intros. split. - norm_num. linarith. - nlinarith. Qed.")
    assert corrected.diagnostic is None
    assert corrected.proof.count("solve [lra].") == 2
    assert (await coq.verify(BOTH, corrected.proof)).proved


async def test_what_is_left_at_the_end_is_for_tools_too(coq: Coq) -> None:
    corrected = await correct(coq, BOTH, "Proof. intros. split. Qed.")
    assert (await coq.verify(BOTH, corrected.proof)).proved


async def test_an_end_inside_a_step_that_gave_way_is_written_again(coq: Coq) -> None:
    corrected = await correct(coq, LARGER, "Proof. intros a b H. have h : a := by norm_num [h]\nQed.")
    assert corrected.diagnostic is None
    assert corrected.proof.endswith("Qed.")
    assert (await coq.verify(LARGER, corrected.proof)).proved


async def test_of_two_tools_the_first_that_ends_the_goal_stands() -> None:
    coq = Coq(tools=(Tool("idle", "idtac."), *ARITHMETIC[:1]))
    corrected = await correct(coq, LARGER, "Proof. intros a b H. norm_num. Qed.")
    assert [each.tool for each in corrected.replacements] == ["lra"]
    await coq.aclose()


async def test_a_tool_that_ends_its_process_leaves_the_others_theirs() -> None:
    deaf = Tool("deaf", "assert (Nat.leb (2 ^ 40) 3 = true)%nat by (vm_compute; reflexivity).", seconds=1.0)
    coq = Coq(workers=1, tools=(deaf, *ARITHMETIC[:1]), limits=Limits(memory=1 << 30))
    corrected = await correct(coq, LARGER, "Proof. intros a b H. norm_num. Qed.")
    assert [each.tool for each in corrected.replacements] == ["lra"]
    corrected = await correct(coq, FALSE, "Proof. intros n. apply nonsense. Qed.")
    assert corrected.diagnostic is not None
    assert "nonsense was not found" in corrected.diagnostic.message
    await coq.aclose()


async def test_holes_are_filled_and_nothing_else_where_only_holes_are_to_be(coq: Coq) -> None:
    filled = await correct(coq, BOTH, "Proof. intros. split. admit. admit. Qed.", holes_only=True)
    assert (await coq.verify(BOTH, filled.proof)).proved
    kept = await correct(coq, BOTH, "Proof. intros. split. admit. linarith. Qed.", holes_only=True)
    assert len(kept.replacements) == 1
    assert kept.diagnostic is not None


@pytest.mark.parametrize("planted", ["omega.", "admit.", "induction n. omega. simp."])
async def test_what_cannot_be_proved_stays_wrong_with_the_error_of_its_own_step(coq: Coq, planted: str) -> None:
    proof = f"Proof. intros n. {planted} Qed."
    corrected = await correct(coq, FALSE, proof)
    assert corrected.diagnostic is not None
    assert corrected.diagnostic.span is not None
    assert 0 < corrected.done < 1
    assert not (await coq.verify(FALSE, corrected.proof)).proved
    if planted != "admit.":
        assert proof[slice(*corrected.diagnostic.span)] != ""
        assert "lia" not in corrected.diagnostic.message


async def test_tools_have_a_time_in_all(coq: Coq) -> None:
    corrected = await correct(coq, LARGER, "Proof. intros. norm_num. Qed.", seconds=0.0)
    assert (corrected.replacements, corrected.proof) == ((), "Proof. intros. norm_num. Qed.")
    assert corrected.diagnostic is not None


async def test_a_statement_that_makes_no_sense_is_the_diagnostic(coq: Coq) -> None:
    broken = Problem("x", "Require Import Nowhere.\n", "Theorem x : True.")
    assert "Nowhere" in (await correct(coq, broken, "Proof. exact I. Qed.")).diagnostic.message  # type: ignore[union-attr]


COMMUTES = Problem(
    "commutes", "Require Import Arith.\n", "Theorem commutes : forall a b : nat, Nat.gcd a b = Nat.gcd b a."
)


@pytest.mark.slow
async def test_what_the_hammer_found_stands_in_the_proof_and_not_the_hammer() -> None:
    coq = Coq(tools=(), hammer=True)
    try:
        corrected = await correct(coq, COMMUTES, "Proof. intros a b. norm_num. Qed.", seconds=120)
        assert corrected.diagnostic is None
        assert "hammer" not in corrected.proof
        (replacement,) = corrected.replacements
        assert replacement.tool == "hammer"
        assert (await coq.verify(COMMUTES, corrected.proof)).proved
        hopeless = await correct(coq, FALSE, "Proof. intros n. norm_num. Qed.", seconds=40)
        assert hopeless.diagnostic is not None
        assert "norm_num" in hopeless.diagnostic.message
    finally:
        await coq.aclose()


def solved(data: Path) -> list[Problem]:
    """The valid theorems that are known to be within reach of tools."""
    text = gzip.decompress((data / "minif2f" / "valid.jsonl.gz").read_bytes()).decode()
    rows = {row["name"]: row for row in map(json.loads, filter(None, text.split("\n")))}
    names = (data / "minif2f" / "tool-only-solved.valid.txt").read_text().split()
    return [Problem(name, rows[name]["header"], rows[name]["statement"]) for name in names if name in rows]


async def planted_proofs(coq: Coq, data: Path, count: int) -> list[tuple[Problem, str]]:
    """Proofs in which a step that does not work stands for the one that does."""
    made: list[tuple[Problem, str]] = []
    for problem in solved(data):
        if len(made) < count and (proof := await by_tools(coq, problem)) is not None:
            *before, _, end = proof.split("\n")
            made.append((problem, "\n".join([*before, PLANTED[len(made) % len(PLANTED)], end])))
    return made


async def repaired(coq: Coq, problem: Problem, proof: str) -> Corrected | None:
    corrected = await correct(coq, problem, proof)
    return corrected if (await coq.verify(problem, corrected.proof)).proved else None


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_forty_planted_proofs_are_repaired(coq: Coq, data: Path) -> None:
    made = await planted_proofs(coq, data, 40)
    assert len(made) == 40
    broken = [problem.name for problem, proof in made if await repaired(coq, problem, proof) is None]
    assert broken == []


async def test_planted_proofs_are_repaired(coq: Coq, data: Path) -> None:
    for problem, proof in await planted_proofs(coq, data, 1):
        assert not (await coq.verify(problem, proof)).proved
        assert await repaired(coq, problem, proof), problem.name
