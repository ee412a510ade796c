"""Coq's sentences, and Coq's own word for where they begin and end."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft.tools.provers.coq.sentences import code_point, finished, split, without_comments

ODD = """
Require Import List Lia String. (* nested (* comment. *) with a "string *) in it" . *)
Open Scope string_scope.
Notation "'sum' x .. y ," := (cons x .. (cons y nil) ..) (at level 100).
Definition quoted := "a "" quotation. (* no comment". Definition n:=1. (* apart *)
Definition é := "naïve. ∀".
#[local] Hint Resolve le_n : core.
Theorem odd (a b : nat) : a < b -> (S a <= b /\\ a <= b) /\\ True.
Proof with auto. intros H. split.
- split.
  + (* first *) lia.
  + { idtac. lia. }
- cut True... Qed.
Theorem focus : True /\\ (True /\\ True).
Proof. split. 2: { split. 1:{ exact I. } exact I. } { exact I. } Qed.
Theorem named : exists n : nat, n = Nat.add 0 0.
Proof. refine (ex_intro _ ?[n] _). [n]: { exact 0. }
  ** reflexivity.
Qed.
Theorem stars : True /\\ True. Proof. split. --- exact I. --- exact I. Qed.
"""
REAL = ["Arith/Between.v", "Lists/ListSet.v", "Logic/Hurkens.v", "QArith/Qround.v", "Program/Wf.v", "Strings/Ascii.v"]


def coq_says(text: str, folder: Path) -> list[tuple[int, int]]:
    """The sentences that coqc ran, in code points."""
    (folder / "probe.v").write_text(text)
    command = ["coqc", "-q", "-time", "-w", "none", "probe.v"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    found = re.findall(r"^Chars (\d+) - (\d+) \[", ran.stdout, re.MULTILINE)
    return [(code_point(text, int(start)), code_point(text, int(end))) for start, end in found]


@pytest.mark.coq
def test_sentences_of_every_shape_are_where_coq_sees_them(tmp_path: Path) -> None:
    assert split(ODD) == coq_says(ODD, tmp_path)


@pytest.mark.coq
@pytest.mark.parametrize("name", REAL)
def test_sentences_of_real_proofs_are_where_coq_sees_them(name: str, tmp_path: Path) -> None:
    where = subprocess.run(["coqc", "-where"], capture_output=True, text=True, check=True).stdout.strip()
    text = Path(where, "theories", name).read_text()
    assert split(text) == coq_says(text, tmp_path)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("intros. lia.", ["intros.", "lia."]),
        ("- lia.\n+{ auto. }", ["-", "lia.", "+", "{", "auto.", "}"]),
        ("apply (f x.1).", ["apply (f x.1)."]),
        ("exact Nat.le.", ["exact Nat.le."]),
        ("lia", ["lia"]),
        ("lia. (* and so on", ["lia.", "(* and so on"]),
        ("lia. (* open (* closed *)", ["lia.", "(* open (* closed *)"]),
        ('idtac "a. b', ['idtac "a. b']),
        ("(* only *) (* comments. *)", []),
        ("", []),
        ("auto...", ["auto..."]),
        ("{| a := 1 |}.", ["{| a := 1 |}."]),
    ],
)
def test_what_is_split(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in split(text)] == sentences


def test_an_unfinished_sentence_is_told_from_a_finished_one() -> None:
    assert all(map(finished, ["lia.", "auto...", "-", "**", "{", "2:{", "}"]))
    assert not any(map(finished, ["lia", "(* comment", "- lia"]))


def test_comments_are_taken_out_and_strings_are_not() -> None:
    assert without_comments('a (* b (* c *) "*)" *) "(* d *)" e').split() == ["a", '"(*', "d", '*)"', "e"]


@given(st.text(alphabet='a.{}-+*()" \n∀"1:', max_size=60))
def test_sentences_are_in_order_and_lose_nothing(text: str) -> None:
    spans = split(text)
    ends = [0, *(end for _, end in spans)]
    for (start, end), before in zip(spans, ends, strict=False):
        assert before <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        gap = without_comments(text[before:start])
        assert not gap.strip()
    assert not without_comments(text[ends[-1] :]).strip()


@given(st.text(max_size=20))
def test_bytes_are_counted_back_into_code_points(text: str) -> None:
    for point in range(len(text) + 1):
        assert code_point(text, len(text[:point].encode("utf-8", "surrogatepass"))) == point
