"""CRITIC, branch by branch: a model that speaks from a script, and a tool that really runs its programs."""

from pathlib import Path

import pytest

import redraft
from redraft import CodeTask, ConfigError, QuestionTask, Result, StopReason, Task
from redraft.graphs.program_of_thought import same_answer
from redraft.models.budget import Budget
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from tests.graphs.sandboxed import fenced, sandbox_works
from tests.graphs.script import lines, prompts, silent, total

__all__ = ["sandbox_works"]
RUNS = pytest.mark.usefixtures("sandbox_works")
QUESTION = QuestionTask(question="What is six times seven?")


def printing(*expressions: str) -> list[Reply]:
    """Programs that print these."""
    return [fenced(f"print({expression})") for expression in expressions]


async def critic(
    programs: list[Reply], critiques: list[Reply], corrections: list[Reply], task: Task = QUESTION, **more: object
) -> tuple[Result, dict[str, Scripted]]:
    roles = {"generator": lines(*programs), "critic": lines(*critiques), "refiner": lines(*corrections)}
    async with redraft.workflow("critic", silent(), roles=roles, **more) as flow:
        return await flow.arun(task), roles


def answered(result: Result) -> tuple[str | None, StopReason]:
    return result.final.answer if result.final else None, result.stop


@RUNS
class TestQuestions:
    async def test_an_answer_that_stays_for_two_corrections_is_stable(self) -> None:
        result, roles = await critic(printing("6 * 7"), ["Right."] * 2, printing("6 * 7", "7 * 6"))
        assert (answered(result), result.signal) == (("42", StopReason.UNCHANGED), "tool")
        assert result.usage.calls == total(roles.values()) == 1 + 2 * 2
        assert [revision.accepted for revision in result.revisions] == [False, True]

    async def test_a_correction_begins_the_count_anew(self) -> None:
        result, roles = await critic(
            printing("6 + 7"), ["It adds."] + ["Right."] * 2, printing("6 * 7", "7 * 6", "42"), rounds=9
        )
        assert (answered(result), total(roles.values())) == (("42", StopReason.UNCHANGED), 1 + 2 * 3)

    @pytest.mark.parametrize("rounds", [1, 2, 4])
    async def test_the_corrections_end(self, rounds: int) -> None:
        values = [str(n) for n in range(rounds + 1)]
        result, roles = await critic(printing(values[0]), ["?"] * rounds, printing(*values[1:]), rounds=rounds)
        assert answered(result) == (values[-1], StopReason.ROUND_LIMIT)
        assert total(roles.values()) == 1 + 2 * rounds

    async def test_the_authors_give_it_four(self) -> None:
        result, _ = await critic(printing("0"), ["?"] * 4, printing(*"1234"))
        assert answered(result) == ("4", StopReason.ROUND_LIMIT)

    async def test_critic_and_refiner_see_what_the_program_printed(self) -> None:
        result, roles = await critic(printing("6 + 7"), ["It adds."], printing("6 * 7"), rounds=1)
        (critique,), (correct,) = prompts(roles["critic"]), prompts(roles["refiner"])
        assert "print(6 + 7)" in critique
        assert "It printed:\n13" in critique
        assert "It printed:\n13" in correct
        assert "It adds." in correct
        assert result.revisions[0].feedback == "It adds."
        assert result.verdicts[0].verifier == "interpreter"

    async def test_an_answer_stands_until_a_later_program_prints_one(self) -> None:
        result, roles = await critic(printing("42"), ["?"] * 2, printing("1 / 0", "43"), rounds=2)
        assert answered(result) == ("43", StopReason.ROUND_LIMIT)
        assert ["print(42)" in prompt for prompt in prompts(roles["critic"])] == [True, True]
        assert [revision.accepted for revision in result.revisions] == [False, True]
        assert [draft.answer for draft in result.drafts] == ["42", None, "43"]

    async def test_programs_that_print_no_answer_count_for_what_stood_before(self) -> None:
        result, _ = await critic(printing("42"), ["?"] * 2, printing("1 / 0", "exit()"))
        assert answered(result) == ("42", StopReason.UNCHANGED)

    async def test_a_traceback_is_what_the_critic_goes_by(self) -> None:
        result, roles = await critic(printing("1 / 0"), ["It divides by 0."], printing("42"), rounds=1)
        assert answered(result) == ("42", StopReason.ROUND_LIMIT)
        assert "ZeroDivisionError" in prompts(roles["critic"])[0]

    async def test_no_answer_at_all_is_not_stable(self) -> None:
        result, _ = await critic(printing("1 / 0"), ["?"] * 2, printing("2 / 0", "3 / 0"), rounds=2)
        assert answered(result) == (None, StopReason.ROUND_LIMIT)

    @pytest.mark.parametrize("program", ["print('x' * 3000)", "pass"])
    async def test_much_output_or_none_is_no_answer(self, program: str) -> None:
        result, _ = await critic([fenced(program)], ["?"], printing("42"), rounds=1)
        assert (result.drafts[0].answer, answered(result)) == (None, ("42", StopReason.ROUND_LIMIT))

    async def test_a_given_answer_in_prose_stands_until_a_program_prints_one(self) -> None:
        task = QUESTION.model_copy(update={"draft": "Six and seven. The answer is 13."})
        kept, _ = await critic([], ["?"], printing("1 / 0"), task, rounds=1)
        mended, roles = await critic([], ["?"], printing("42"), task, rounds=1)
        assert [answered(kept)[0], answered(mended)[0]] == ["13", "42"]
        assert "It is no program" in prompts(roles["critic"])[0]

    @pytest.mark.parametrize(
        ("programs", "critiques", "corrections", "stop", "answer"),
        [
            (["I cannot."], [], [], StopReason.UNPARSED, None),
            ([BadRequest("gone")], [], [], StopReason.FAILED, None),
            (printing("41"), ["<think>hm"], [], StopReason.UNPARSED, "41"),
            (printing("41"), [BadRequest("gone")], [], StopReason.FAILED, "41"),
            (printing("41"), ["?"], ["I cannot."], StopReason.UNPARSED, "41"),
            (printing("41"), ["?"], [BadRequest("gone")], StopReason.FAILED, "41"),
            (printing("41"), ["?", "<think>"], printing("42"), StopReason.UNPARSED, "42"),
        ],
    )
    async def test_a_missing_reply_keeps_the_best(
        self,
        programs: list[Reply],
        critiques: list[Reply],
        corrections: list[Reply],
        stop: StopReason,
        answer: str | None,
    ) -> None:
        result, _ = await critic(programs, critiques, corrections)
        assert answered(result) == (answer, stop)

    async def test_a_spent_budget_keeps_the_best(self) -> None:
        result, _ = await critic(printing("41"), ["?"], [], budget=Budget(max_calls=2))
        assert answered(result) == ("41", StopReason.BUDGET)


