"""Lyra, branch by branch: a model that speaks from a script, and Coq, which is real."""

from __future__ import annotations

import pytest

import redraft
from redraft import ConfigError, Failure, Result, StopReason, TheoremTask
from redraft.models.budget import Budget
from redraft.models.scripted import Reply, Scripted
from tests.graphs.script import lines, prompts, silent, total

pytestmark = [pytest.mark.coq, pytest.mark.xdist_group("lyra")]

HEADER = "Require Import Reals Lra.\nOpen Scope R_scope.\n"
STATEMENT = f"{HEADER}Theorem larger : forall a b : R, a < b -> 2 * a < 2 * b."
HARD = "Require Import Arith.\nTheorem hard : forall n : nat, n = n + 1."
RIGHT = "Proof. intros a b H. lra. Qed."
FOREIGN = "Proof. intros a b H. nlinarith [H]. Qed."
WRONG = "Proof. intros a b H. apply nonsense. exact I. Qed."


def block(proof: str) -> str:
    return f"Here it is.\n```coq\n{proof}\n```"


async def lyra(
    fresh: list[Reply],
    refined: list[Reply] | None = None,
    words: list[Reply] | None = None,
    statement: str = STATEMENT,
    informal_proof: str = "Double both sides.",
    draft: str | None = None,
    **settings: object,
) -> tuple[Result, dict[str, Scripted]]:
    roles = {"generator": lines(*fresh), "refiner": lines(*refined or []), "drafter": lines(*words or [])}
    task = TheoremTask(
        statement=statement, prover="rocq", informal_statement="It grows.", informal_proof=informal_proof, draft=draft
    )
    async with redraft.workflow("lyra", silent(), roles=roles, **settings) as flow:
        return await flow.arun(task), roles


async def test_a_right_proof_is_verified_and_ends_the_attempts() -> None:
    result, roles = await lyra([block(RIGHT)])
    assert (result.final and result.final.text, result.stop) == (RIGHT, StopReason.SATISFIED)
    (verdict,) = result.verdicts
    assert (verdict.verifier, verdict.signal, verdict.score, result.signal) == ("prover", "tool", 1.0, "tool")  # type: ignore[union-attr]
    assert result.scores == {"attempts": 1, "conjecture_corrections": 0, "tool_corrections": 0, "proved": 1}
    assert total(roles.values()) == result.usage.calls == 1


async def test_another_provers_tactic_gives_way_to_a_tool_and_what_is_kept_is_verified() -> None:
    result, _ = await lyra([block(FOREIGN)])
    assert result.stop is StopReason.SATISFIED
    assert result.final is not None
    assert result.final.text == "Proof. intros a b H. solve [lra]. Qed."
    (revision,) = result.revisions
    assert (revision.before.text.strip(), revision.accepted) == (FOREIGN, True)
    assert "nlinarith [H]." in revision.feedback
    assert result.scores["tool_corrections"] == 1


async def test_without_tool_correction_only_holes_are_filled() -> None:
    result, _ = await lyra([block(FOREIGN)], tool_correction=False, attempts=1)
    assert (result.stop, result.scores["proved"]) == (StopReason.ROUND_LIMIT, 0)
    hole = "Proof. intros a b H. assert (b - a > 0) by admit. admit. Qed."
    result, _ = await lyra([block(hole)], tool_correction=False, attempts=1)
    assert result.final is not None
    assert result.scores["proved"] == 1
    assert "admit" not in result.final.text


async def test_the_model_is_told_of_its_own_step_not_of_the_last_tool() -> None:
    result, roles = await lyra([block(WRONG)], [block(RIGHT)], statement=STATEMENT)
    assert result.stop is StopReason.SATISFIED
    assert result.scores["tool_corrections"] >= 1  # lra closes the goal for which `apply nonsense` stood.
    assert total(roles.values()) == 1


async def test_a_refinement_sees_attempt_error_and_goals() -> None:
    wrong = "Proof. intros n. apply nonsense. Qed."
    result, roles = await lyra([block(wrong)], [block(wrong)], statement=HARD, attempts=2, seconds=4.0)
    (asked,) = prompts(roles["refiner"])
    assert "apply nonsense." in asked
    assert "nonsense was not found" in asked
    assert "|- n = n + 1" in " ".join(asked.split())
    assert result.stop is StopReason.ROUND_LIMIT
    assert result.scores == {"attempts": 2, "conjecture_corrections": 1, "tool_corrections": 0, "proved": 0}
    (revision,) = result.revisions
    assert "nonsense" in revision.feedback


async def test_a_chain_is_one_fresh_attempt_and_its_refinements() -> None:
    wrong = block("Proof. intros n. discriminate. Qed.")
    _, roles = await lyra([wrong] * 2, [wrong] * 3, statement=HARD, attempts=5, chain=3, seconds=0.1)
    assert (len(roles["generator"].requests), len(roles["refiner"].requests)) == (2, 3)
    assert [request.sample for request in roles["generator"].requests] == [0, 3]


