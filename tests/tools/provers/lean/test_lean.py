"""What Lean's real frontend says of a file, and what becomes of it. Its own library is missing: files import Tiny."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.tools.provers import Goal, Kind, Problem, ProverMissing, Status
from redraft.tools.provers.contained import Limits
from redraft.tools.provers.lean import Lean

HEADER = "prelude\nimport Tiny\nopen Nat\n"
SELF = Problem("self", HEADER, "theorem self (n : Nat) : Eq n n :=")
BOTH = Problem("both", HEADER, "theorem both (n : Nat) : And (Eq n n) True :=")
MakesLean = Callable[..., Lean]


@pytest.mark.parametrize(
    ("proof", "status", "kind", "part"),
    [
        ("Eq.refl n", Status.ACCEPTED, None, ""),
        ("Eq.refl zero", Status.FAILED, Kind.TYPE, "Eq.refl zero"),
        ("Eq.refll n", Status.FAILED, Kind.UNKNOWN_NAME, "Eq.refll"),
        ("lemma_of_mathlib n", Status.FAILED, Kind.UNKNOWN_NAME, "lemma_of_mathlib"),
        ("by nlinarith", Status.FAILED, Kind.UNKNOWN_NAME, ""),
        ("by {}", Status.INCOMPLETE, Kind.UNSOLVED, "{}"),
        ("_", Status.INCOMPLETE, Kind.UNSOLVED, "_"),
        ("sorry", Status.ADMITTED, Kind.UNSOLVED, "sorry"),
        ("have h : Eq n n := sorry -- sorry\n  h", Status.ADMITTED, Kind.UNSOLVED, "sorry"),
        ("(Eq.refl n", Status.FAILED, Kind.PARSE, "(Eq.refl n"),
        ("have é𝕜 : Eq n zero := Eq.refl n; Eq.refl n", Status.FAILED, Kind.TYPE, "Eq.refl n"),
        ("-- «𝕜» ∀\r\n  have é : Eq n n := foo\r\n  é", Status.FAILED, Kind.UNKNOWN_NAME, "foo"),
        ("Eq.refl n\n#eval 1", Status.FAILED, Kind.FORBIDDEN, "#eval"),
    ],
)
async def test_a_report_says_what_is_wrong_and_where(
    lean: MakesLean, proof: str, status: Status, kind: Kind | None, part: str
) -> None:
    result = await lean().check(SELF, proof)
    assert (result.status, result.proof) == (status, proof)
    if kind is None:
        assert not result.diagnostics
        return
    first = result.diagnostics[0]
    assert first.kind is kind
    assert first.span is not None
    assert proof[slice(*first.span)].startswith(part)
    assert any(step.start <= first.span.start < step.end for step in lean().split(proof))


async def test_every_error_of_a_file_is_reported(lean: MakesLean) -> None:
    proof = "And.intro (foo n) (by {})"
    result = await lean().check(BOTH, proof)
    assert result.status is Status.FAILED
    assert {each.kind for each in result.diagnostics} == {Kind.UNKNOWN_NAME, Kind.UNSOLVED}
    assert result.goals == (Goal(("n : Nat",), "True"),)


async def test_a_statement_may_end_where_tactics_begin(lean: MakesLean) -> None:
    prover = lean()
    problem = prover.problem(f"{HEADER}theorem self (n : Nat) : Eq n n := by\n  sorry\n")
    assert (problem.name, problem.statement) == ("self", "theorem self (n : Nat) : Eq n n := by")
    result = await prover.check(problem, prover.proof(problem, "{}"))
    assert [each.kind for each in result.diagnostics] == [Kind.UNSOLVED]


async def test_what_is_wrong_with_the_statement_has_no_place_in_the_proof(lean: MakesLean) -> None:
    problem = Problem("self", HEADER, "theorem self (n : Nat.Natural) : Eq n n :=")
    for result in (await lean().check(problem, "Eq.refl n"), await lean().verify(problem, "Eq.refl n")):
        assert result.status is Status.FAILED
        assert result.diagnostics[0].span is None
        assert "Natural" in result.diagnostics[0].message


async def test_a_missing_library_is_named(lean: MakesLean) -> None:
    result = await lean().check(Problem("t", "prelude\nimport Mathlib\n", "theorem t : True :="), "True.intro")
    assert result.status is Status.FAILED
    assert "Mathlib" in result.diagnostics[0].message


async def test_a_process_that_takes_too_long_or_too_much_is_an_outcome(lean: MakesLean) -> None:
    late = await lean(seconds=0.01).check(SELF, "Eq.refl n")
    assert (late.status, late.diagnostics[0].kind) == (Status.TIMEOUT, Kind.TIMEOUT)
    starved = await lean(limits=Limits(memory=128 << 20)).verify(SELF, "Eq.refl n")
    assert (starved.status, starved.diagnostics[0].kind) == (Status.CRASH, Kind.RESOURCE)


async def test_proofs_are_checked_side_by_side(lean: MakesLean) -> None:
    prover = lean(workers=2)
    results = await asyncio.gather(*(prover.check(SELF, proof) for proof in ("Eq.refl n", "foo", "Eq.refl n")))
    assert [each.status for each in results] == [Status.ACCEPTED, Status.FAILED, Status.ACCEPTED]


def test_where_lean_is_not_installed_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("HOME", "/nowhere")
    with pytest.raises(ProverMissing, match="elan"):
        Lean()


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="lean-toolchain"):
        Lean(project=tmp_path)