@RUNS
class TestPrograms:
    TASK = CodeTask(specification="Double a number.", tests=("assert f(2) == 4", "assert f(3) == 6"), entry_point="f")
    RIGHT, HALF, NONE = (fenced(f"def f(n):\n    return {body}") for body in ("2 * n", "n * n", "n"))

    async def test_a_program_that_passes_its_tests_is_not_criticised(self) -> None:
        result, roles = await critic([self.RIGHT], [], [], self.TASK)
        assert (result.stop, result.signal, total(roles.values())) == (StopReason.SATISFIED, "tool", 1)

    async def test_the_tests_are_the_tool(self) -> None:
        result, roles = await critic([self.HALF], ["It squares."], [self.RIGHT], self.TASK)
        assert (result.stop, "2 * n" in result.final.text) == (StopReason.SATISFIED, True)
        assert "1 of 2 tests passed" in prompts(roles["critic"])[0]
        assert "f(3)" in prompts(roles["critic"])[0]
        assert total(roles.values()) == 1 + 2

    async def test_the_one_that_passed_most_stands_and_is_criticised(self) -> None:
        result, roles = await critic([self.HALF], ["?"] * 2, [self.NONE, self.NONE], self.TASK)
        assert ("n * n" in result.final.text, result.stop) == (True, StopReason.UNCHANGED)
        assert ["n * n" in prompt and "1 of 2" in prompt for prompt in prompts(roles["critic"])] == [True, True]

    async def test_the_corrections_end(self) -> None:
        others = [fenced(f"def f(n):\n    return n * n + {n} * (n > 2)") for n in (1, 2)]
        result, roles = await critic([self.HALF], ["?"] * 2, others, self.TASK, rounds=2)
        assert (result.stop, total(roles.values())) == (StopReason.ROUND_LIMIT, 1 + 2 * 2)
        assert result.final == result.drafts[-1]


def test_a_verifier_that_knows_the_hidden_tests_is_refused(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden.jsonl"
    hidden.write_text('{"specification": "Double a number.", "tests": ["assert f(9) == 18"]}\n')
    with pytest.raises(ConfigError, match="knows the right answers"):
        redraft.workflow("critic", silent(), roles={"verifier": f"hidden-tests:{hidden}"})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("42", "42", True),
        ("42", "42.0", True),
        ("0.30000000000000004", "0.3", True),
        ("42", "43", False),
        ("x + 1", "x + 1", True),
        ("x", "1", False),
        ("nan", "nan", True),
        ("nan", "NaN", False),
        (None, None, False),
        (None, "1", False),
    ],
)
def test_the_same_answer_is_the_same_text_or_number(one: str | None, other: str | None, same: bool) -> None:
    assert same_answer(one, other) is same