async def test_without_conjecture_correction_every_attempt_is_fresh() -> None:
    wrong = block("Proof. intros n. discriminate. Qed.")
    _, roles = await lyra([wrong] * 3, statement=HARD, attempts=3, conjecture_correction=False, seconds=0.1)
    assert len(roles["generator"].requests) == 3


async def test_chains_go_on_side_by_side() -> None:
    wrong = block("Proof. intros n. discriminate. Qed.")
    result, roles = await lyra([wrong] * 2, [wrong] * 2, statement=HARD, attempts=4, parallel=2, seconds=0.1)
    assert (len(roles["generator"].requests), len(roles["refiner"].requests)) == (2, 2)
    assert result.scores["attempts"] == 4


async def test_words_are_drafted_where_none_are_given_and_drafted_anew() -> None:
    wrong = block("Proof. intros n. discriminate. Qed.")
    result, roles = await lyra(
        [wrong] * 4,
        words=["First words.", "Second words."],
        statement=HARD,
        informal_proof="",
        attempts=4,
        redraft=2,
        conjecture_correction=False,
        seconds=0.1,
    )
    asked = prompts(roles["generator"])
    assert ["First" in each for each in asked] == [True, True, False, False]
    assert "Second words." in asked[3]
    assert result.usage.calls == 6


async def test_a_reply_without_a_proof_is_counted_and_the_chain_begins_anew() -> None:
    result, roles = await lyra(["I would rather not.", block(RIGHT)], attempts=3)
    assert len(result.unparsed) == 1
    assert (result.stop, result.scores["attempts"]) == (StopReason.SATISFIED, 1)
    assert len(roles["generator"].requests) == 2


async def test_a_given_draft_is_the_first_attempt() -> None:
    result, roles = await lyra([], draft=FOREIGN)
    assert (result.stop, total(roles.values()), result.usage.calls) == (StopReason.SATISFIED, 0, 0)
    result, roles = await lyra([], [block(RIGHT)], draft="Proof. intros. Qed.", tool_correction=False)
    assert (result.stop, total(roles.values())) == (StopReason.SATISFIED, 1)


@pytest.mark.parametrize(
    "cheat",
    [
        "Proof. Admitted.",
        "Proof. Abort. Theorem hard : True. exact I. Qed.",
        "Proof. Abort. Axiom hard : forall n : nat, n = n + 1. Lemma x : True. exact I. Qed.",
    ],
)
async def test_a_cheat_is_no_proof_and_no_attempt_is_worse(cheat: str) -> None:
    result, _ = await lyra(
        [block(cheat), block("Proof. nothing. Qed.")], statement=HARD, attempts=2, chain=1, seconds=0.01
    )
    assert result.scores["proved"] == 0
    assert result.final is not None
    assert "nothing" in result.final.text


async def test_the_best_attempt_stands() -> None:
    far, near = "Proof. intros n. idtac. idtac. idtac. discriminate. Qed.", "Proof. discriminate. Qed."
    result, _ = await lyra([block(far)], [block(near)], statement=HARD, attempts=2, seconds=0.01)
    assert result.final is not None
    assert result.final.text == far


@pytest.mark.parametrize(
    ("statement", "prover", "cause"),
    [
        (STATEMENT, "metamath", "unknown_prover"),
        ("Definition x := 1.", "coq", "no_statement"),
    ],
)
async def test_what_cannot_be_proved_here_is_said_so(statement: str, prover: str, cause: str) -> None:
    async with redraft.workflow("lyra", silent()) as flow:
        result = await flow.arun(TheoremTask(statement=statement, prover=prover))
    assert [error.cause for error in result.errors] == [cause]
    assert (result.final, result.stop) == (None, StopReason.FAILED)


async def test_a_statement_that_makes_no_sense_is_told_to_nobody_but_the_record() -> None:
    result, _ = await lyra([block(RIGHT)], statement="Require Import Nowhere.\nTheorem x : True.", attempts=1)
    assert result.scores["proved"] == 0
    (verdict,) = result.verdicts
    assert not isinstance(verdict, Failure)
    assert "Nowhere" in verdict.evidence  # type: ignore[union-attr]


async def test_a_spent_budget_ends_it_with_the_best_attempt() -> None:
    wrong = block("Proof. intros n. discriminate. Qed.")
    result, _ = await lyra([wrong] * 9, [wrong] * 9, statement=HARD, seconds=0.01, budget=Budget(max_calls=2))
    assert result.stop is StopReason.BUDGET
    assert result.final is not None


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ConfigError, match="attempts"):
        redraft.workflow("lyra", silent(), attempts=0)
