"""MQM-APE, branch by branch, with a model that speaks from a script."""

import pytest

import redraft
from redraft import Draft, Failure, Result, StopReason, TranslationTask, Unparsed
from redraft.agents.parsing import MQM_SCHEMA
from redraft.models.base import Completion, JsonSchema
from redraft.models.errors import BadRequest, BudgetSpent
from redraft.models.scripted import Reply, Scripted
from tests.graphs.script import lines, prompts, silent, total

TASK = TranslationTask(
    source="The old bridge is closed.", source_lang="en", target_lang="de", draft="Die alte Bank ist geschlossen."
)
ONE = 'Critical:\nno-error\nMajor:\naccuracy/mistranslation - "Bank"\nMinor:\nno-error'
TWO = 'Critical:\naccuracy/mistranslation - "Bank"\nMajor:\nno-error\nMinor:\nstyle/awkward - "geschlossen"'
NONE = "Critical:\nno-error\nMajor:\nno-error\nMinor:\nno-error"
EDIT = "Die alte Brücke ist geschlossen."
OTHER = "Die alte Bank ist zu."


async def ape(
    critic: Reply, edits: list[Reply], verdicts: list[Reply], **settings: object
) -> tuple[Result, dict[str, Scripted]]:
    roles = {"critic": lines(critic), "post-editor": lines(*edits), "verifier": lines(*verdicts)}
    result = await redraft.workflow("mqm-ape", silent(), roles=roles, **settings).arun(TASK)
    return result, roles


async def test_no_error_found_asks_nobody_else() -> None:
    result, roles = await ape(NONE, [], [])
    assert result.stop is StopReason.NO_FINDINGS
    assert result.final == Draft(text=TASK.draft or "", node="input")
    assert result.scores == {"mqm": 0.0, "mqm_ape": 0.0}
    assert total(roles.values()) == result.usage.calls == 1


async def test_an_error_is_kept_when_the_verifier_prefers_its_correction_in_both_orders() -> None:
    result, roles = await ape(ONE, [EDIT], ["B", "A"])
    (revision,) = result.revisions
    assert revision.accepted
    assert revision.verdicts[0].score == 1.0
    assert result.scores == {"mqm": -5.0, "mqm_ape": -5.0}
    assert result.usage.calls == total(roles.values()) == 4
    assert result.final.text == TASK.draft, "as published, nothing is applied"


async def test_the_verifier_sees_both_orders() -> None:
    _, roles = await ape(ONE, [EDIT], ["B", "A"])
    forward, backward = prompts(roles["verifier"])
    assert forward.index(TASK.draft) < forward.index(EDIT)
    assert backward.index(EDIT) < backward.index(TASK.draft)


async def test_an_error_is_dropped_when_the_original_wins_both_orders() -> None:
    result, _ = await ape(ONE, [EDIT], ["A", "B"])
    assert not result.revisions[0].accepted
    assert result.scores == {"mqm": -5.0, "mqm_ape": 0.0}


@pytest.mark.parametrize(("tie_weight", "score"), [(0.5, -2.5), (0.0, 0.0)])
async def test_a_tie_keeps_half_the_weight_as_in_the_code_or_none_as_in_the_paper(
    tie_weight: float, score: float
) -> None:
    result, _ = await ape(ONE, [EDIT], ["A", "A"], tie_weight=tie_weight)
    assert not result.revisions[0].accepted
    assert result.scores["mqm_ape"] == score


async def test_every_edit_starts_from_the_original_and_costs_three_calls() -> None:
    result, roles = await ape(TWO, [EDIT, OTHER], ["B", "A", "A", "B"])
    assert all(TASK.draft in prompt for prompt in prompts(roles["post-editor"]))
    assert [revision.before.text for revision in result.revisions] == [TASK.draft, TASK.draft]
    assert result.usage.calls == total(roles.values()) == 1 + 3 * 2
    assert {role: usage.calls for role, usage in result.usage_by_role.items()} == {
        "critic": 1,
        "post-editor": 2,
        "verifier": 4,
    }


async def test_findings_are_located_in_the_draft() -> None:
    result, _ = await ape(ONE, [EDIT], ["B", "A"])
    span = result.findings[0].span
    assert TASK.draft[span.start : span.end] == "Bank"


async def test_the_score_has_the_floor_of_the_paper() -> None:
    result, _ = await ape(TWO, [EDIT, OTHER], ["B", "A", "B", "A"])
    assert result.scores == {"mqm": -25.0, "mqm_ape": -25.0}


async def test_an_edit_that_changes_nothing_is_not_verified_and_weighs_as_a_tie() -> None:
    result, roles = await ape(ONE, [TASK.draft], [])
    assert roles["verifier"].requests == []
    assert result.revisions[0].verdicts == ()
    assert not result.revisions[0].accepted
    assert result.scores["mqm_ape"] == -2.5


async def test_an_annotation_that_cannot_be_read_gives_no_score() -> None:
    result, roles = await ape("I would rather not.", [], [])
    assert result.stop is StopReason.UNPARSED
    assert result.scores == {}
    assert [missing.raw for missing in result.unparsed] == ["I would rather not."]
    assert result.final.text == TASK.draft
    assert total(roles.values()) == 1


