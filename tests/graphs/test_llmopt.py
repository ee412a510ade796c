"""LLMOPT, branch by branch: a model that speaks from a script, and HiGHS that really solves."""

import pytest

import redraft
from redraft import QuestionTask, Result, StopReason
from redraft.agents.parsing.five_elements import ELEMENTS
from redraft.models.budget import Budget
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from tests.graphs.sandboxed import fenced, sandbox_works
from tests.graphs.script import lines, prompts, silent, total

__all__ = ["sandbox_works"]
pytestmark = pytest.mark.usefixtures("sandbox_works")

QUESTION = QuestionTask(
    question="Doors bring 3 and windows 5. Plant 1 has 4 hours, a door takes 1; plant 2 has 12, a window takes 2; "
    "plant 3 has 18, a door takes 3 and a window 2. What is the most that can be earned?"
)
LINEAR = """import numpy as np
from scipy.optimize import linprog
found = linprog([-3, {price}], A_ub=[[1, 0], [0, 2], [3, 2]], b_ub=[4, 12, 18], method="highs")
print("doors", found.x[0])
print("windows", found.x[1])
print(round(-found.fun, 6) if found.success else found.message)"""
RIGHT, WRONG, BROKEN = LINEAR.format(price=-5), LINEAR.format(price=-2), "import numpy as np\nprint(np.no_such_thing)"
"""They print 36, 18, and nothing."""


def model(objective: str = "maximise 3 d + 5 w") -> str:
    return "\n".join(f"## {name}\n{objective if name == 'Objective' else 'as given'}" for name in ELEMENTS)


def says(five: bool, code: bool, why: str = "See above.") -> str:
    return f"The five-element is {five}.\nThe code is {code}.\nAnalysis: {why}"


async def llmopt(
    models: list[Reply], programs: list[Reply], judgements: list[Reply], draft: str | None = None, **more: object
) -> tuple[Result, dict[str, Scripted]]:
    roles = {"generator": lines(*models), "programmer": lines(*programs), "critic": lines(*judgements)}
    async with redraft.workflow("llmopt", silent(), roles=roles, **more) as flow:
        return await flow.arun(QUESTION.model_copy(update={"draft": draft})), roles


def answered(result: Result) -> tuple[str | None, StopReason]:
    return result.final.answer if result.final else None, result.stop


async def test_highs_solves_what_the_judge_lets_stand() -> None:
    result, roles = await llmopt([model()], [fenced(RIGHT)], [says(True, True)])
    assert answered(result) == ("36.0", StopReason.SATISFIED)
    assert result.usage.calls == total(roles.values()) == 2 * 1 + 1
    assert [(verdict.verifier, verdict.signal) for verdict in result.verdicts] == [
        ("interpreter", "tool"),
        ("critic", "self"),
    ]
    assert result.signal == "tool"
    assert model() in result.final.text
    assert RIGHT in result.final.text
    (judge,) = prompts(roles["critic"])
    assert "doors 2.0\nwindows 6.0\n36.0" in judge


async def test_integers_are_solved_too() -> None:
    program = """from scipy.optimize import LinearConstraint, milp
found = milp([-5, -4], integrality=[1, 1], constraints=LinearConstraint([[6, 4], [1, 2]], ub=[24, 6.5]))
print(-found.fun)"""
    result, _ = await llmopt([model()], [fenced(program)], [says(True, True)])
    assert answered(result) == ("20.0", StopReason.SATISFIED)


async def test_false_code_is_written_again_and_the_model_stands() -> None:
    result, roles = await llmopt(
        [model()], [fenced(WRONG), fenced(RIGHT)], [says(True, False, "Windows bring 5."), says(True, True)]
    )
    assert answered(result) == ("36.0", StopReason.SATISFIED)
    assert result.usage.calls == total(roles.values()) == 2 * 2 + 1
    again = prompts(roles["programmer"])[1]
    assert all(part in again for part in (WRONG, "Windows bring 5.", "18.0", model()))
    assert [(revision.accepted, revision.feedback) for revision in result.revisions] == [(True, "Windows bring 5.")]


async def test_false_elements_are_written_again_and_the_code_after_them() -> None:
    wrong, why = model("maximise 3 d + 2 w"), "Windows bring 5."
    result, roles = await llmopt(
        [wrong, model()], [fenced(WRONG), fenced(RIGHT)], [says(False, True, why), says(True, True)]
    )
    assert answered(result) == ("36.0", StopReason.SATISFIED)
    assert result.usage.calls == total(roles.values()) == 2 * 2 + 2
    again = prompts(roles["generator"])[1]
    assert all(part in again for part in (wrong, why))
    assert model() in prompts(roles["programmer"])[1]
    assert wrong not in prompts(roles["programmer"])[1]


@pytest.mark.parametrize("rounds", [1, 2, 3])
async def test_the_rounds_end(rounds: int) -> None:
    programs: list[Reply] = [fenced(f"{WRONG}  # {n}") for n in range(rounds)]
    models: list[Reply] = [model(f"maximise {n} w") for n in range(rounds)]
    result, roles = await llmopt(models, programs, [says(False, False)] * rounds, rounds=rounds)
    assert answered(result) == ("18.0", StopReason.ROUND_LIMIT)
    assert result.usage.calls == total(roles.values()) == 3 * rounds
    assert len(result.drafts) == rounds


