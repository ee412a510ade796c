"""Isabelle's text without Isabelle: symbols, statements, steps, what is refused, and recorded messages."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.tools.provers import Goal, Kind, Problem, ProverCrash, Tool, Unstated
from redraft.tools.provers.isabelle.forbidden import forbidden
from redraft.tools.provers.isabelle.messages import diagnostic, goals, read
from redraft.tools.provers.isabelle.outer import problem, proof, repairs, split, theory
from redraft.tools.provers.isabelle.protocol import Connection
from redraft.tools.provers.isabelle.symbols import code_point

ROOTS = """theory Scratch
  imports Complex_Main "HOL-Library.Sum_of_Squares"
begin
(* theorem other: *)
theorem roots:
  fixes x :: real
  assumes "x * x = (1 :: real)" and h0: "by (0) < x"
  shows "x = 1"
proof -
  have "(x - 1) * (x + 1) = 0" (* by auto. *)
    using assms by (simp add: \\<open>by x\\<close> algebra_simps)
  then show ?thesis by (smt (verit) h0).
  {
    fix n have "n = n" ..
  }
qed
end
"""


def test_a_theory_is_taken_apart_into_header_statement_and_proof() -> None:
    found = problem(ROOTS)
    assert found.name == "roots"
    assert found.header == ROOTS.partition("theorem roots")[0]
    assert found.statement.endswith('shows "x = 1"')
    assert proof(found, ROOTS) == ROOTS.partition('= 1"\n')[2].removesuffix("\nend\n")
    assert proof(found, "by auto") == "by auto"
    assert theory(found.header, "Mine").startswith("theory Mine\n  imports Complex_Main")
    assert problem('lemma a: "True"').header == "theory Scratch imports Complex_Main begin\n"
    with pytest.raises(Unstated):
        problem('lemma "True" by simp')


def test_steps_are_commands() -> None:
    text = proof(Problem("roots", "", ""), ROOTS)
    assert [text[slice(*span)] for span in split(text)] == [
        "proof -",
        'have "(x - 1) * (x + 1) = 0"',
        "using assms",
        "by (simp add: \\<open>by x\\<close> algebra_simps)",
        "then",
        "show ?thesis",
        "by (smt (verit) h0)",
        ".",
        "{",
        "fix n",
        'have "n = n"',
        "..",
        "}",
        "qed",
    ]


@pytest.mark.parametrize(
    ("step", "repaired"),
    [("by (smt x)", ["by auto"]), ("sorry", ["by auto"]), ("..", ["by auto"]), ("using x", []), ('have "by"', [])],
)
def test_a_tool_stands_where_a_goal_would_be_ended(step: str, repaired: list[str]) -> None:
    assert repairs(step, Tool("auto", "by auto")) == repaired


@settings(deadline=None)
@given(st.text(alphabet='by have{}."\\<>open‹›(*)\n é', max_size=60))
def test_any_text_has_steps_in_order(text: str) -> None:
    spans = split(text)
    assert all(0 <= a.start < a.end <= b.start for a, b in pairwise(spans))
    assert all(text[slice(*span)].strip() == text[slice(*span)] for span in spans[:-1])


def test_symbols_are_counted_as_isabelle_counts_them() -> None:
    text = '"\\<forall>é𝕜\r\n\\<^sub>x"'
    assert [text[code_point(text, n) :][:3] for n in (1, 2, 3, 4, 5, 6, 7, 8)] == [
        '"\\<', "\\<f", "é𝕜\r", "𝕜\r\n", "\r\n\\", "\\<^", 'x"', '"'
    ]  # fmt: skip
    assert code_point(text, 99) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "ML_prf ‹x› by auto",
        'by ("tactic" ‹K all_tac›)',
        "by (Pure.tactic ‹K all_tac›)",
        "by auto end theory Other imports Main begin",
        "by (rule ‹PROP \\<^term>‹x››)",
        "using [[quick_and_dirty]] by auto",
        "by auto axiomatization where x: False",
    ],
)
def test_what_no_proof_needs_is_refused(text: str) -> None:
    found = forbidden(text)
    assert found is not None
    assert found.kind is Kind.FORBIDDEN


def test_what_only_looks_like_a_command_is_not_refused() -> None:
    assert forbidden('have "fun x = end" (* ML *) using assms(1) by (simp add: ‹x = y› foo.simps)') is None


def test_the_recorded_failure_points_to_its_step(recorded: Path) -> None:
    """The theory as the recording's offsets and message have it."""
    text = 'theory Example\nimports Main\nbegin\nlemma "\\<forall>x y::nat. x = y"\nby auto\nend\n'
    said = json.loads((recorded / "use_theories.Fail").read_text("utf-8").rpartition("FINISHED ")[2])
    [message] = [each for each in read(said["nodes"][0]) if each.kind == "error"]
    before = text.index("by auto")
    found = diagnostic(message, text, before)
    assert (found.kind, found.message.splitlines()[0]) == (Kind.UNSOLVED, "Failed to finish proof:")
    assert (message.start, message.end) == (59, 61)
    assert code_point(text, 59) == before + (59 - 1 - len(text[:before].replace("\\<forall>", "A")))
    assert goals(message.text) == (Goal((), "x = y"),)
    assert read(said["errors"]) == (message,)


def test_premises_of_a_goal_are_its_hypotheses() -> None:
    text = "goal (2 subgoals):\n 1. \\<And>x. \\<lbrakk>0 < x; x < y\\<rbrakk> \\<Longrightarrow> 0 < y\n 2. True"
    assert goals(text) == (Goal(("0 < x", "x < y"), "0 < y"), Goal((), "True"))


@pytest.mark.parametrize("said", [b"", b"12\nOK", b"99999999999\n", b"what\n", b"OK {\n"])
async def test_what_is_no_message_ends_the_conversation(said: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(said)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        connection = Connection(*await asyncio.open_connection(*server.sockets[0].getsockname()))
        with pytest.raises(ProverCrash):
            await connection.ask("help", {})
        await connection.close()
