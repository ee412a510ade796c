"""Reflexion, branch by branch: a model that speaks from a script, programs that really run, and a marked oracle."""

import json
from pathlib import Path

import pytest

import redraft
from redraft import CodeTask, ConfigError, QuestionTask, Result, StopReason
from redraft.models.budget import Budget
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from tests.graphs.sandboxed import fenced, sandbox_works
from tests.graphs.script import lines, prompts, silent, total

__all__ = ["sandbox_works"]

VISIBLE = ("assert double(0) == 0", "assert double(2) == 4")
OWN = "assert double(3) == 6\nassert double(-1) == -2"
RIGHT, SQUARE, ZERO = (f"def double(n):\n    return {body}" for body in ("2 * n", "n * n", "0"))
"""Of the visible tests and the model's own they pass all; two and none; one and none."""


async def reflexion(
    programs: list[Reply],
    written: list[Reply],
    lessons: list[Reply],
    retries: list[Reply],
    visible: tuple[str, ...] = (),
    draft: str | None = None,
    **more: object,
) -> tuple[Result, dict[str, Scripted]]:
    roles = {
        "generator": lines(*programs),
        "tester": lines(*written),
        "critic": lines(*lessons),
        "refiner": lines(*retries),
    }
    task = CodeTask(specification="Double a number.", tests=visible, entry_point="double", draft=draft)
    async with redraft.workflow("reflexion", silent(), roles=roles, **more) as flow:
        return await flow.arun(task), roles


def stood(result: Result) -> tuple[str, StopReason]:
    return result.final.text.strip(), result.stop


@pytest.mark.usefixtures("sandbox_works")
class TestPrograms:
    async def test_a_program_that_passes_the_models_own_tests_stands(self) -> None:
        result, roles = await reflexion([fenced(RIGHT)], [OWN], [], [])
        assert (stood(result), result.signal) == ((RIGHT, StopReason.SATISFIED), "tool")
        assert [(verdict.verifier, verdict.score) for verdict in result.verdicts] == [("own-tests", 1.0)]
        assert result.usage.calls == total(roles.values()) == 2

    async def test_it_reflects_and_tries_again(self) -> None:
        result, roles = await reflexion([fenced(SQUARE)], [OWN], ["I squared."], [fenced(RIGHT)])
        assert stood(result) == (RIGHT, StopReason.SATISFIED)
        assert result.usage.calls == total(roles.values()) == 2 + 2
        (reflect,), (retry,) = prompts(roles["critic"]), prompts(roles["refiner"])
        assert "double(3)" in reflect
        assert SQUARE in retry
        assert "I squared." in retry
        assert "double(3)" in retry
        assert result.revisions[0].feedback == "I squared."

    async def test_the_tests_are_written_without_seeing_the_program(self) -> None:
        _, roles = await reflexion([fenced(RIGHT)], [OWN], [], [])
        (request,) = roles["tester"].requests
        assert len(request.messages) == 1
        assert "Double a number." in request.messages[0].content
        assert "2 * n" not in request.messages[0].content

    async def test_visible_tests_are_run_too_and_count_before_the_models_own(self) -> None:
        wrong_own = "assert double(1) == 0\nassert double(5) == 0"
        result, _ = await reflexion([fenced(SQUARE)], [wrong_own], ["?"], [fenced(ZERO)], VISIBLE, rounds=1)
        assert [(v.verifier, v.score) for v in result.verdicts] == [("tests", 1.0), ("own-tests", 0.0)]
        (revision,) = result.revisions
        assert [(v.verifier, v.score) for v in revision.verdicts] == [("tests", 0.5), ("own-tests", 1.0)]
        assert stood(result) == (SQUARE, StopReason.ROUND_LIMIT)

    async def test_of_many_tests_the_first_count(self) -> None:
        many = "\n".join(f"assert double({n}) == {2 * n}" for n in (0, 2, 3))
        first_two, _ = await reflexion([fenced(SQUARE)], [many], [], [], tests=2)
        assert stood(first_two) == (SQUARE, StopReason.SATISFIED)

    async def test_without_tests_of_its_own_the_visible_ones_decide(self) -> None:
        result, roles = await reflexion([fenced(SQUARE)], [], [], [], VISIBLE, tests=0)
        assert (stood(result), total(roles.values())) == ((SQUARE, StopReason.SATISFIED), 1)

    @pytest.mark.parametrize("tests", ["assert True", BadRequest("gone")])
    async def test_tests_that_cannot_be_had_are_missed_only_where_there_are_no_others(self, tests: Reply) -> None:
        alone, _ = await reflexion([fenced(RIGHT)], [tests], [], [])
        beside, _ = await reflexion([fenced(RIGHT)], [tests], [], [], VISIBLE)
        missed = StopReason.UNPARSED if isinstance(tests, str) else StopReason.FAILED
        assert [stood(alone), stood(beside)] == [(RIGHT, missed), (RIGHT, StopReason.SATISFIED)]
        assert [v.verifier for v in beside.verdicts] == ["tests"]

    @pytest.mark.parametrize("rounds", [1, 2, 4])
    async def test_the_attempts_end_and_the_last_three_lessons_are_kept(self, rounds: int) -> None:
        attempts = [fenced(f"{ZERO} + {n}") for n in range(rounds + 1)]
        lessons = [f"Lesson of attempt {n}." for n in range(rounds)]
        result, roles = await reflexion(attempts[:1], [OWN], lessons, attempts[1:], rounds=rounds)
        assert (result.stop, len(result.revisions)) == (StopReason.ROUND_LIMIT, rounds)
        assert total(roles.values()) == 2 + 2 * rounds
        remembered = [lesson for lesson in lessons if lesson in prompts(roles["refiner"])[-1]]
        assert remembered == lessons[-3:]

    async def test_the_authors_give_it_ten_attempts(self) -> None:
        attempts = [fenced(f"{ZERO} + {n} / 3") for n in range(1, 12)]
        result, roles = await reflexion(attempts[:1], [OWN], ["?"] * 9, attempts[1:])
        assert (result.stop, total(roles.values())) == (StopReason.ROUND_LIMIT, 2 + 2 * 9)

    async def test_a_given_draft_is_the_first_attempt(self) -> None:
        result, roles = await reflexion([], [OWN], ["I squared."], [fenced(RIGHT)], draft=SQUARE)
        assert (result.drafts[0].node, stood(result)) == ("input", (RIGHT, StopReason.SATISFIED))
        assert total(roles.values()) == 1 + 2

    @pytest.mark.parametrize(
        ("programs", "lessons", "retries", "stop", "final"),
        [
            (["I cannot."], [], [], StopReason.UNPARSED, None),
            ([BadRequest("gone")], [], [], StopReason.FAILED, None),
            ([fenced(SQUARE)], ["<think>hm"], [], StopReason.UNPARSED, SQUARE),
            ([fenced(SQUARE)], [BadRequest("gone")], [], StopReason.FAILED, SQUARE),
            ([fenced(SQUARE)], ["?"], ["I cannot."], StopReason.UNPARSED, SQUARE),
            ([fenced(SQUARE)], ["?"], [BadRequest("gone")], StopReason.FAILED, SQUARE),
            ([fenced(SQUARE)], ["?"], [fenced(SQUARE)], StopReason.UNCHANGED, SQUARE),
        ],
    )
    async def test_what_is_missing_or_unchanged_keeps_the_best(
        self, programs: list[Reply], lessons: list[Reply], retries: list[Reply], stop: StopReason, final: str | None
    ) -> None:
        result, _ = await reflexion(programs, [OWN], lessons, retries)
        assert (result.final.text.strip() if result.final else None, result.stop) == (final, stop)

    async def test_a_spent_budget_keeps_the_best(self) -> None:
        result, _ = await reflexion([fenced(SQUARE)], [OWN], ["?"], [], budget=Budget(max_calls=3))
        assert stood(result) == (SQUARE, StopReason.BUDGET)


