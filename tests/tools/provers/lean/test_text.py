"""Lean's text without Lean: statements and proofs taken apart, steps, what is refused, what messages say."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.tools.provers import Goal, Problem, Tool, Unstated
from redraft.tools.provers.lean.forbidden import forbidden
from redraft.tools.provers.lean.messages import Message, axioms, goals, suggestion
from redraft.tools.provers.lean.reports import filled
from redraft.tools.provers.lean.source import bare, imports, problem, proof, stated
from redraft.tools.provers.lean.steps import repairs, split
from redraft.tools.provers.lean.toolchain import Ran

SQUARE = """import Mathlib
open Real

/-- A square. -/
theorem square (x : ℝ) (h : 0 < x) : 0 < x ^ 2 := by
  have h₁ : x ≠ 0 := by linarith
  have h₂ : 0 < x * x := by
    -- by positivity
    nlinarith [sq_nonneg x,
      mul_pos h h]
  constructor
  · norm_num; simp
  rcases h with a | b
  | inl h => exact (by omega : 0 < x)
  calc x ^ 2 = x * x := by ring
    _ > 0 := h₂
"""


def test_a_file_is_taken_apart_into_header_statement_and_proof() -> None:
    found = problem(SQUARE.partition(" := by")[0] + " := by\n  sorry")
    assert found.name == "square"
    assert found.header == "import Mathlib\nopen Real\n\n"
    assert found.statement == "/-- A square. -/\ntheorem square (x : ℝ) (h : 0 < x) : 0 < x ^ 2 := by"
    assert proof(found, SQUARE).startswith("  have h₁ : x ≠ 0")
    assert imports("-- one\nimport A\nimport B.C -- c\nopen D") == ("-- one\nimport A\nimport B.C -- c", "\nopen D")
    with pytest.raises(Unstated, match="no theorem"):
        problem("def x := 1")


@pytest.mark.parametrize(
    ("statement", "written", "file"),
    [
        ("theorem t : P", "by simp", "theorem t : P := by simp"),
        ("theorem t : P :=", "theorem t : P := by\n  simp", "theorem t : P := by\n  simp"),
        ("theorem t : P := by", "simp\nring", "theorem t : P := by\n  simp\n  ring"),
        ("theorem t : P := by", "theorem t : P := by\n  simp", "theorem t : P := by\n  simp"),
        ("theorem t : P", "foo h", "theorem t : P := by exact (foo h)"),
        ("theorem t : ∀ n, P n", "| 0 => a", "theorem t : ∀ n, P n | 0 => a"),
        ("theorem t : P -- p", "by simp", "theorem t : P -- p\n:= by simp"),
    ],
)
def test_a_proof_stands_after_its_statement(statement: str, written: str, file: str) -> None:
    stated_ = Problem("t", "", statement)
    assert "".join(stated(stated_, proof(stated_, written))) == file


def test_steps_are_tactics_and_what_leads_to_them() -> None:
    text = SQUARE.partition(":= by\n")[2]
    assert [text[slice(*span)] for span in split(text)] == [
        "have h₁ : x ≠ 0 := by",
        "linarith",
        "have h₂ : 0 < x * x := by",
        "nlinarith [sq_nonneg x,\n      mul_pos h h]",
        "constructor",
        "·",
        "norm_num",
        "simp",
        "rcases h with a | b",
        "| inl h =>",
        "exact (by",
        "omega : 0 < x",
        ")",
        "calc x ^ 2 = x * x := by",
        "ring",
        "_ > 0 := h₂",
    ]


@pytest.mark.parametrize(
    ("step", "repaired"),
    [
        ("nlinarith [sq_nonneg a]", ["omega"]),
        ("exact foo h", ["omega"]),
        ("have h : a = b := foo", ["have h : a = b := by omega"]),
        ("_ > 0 := h₂", ["_ > 0 := by omega"]),
        ("have h : a = b := by", []),
        ("constructor", []),
        ("| inl h =>", []),
        ("·", []),
    ],
)
def test_a_tool_stands_where_a_goal_would_be_ended(step: str, repaired: list[str]) -> None:
    assert repairs(step, Tool("omega", "omega")) == repaired


@settings(deadline=None)
@given(st.text(alphabet="by simp·;()\n-/\"'«»=>|h𝕜é:", max_size=80))
def test_steps_leave_out_nothing_but_blanks_and_comments(text: str) -> None:
    spans = split(text)
    plain = bare(text)
    assert len(plain) == len(text)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    kept = "".join(plain[slice(*span)] for span in spans)
    assert "".join(kept.split()).replace(";", "") == "".join(plain.split()).replace(";", "")


@pytest.mark.parametrize(
    "text",
    [
        "simp\n@[simp] theorem x : P := y",
        "set_option debug.skipKernelTC true in simp",
        'simp -- "\nopen A\n#eval 1',
        "exact '\"' \nrun_cmd skip -- \"",
        "decide +native",
        'exact "\\" -- " macro',
    ],
)
def test_what_no_proof_needs_is_refused(text: str) -> None:
    assert forbidden(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "-- the end of this section\n  open Nat in simp",
        "/- macro /- def -/ axiom -/ simp [Nat.prefix, h.end]",
        "set_option maxRecDepth 1000 in decide",
        "simp [«def», class_number, #[1], h']; exact fun x' => x'",
    ],
)
def test_what_only_looks_like_a_command_is_not_refused(text: str) -> None:
    assert forbidden(text) is None


def test_what_a_search_found_stands_where_it_was_searched_for() -> None:
    """In the form of `exact?` since Lean 4.2, and in that since 4.23."""
    asked = Problem("t", "", "theorem t : P := by")
    text = "  have é : Q := by exact?\n  exact?"
    said = (
        Message("information", "[anonymous]", "Try this: exact foo é", (2, 19), (2, 25)),
        Message("information", "[anonymous]", "Try this:\n  [apply] exact bar", (3, 2), (3, 8)),
        Message("information", "[anonymous]", "unused", (3, 2), (3, 8)),
    )
    assert filled(asked, text, Ran(0, said, None)) == "  have é : Q := by exact foo é\n  exact bar"
    assert suggestion(said[2]) is None


def test_goals_and_axioms_are_read_as_lean_prints_them() -> None:
    said = "unsolved goals\ncase inl\nx y : ℝ\nh : x <\n  y\n⊢ x ≤\n    y\n\ncase inr\n⊢ True"
    assert goals(said) == (Goal(("x y : ℝ", "h : x < y"), "x ≤ y"), Goal((), "True"))
    assert axioms("'t' depends on axioms: [propext,\n Classical.choice]") == ("propext", "Classical.choice")
    assert axioms("'t' does not depend on any axioms") == ()
    assert axioms("anything else") is None