async def test_an_annotation_cut_off_at_the_token_limit_is_not_read() -> None:
    result, _ = await ape(Completion(ONE, "length"), [], [])
    assert result.stop is StopReason.UNPARSED
    assert result.unparsed[0].reason == "cut off at 512 tokens"


async def test_a_verdict_that_cannot_be_read_is_counted_and_weighs_as_a_tie() -> None:
    result, _ = await ape(ONE, [EDIT], ["Neither", "A"])
    assert isinstance(result.revisions[0].verdicts[0], Unparsed)
    assert len(result.unparsed) == 1
    assert result.scores["mqm_ape"] == -2.5


async def test_one_failed_edit_is_a_value_and_leaves_its_siblings_alone() -> None:
    result, _ = await ape(TWO, [BadRequest("gone"), OTHER], ["B", "A"])
    assert isinstance(result.revisions[0].after, Failure)
    assert result.revisions[1].accepted
    assert [error.cause for error in result.errors] == ["bad_request"]


async def test_a_critic_that_refuses_fails_the_item_and_keeps_its_draft() -> None:
    result, _ = await ape(BadRequest("gone"), [], [])
    assert (result.stop, result.final.text) == (StopReason.FAILED, TASK.draft)


async def test_a_spent_budget_is_its_own_reason() -> None:
    result, _ = await ape(BudgetSpent("spent"), [], [])
    assert result.stop is StopReason.BUDGET


class TestApply:
    """The optional end: a corrected translation, only if the verifier prefers it."""

    async def test_with_one_kept_error_its_own_edit_is_the_answer_without_another_call(self) -> None:
        result, roles = await ape(ONE, [EDIT], ["B", "A"], apply=True)
        assert (result.final.text, result.stop) == (EDIT, StopReason.ACCEPTED)
        assert total(roles.values()) == 4

    async def test_two_kept_errors_are_corrected_together_and_the_result_is_verified(self) -> None:
        both = "Die alte Brücke ist zu."
        result, roles = await ape(TWO, [EDIT, OTHER, both], ["B", "A", "B", "A", "B", "A"], apply=True)
        assert (result.final.text, result.stop) == (both, StopReason.ACCEPTED)
        together = prompts(roles["post-editor"])[-1]
        assert "Bank" in together
        assert together.count("Error:") == 2
        assert result.usage.calls == total(roles.values()) == 1 + 3 * 2 + 3

    async def test_the_original_stands_if_the_verifier_does_not_prefer_the_combined_correction(self) -> None:
        result, _ = await ape(TWO, [EDIT, OTHER, "Die Brücke."], ["B", "A", "B", "A", "A", "A"], apply=True)
        assert (result.final.text, result.stop) == (TASK.draft, StopReason.REJECTED)

    async def test_only_kept_errors_are_applied(self) -> None:
        result, roles = await ape(TWO, [EDIT, OTHER], ["A", "B", "B", "A"], apply=True)
        assert result.final.text == OTHER
        assert len(roles["post-editor"].requests) == 2

    async def test_nothing_kept_leaves_the_original(self) -> None:
        result, _ = await ape(ONE, [EDIT], ["A", "B"], apply=True)
        assert (result.final.text, result.stop) == (TASK.draft, StopReason.COMPLETED)


async def test_guided_holds_the_critic_to_a_schema_and_the_verifier_to_a_choice() -> None:
    critic = '{"critical":[],"major":[{"category":"accuracy/mistranslation","span":"Bank"}],"minor":[]}'
    result, roles = await ape(critic, [EDIT], ["B", "A"], guided=True)
    assert result.revisions[0].accepted
    assert roles["critic"].requests[0].constraint == JsonSchema(MQM_SCHEMA)
    assert roles["verifier"].requests[0].constraint.options == ("A", "B")


async def test_roles_have_the_papers_temperature_and_token_limits() -> None:
    _, roles = await ape(ONE, [EDIT], ["B", "A"])
    sampling = {role: model.requests[0].sampling for role, model in roles.items()}
    assert {role: s.max_tokens for role, s in sampling.items()} == {"critic": 512, "post-editor": 512, "verifier": 256}
    assert {s.temperature for s in sampling.values()} == {0.0}


async def test_a_task_without_a_draft_is_refused_as_data() -> None:
    task = TASK.model_copy(update={"draft": None})
    result = await redraft.workflow("mqm-ape", silent()).arun(task)
    assert (result.final, result.stop, result.errors[0].cause) == (None, StopReason.FAILED, "no_draft")


async def test_a_metric_in_the_verifiers_role_decides_by_its_threshold_and_marks_the_signal() -> None:
    from redraft.verifiers.chrf import ChrF

    metric = ChrF({TASK.source: EDIT})
    roles = {"critic": lines(ONE), "post-editor": lines(EDIT), "verifier": metric}
    result = await redraft.workflow("mqm-ape", silent(), roles=roles, apply=True).arun(TASK)
    assert result.final.text == EDIT
    assert result.signal == "oracle"
    assert result.usage.calls == 2