@pytest.fixture
def answers(tmp_path: Path) -> str:
    pytest.importorskip("math_verify", reason="math-verify is not installed: pip install 'redraft[maths]'")
    file = tmp_path / "answers.jsonl"
    file.write_text(json.dumps({"question": "Six times seven?", "answer": "42"}) + "\n")
    return f"maths:{file}"


class TestOracle:
    TASK = QuestionTask(question="Six times seven?")

    async def test_questions_are_guessed_at_until_the_oracle_is_content(self, answers: str) -> None:
        roles = {
            "generator": lines("The answer is 40."),
            "critic": lines("I was careless.", "Still."),
            "refiner": lines("The answer is 41.", "The answer is 42."),
            "verifier": answers,
        }
        async with redraft.workflow("reflexion", silent(), roles=roles, oracle=True) as flow:
            result = await flow.arun(self.TASK)
        assert (result.final.answer, result.stop, result.signal) == ("42", StopReason.SATISFIED, "oracle")
        assert total(roles[role] for role in ("generator", "critic", "refiner")) == result.usage.calls == 1 + 2 * 2
        told = [text for role in ("generator", "critic", "refiner") for text in prompts(roles[role])]
        assert not any("42" in text for text in told)
        assert all("The answer is wrong." in text for text in told[1:])

    async def test_without_it_a_question_is_refused_before_any_call(self) -> None:
        async with redraft.workflow("reflexion", silent()) as flow:
            result = await flow.arun(self.TASK)
        assert (result.final, result.stop, result.usage.calls) == (None, StopReason.FAILED, 0)
        assert "oracle=true" in result.errors[0].message

    async def test_with_it_a_program_is_refused(self, answers: str) -> None:
        async with redraft.workflow("reflexion", silent(), roles={"verifier": answers}, oracle=True) as flow:
            result = await flow.arun(CodeTask(specification="Double a number."))
        assert (result.stop, result.errors[0].cause) == (StopReason.FAILED, "wrong_kind")

    def test_an_oracle_by_default_is_refused(self, answers: str) -> None:
        with pytest.raises(ConfigError, match="knows the right answers"):
            redraft.workflow("reflexion", silent(), roles={"verifier": answers})

    def test_oracle_without_one_is_refused(self) -> None:
        with pytest.raises(ConfigError, match="oracle=true needs a verifier that knows the answers"):
            redraft.workflow("reflexion", silent(), oracle=True)
