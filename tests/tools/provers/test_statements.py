"""A statement's text, taken apart into a problem."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from redraft.tools.provers import Problem, Unstated
from redraft.tools.provers.coq.statements import problem

HEADER = "Require Import Reals.\n(* Theorem no : False. *)\nNotation \"'odd' x\" := (x = 1) (at level 9).\n"


@pytest.mark.parametrize("before", ["", HEADER, "Lemma one : True. exact I. Qed.\n"])
@pytest.mark.parametrize("after", ["", "\nProof.", " (* here *)\nProof  .\n"])
@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("x", "Theorem x : 1.5 = 3 / 2."),
        ("sum_1'", "#[local] Lemma sum_1' (a b : R) :\n  (* so *) a + b = b + a."),
        ("é", "Program Example é : True."),
    ],
)
def test_the_last_sentence_is_the_statement(before: str, name: str, statement: str, after: str) -> None:
    assert problem(before + statement + after) == Problem(name, before, statement)


@pytest.mark.parametrize(
    "text", ["", "(* only *)", "Require Import Reals.", "Theorem x : True", "Theorem x : True. exact I. Qed.", "Proof."]
)
def test_what_states_nothing_is_refused(text: str) -> None:
    with pytest.raises(Unstated, match="states no theorem"):
        problem(text)


@pytest.mark.parametrize("part", ["test", "valid"])
def test_recorded_statements_are_taken_apart_as_they_were_put_together(data: Path, part: str) -> None:
    with gzip.open(data / "minif2f" / f"{part}.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows:
        stated = problem(f"{row['header']}\n{row['statement']}")
        assert (stated.header, stated.statement) == (f"{row['header']}\n", row["statement"])
        assert stated.name.rstrip("'") == row["name"]
