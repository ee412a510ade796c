"""Formulate-and-Solve, branch by branch: a model that speaks from a script, and SymPy that really solves."""

import pytest

import redraft
from redraft import QuestionTask, Result, StopReason
from redraft.models.budget import Budget
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from tests.graphs.sandboxed import sandbox_works
from tests.graphs.script import lines, prompts, silent

__all__ = ["sandbox_works"]
pytestmark = pytest.mark.usefixtures("sandbox_works")

QUESTION = QuestionTask(question="Two numbers add up to 10 and differ by 4. What is the larger?")
WORKING = (
    "1. The larger.\n2. Sum 10, difference 4.\n3. x and y.\n4. ...\n5. The system:\n```\nx + y = 10\nx - y = 4\n```"
)


async def formulate_and_solve(*replies: Reply, draft: str | None = None, **more: object) -> tuple[Result, Scripted]:
    model = lines(*replies)
    async with redraft.workflow("formulate-and-solve", silent(), roles={"generator": model}, **more) as flow:
        return await flow.arun(QUESTION.model_copy(update={"draft": draft})), model


def answered(result: Result) -> tuple[str | None, StopReason]:
    return result.final.answer if result.final else None, result.stop


async def test_sympy_solves_and_the_model_reads_the_answer_off() -> None:
    result, model = await formulate_and_solve(WORKING, r"\boxed{7}")
    assert answered(result) == ("7", StopReason.COMPLETED)
    assert result.usage.calls == len(model.requests) == 2
    assert (result.verdicts[0].verifier, result.verdicts[0].evidence, result.signal) == (
        "sympy",
        "x = 7, y = 3",
        "tool",
    )
    assert [draft.node for draft in result.drafts] == ["formulate", "answer"]
    formulate, answer = prompts(model)
    assert "Do not solve it" in formulate
    assert "x = 7, y = 3" in answer
    assert WORKING.splitlines()[1] in answer
    assert "Do not solve the equations again" in answer


async def test_as_the_authors_greedy_with_2048_tokens_and_512() -> None:
    _, model = await formulate_and_solve(WORKING, r"\boxed{7}")
    assert [request.sampling.max_tokens for request in model.requests] == [2048, 512]
    assert [request.sampling.temperature for request in model.requests] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("working", "evidence"),
    [
        ("```\nx is the larger = 10!\n```", None),
        ("```\nx + y = 10\n```", "the equations do not determine x, y"),
        ("```\nx = 10\nx = 4\n```", "no numbers satisfy all the equations"),
        ("The larger number is seven.", None),
    ],
)
async def test_without_a_solution_the_answer_comes_from_the_working(working: str, evidence: str | None) -> None:
    result, model = await formulate_and_solve(working, r"\boxed{7}")
    assert answered(result) == ("7", StopReason.COMPLETED)
    assert len(model.requests) == 2
    (verdict,) = result.verdicts
    assert getattr(verdict, "evidence", None) == evidence
    assert "Work out the answer" in prompts(model)[1]
    assert "Solution:" not in prompts(model)[1]
    assert evidence is None or evidence not in prompts(model)[1]


async def test_a_given_draft_is_the_formulation() -> None:
    result, model = await formulate_and_solve(r"\boxed{7}", draft=WORKING)
    assert (answered(result), len(model.requests)) == (("7", StopReason.COMPLETED), 1)
    assert result.drafts[0].node == "input"


async def test_every_solution_is_shown() -> None:
    _, model = await formulate_and_solve("```\nx^2 = 16\n```", r"\boxed{4}")
    assert "x = -4\nx = 4" in prompts(model)[1]


@pytest.mark.parametrize(
    ("replies", "final", "stop"),
    [
        (["<think>hm"], None, StopReason.UNPARSED),
        ([BadRequest("gone")], None, StopReason.FAILED),
        ([WORKING, "<think>hm"], WORKING, StopReason.UNPARSED),
        ([WORKING, BadRequest("gone")], WORKING, StopReason.FAILED),
    ],
)
async def test_a_missing_reply_keeps_what_there_is(replies: list[Reply], final: str | None, stop: StopReason) -> None:
    result, _ = await formulate_and_solve(*replies)
    assert (result.final.text if result.final else None, result.stop) == (final, stop)


async def test_an_answer_that_is_not_marked_is_no_answer() -> None:
    result, _ = await formulate_and_solve(WORKING, "I would say that it is one of the two numbers.")
    assert answered(result) == (None, StopReason.COMPLETED)


async def test_a_spent_budget_keeps_the_formulation() -> None:
    result, _ = await formulate_and_solve(WORKING, budget=Budget(max_calls=1))
    assert (result.final.text, result.stop) == (WORKING, StopReason.BUDGET)