async def test_the_authors_give_it_twelve() -> None:
    programs: list[Reply] = [fenced(f"print({n})") for n in range(12)]
    result, roles = await llmopt([model()], programs, [says(True, False)] * 12)
    assert (answered(result), total(roles.values())) == (("11", StopReason.ROUND_LIMIT), 2 * 12 + 1)


async def test_a_program_that_does_not_run_goes_back_whatever_the_judge_says() -> None:
    result, roles = await llmopt([model()], [fenced(BROKEN), fenced(RIGHT)], [says(True, True)] * 2)
    assert (answered(result), total(roles.values())) == (("36.0", StopReason.SATISFIED), 2 * 2 + 1)
    assert "AttributeError" in prompts(roles["critic"])[0]
    assert "AttributeError" in prompts(roles["programmer"])[1]


async def test_the_draft_that_ran_stands_before_one_that_did_not() -> None:
    result, _ = await llmopt(
        [model()], [fenced(WRONG), fenced(BROKEN)], [says(True, False), says(True, True)], rounds=2
    )
    assert answered(result) == ("18.0", StopReason.ROUND_LIMIT)
    assert [revision.accepted for revision in result.revisions] == [False]


async def test_of_those_that_ran_the_one_that_the_judge_finds_less_wrong_stands() -> None:
    result, _ = await llmopt(
        [model(), model("minimise")],
        [fenced("print(1)"), fenced("print(2)"), fenced("print(3)")],
        [says(True, False), says(False, False), says(False, False)],
        rounds=3,
    )
    assert answered(result) == ("1", StopReason.ROUND_LIMIT)


async def test_what_comes_out_the_same_ends_the_method() -> None:
    result, roles = await llmopt([model()], [fenced(WRONG)] * 2, [says(True, False)])
    assert (answered(result), total(roles.values())) == (("18.0", StopReason.UNCHANGED), 4)


async def test_a_given_draft_is_taken_apart_and_judged_first() -> None:
    draft = f"{model()}\n\n{fenced(WRONG)}"
    result, roles = await llmopt([], [fenced(RIGHT)], [says(True, False), says(True, True)], draft=draft)
    assert (answered(result), total(roles.values())) == (("36.0", StopReason.SATISFIED), 2 * 2 - 1)
    assert (result.drafts[0].node, result.drafts[0].answer) == ("input", "18.0")
    assert model() in prompts(roles["programmer"])[0]


async def test_a_given_answer_without_a_model_gets_one() -> None:
    result, roles = await llmopt(
        [model()], [fenced(RIGHT)], [says(True, False), says(True, True)], draft="It is \\boxed{7}"
    )
    assert (answered(result), total(roles.values())) == (("36.0", StopReason.SATISFIED), 2 * 2 - 1 + 1)
    assert "It is no program" in prompts(roles["critic"])[0]


async def test_a_solver_that_takes_too_long_is_stopped() -> None:
    result, _ = await llmopt([model()], [fenced("while True: pass")], [says(True, True)], rounds=1, seconds=1)
    assert answered(result) == (None, StopReason.ROUND_LIMIT)
    assert "timed_out" in result.verdicts[0].evidence


@pytest.mark.parametrize(
    ("models", "programs", "judgements", "stop", "answer"),
    [
        (["Sets: none, the rest is easy."], [], [], StopReason.UNPARSED, None),
        ([BadRequest("gone")], [], [], StopReason.FAILED, None),
        ([model()], ["I cannot."], [], StopReason.UNPARSED, None),
        ([model()], [BadRequest("gone")], [], StopReason.FAILED, None),
        ([model()], [fenced(WRONG)], ["All is well."], StopReason.UNPARSED, "18.0"),
        ([model()], [fenced(WRONG)], [BadRequest("gone")], StopReason.FAILED, "18.0"),
        ([model()], [fenced(WRONG), "I cannot."], [says(True, False)], StopReason.UNPARSED, "18.0"),
        ([model(), "Easy."], [fenced(WRONG)], [says(False, False)], StopReason.UNPARSED, "18.0"),
        ([model()], [fenced(WRONG), fenced(RIGHT)], [says(True, False), "Hm."], StopReason.UNPARSED, "18.0"),
    ],
)
async def test_a_missing_reply_keeps_the_best(
    models: list[Reply], programs: list[Reply], judgements: list[Reply], stop: StopReason, answer: str | None
) -> None:
    result, _ = await llmopt(models, programs, judgements)
    assert answered(result) == (answer, stop)


@pytest.mark.parametrize(("calls", "answer"), [(1, None), (2, "18.0"), (3, "18.0")])
async def test_a_spent_budget_keeps_the_best(calls: int, answer: str | None) -> None:
    result, _ = await llmopt([model()], [fenced(WRONG)], [says(True, False)], budget=Budget(max_calls=calls))
    assert answered(result) == (answer, StopReason.BUDGET)
    assert model() in result.final.text


async def test_a_program_reaches_nothing_outside() -> None:
    program = "import socket\nsocket.create_connection(('127.0.0.1', 9), 1)\nprint(36)"
    result, roles = await llmopt([model()], [fenced(program)], [says(True, True)], rounds=1)
    assert answered(result) == (None, StopReason.ROUND_LIMIT)
    assert "It did not run to its end" in prompts(roles["critic"])[0]
