"""SuperCorrect, branch by branch, with a model that speaks from a script."""

import pytest

import redraft
from redraft import QuestionTask, Result, StopReason
from redraft.agents.parsing.hierarchy import write_solution
from redraft.models.errors import BadRequest, BudgetSpent
from redraft.models.scripted import Reply, Scripted
from tests.graphs.script import lines, prompts, silent, total

TEMPLATE = "<Step1>Multiply.</Step1><Generalized>Repeated addition.</Generalized>"
WRONG = write_solution(["Six and seven.", "6 * 7 = 40. <Key>Mind the tens.</Key>", "So 40."], "Multiply.", "40")
NONE = "All steps follow.\n<Error>none</Error>"
REST = "<Step2>6 * 7 = 42.</Step2>\n<Step3>So 42.</Step3>\n<Answer>42</Answer>"


def error(step: int, cause: str = "6 * 7 is not 40.") -> str:
    return f"Step 1 is right.\n<Error>{step}</Error>\n<Cause>{cause}</Cause>\n<Correction>6 * 7 = 42.</Correction>"


async def supercorrect(
    teacher: list[Reply], student: list[Reply], verdicts: tuple[Reply, ...] = (), **more: object
) -> tuple[Result, dict[str, Scripted]]:
    roles = {"teacher": lines(*teacher), "generator": lines(*student), "verifier": lines(*verdicts)}
    task = QuestionTask(question="What is six times seven?", draft=more.pop("draft", None))
    return await redraft.workflow("supercorrect", silent(), roles=roles, **more).arun(task), roles


async def test_the_first_error_is_mended_and_the_steps_before_it_stay_word_for_word() -> None:
    result, roles = await supercorrect([TEMPLATE, error(2), NONE], [WRONG, REST])
    mended = write_solution(["Six and seven.", "6 * 7 = 42.", "So 42."], "", "42")
    assert (result.final.text, result.final.answer, result.stop) == (mended, "42", StopReason.SATISFIED)
    assert result.usage.calls == total(roles.values()) == 2 + 2 + 1
    assert [(v.passed, v.first_error) for v in result.verdicts] == [(False, 1), (True, None)]
    assert [finding.category for finding in result.findings] == ["step 2"]
    solve, correct = prompts(roles["generator"])
    assert TEMPLATE in solve
    assert "6 * 7 is not 40." in correct
    assert "So 40." not in correct


async def test_a_solution_without_errors_is_left_alone() -> None:
    result, roles = await supercorrect([TEMPLATE, NONE], [WRONG])
    assert (result.final.text, result.revisions, result.stop) == (WRONG, (), StopReason.SATISFIED)
    assert total(roles.values()) == 3


@pytest.mark.parametrize("rounds", [1, 2, 3])
async def test_errors_are_mended_one_after_the_other_up_to_the_limit(rounds: int) -> None:
    rests = [REST.replace("42", str(42 + n)) for n in range(rounds)]
    result, roles = await supercorrect([TEMPLATE, *[error(2)] * rounds], [WRONG, *rests], rounds=rounds)
    assert (result.final.answer, result.stop) == (str(41 + rounds), StopReason.ROUND_LIMIT)
    assert result.usage.calls == total(roles.values()) == 2 + 2 * rounds


async def test_a_student_that_begins_anew_replaces_the_steps_above_too() -> None:
    anew = write_solution(["Seven sixes.", "42."], "", "42")
    result, _ = await supercorrect([TEMPLATE, error(2), NONE], [WRONG, anew])
    assert result.final.text == anew


async def test_a_given_draft_without_tags_is_corrected_by_its_own_steps() -> None:
    draft = "Step 1: six and seven.\nStep 2: 6 * 7 = 40. The answer is 40."
    result, roles = await supercorrect([TEMPLATE, error(2), NONE], [REST], draft=draft)
    assert [d.answer for d in result.drafts] == ["40", "42"]
    assert result.final.text.startswith("<Step1>\nStep 1: six and seven.\n</Step1>\n<Step2>\n6 * 7 = 42.")
    assert total(roles.values()) == 1 + 2 + 1


async def test_no_template_is_asked_for_where_none_is_wanted_and_a_missing_one_is_done_without() -> None:
    plain, roles = await supercorrect([NONE], [WRONG], template=False)
    failed, _ = await supercorrect([BadRequest("gone"), NONE], [WRONG])
    assert (plain.usage.calls, "template" in prompts(roles["generator"])[0]) == (2, False)
    assert (failed.final, failed.stop) == (plain.final, StopReason.SATISFIED)
    assert failed.errors[0].cause == "bad_request"


@pytest.mark.parametrize(
    ("teacher", "student", "stop", "final"),
    [
        ([TEMPLATE], [BadRequest("gone")], StopReason.FAILED, None),
        ([TEMPLATE], ["<think>hm"], StopReason.UNPARSED, None),
        ([BudgetSpent("spent")], [BudgetSpent("spent")], StopReason.BUDGET, None),
        ([TEMPLATE, "Fine, I think."], [WRONG], StopReason.UNPARSED, "40"),
        ([TEMPLATE, error(4)], [WRONG], StopReason.UNPARSED, "40"),
        ([TEMPLATE, BadRequest("gone")], [WRONG], StopReason.FAILED, "40"),
        ([TEMPLATE, error(2)], [WRONG, "I give up."], StopReason.UNPARSED, "40"),
        ([TEMPLATE, error(2)], [WRONG, BudgetSpent("spent")], StopReason.BUDGET, "40"),
        ([TEMPLATE, error(1)], [WRONG, WRONG], StopReason.UNCHANGED, "40"),
        ([TEMPLATE, error(2), BadRequest("gone")], [WRONG, REST], StopReason.FAILED, "42"),
    ],
)
async def test_what_is_missing_or_changes_nothing_leaves_the_best_draft(
    teacher: list[Reply], student: list[Reply], stop: StopReason, final: str | None
) -> None:
    result, roles = await supercorrect(teacher, student)
    assert (result.final.answer if result.final else None, result.stop) == (final, stop)
    assert total(roles.values()) == len(teacher) + len(student)


async def test_verify_keeps_the_draft_unless_the_correction_is_preferred() -> None:
    rejected, _ = await supercorrect([TEMPLATE, error(2)], [WRONG, REST], ("A", "B"), verify=True)
    accepted, roles = await supercorrect([TEMPLATE, error(2), NONE], [WRONG, REST], ("B", "A"), verify=True)
    assert (rejected.final.answer, rejected.stop) == ("40", StopReason.REJECTED)
    assert (accepted.final.answer, total(roles.values())) == ("42", 2 + 2 + 2 + 1)
