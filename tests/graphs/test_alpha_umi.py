"""alpha-UMi, branch by branch, with models that speak from a script and functions that are really called."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path

import pytest

import redraft
from redraft import ConfigError, Draft, Result, StopReason, ToolCallTask
from redraft.graphs.alpha_umi import FORM
from redraft.graphs.tool_calls import guide
from redraft.models.base import ChatRequest
from redraft.models.errors import BadRequest, BudgetSpent
from redraft.models.scripted import Reply, Scripted
from redraft.tools.functions.source import AnyFunctions
from tests.graphs.functions import catalogue, task, weather
from tests.graphs.script import lines, prompts, silent, total

pytest.importorskip("docstring_parser")
pytest.importorskip("jsonschema_rs")

CALLER, CONCLUDE, GIVE_UP = "We need it.\nNext: caller.", "That is all.\nNext: conclusion.", "No.\nNext: give up."
GOOD = 'Action: weather\nAction Input: {"city": "Bonn"}'
MADE = [{"name": "weather", "arguments": {"city": "Bonn"}}]
SERVER = Path(__file__).parent.parent / "tools" / "functions" / "mcp_server.py"


async def solve(
    planner: list[Reply],
    caller: list[Reply],
    summarizer: list[Reply],
    given: ToolCallTask | None = None,
    functions: AnyFunctions | None = None,
    **settings: object,
) -> tuple[Result, dict[str, Scripted]]:
    roles = {"planner": lines(*planner), "caller": lines(*caller), "summarizer": lines(*summarizer)}
    functions = catalogue() if functions is None else functions
    async with redraft.workflow("alpha-umi", silent(), roles=roles, functions=functions, **settings) as flow:
        return await flow.arun(given or task()), roles


async def test_three_models_call_and_answer() -> None:
    result, roles = await solve([CALLER, CONCLUDE], [GOOD], ["Yes, it will rain."])
    assert (result.final.text, result.final.node, result.stop) == (
        "Yes, it will rain.",
        "conclude",
        StopReason.SATISFIED,
    )
    assert json.loads(result.final.answer) == MADE
    assert [draft.node for draft in result.drafts] == ["call", "conclude"]
    (verdict,) = result.verdicts
    assert (verdict.verifier, verdict.passed, verdict.evidence) == ("functions", True, '"rain in Bonn for 1 days"')
    assert result.signal == "tool"
    assert total(roles.values()) == 2 * 1 + 2
    assert {role: usage.calls for role, usage in result.usage_by_role.items()} == {
        "planner": 2,
        "caller": 1,
        "summarizer": 1,
    }


async def test_what_was_done_and_thought_goes_on_to_the_next_model() -> None:
    _, roles = await solve([CALLER, CONCLUDE], [GOOD], ["Yes."])
    assert "We need it." in prompts(roles["caller"])[0]
    seen = 'Action: weather\nAction Input: {"city": "Bonn"}\nObservation: "rain in Bonn for 1 days"'
    assert seen in prompts(roles["planner"])[1]
    assert seen in prompts(roles["summarizer"])[0]
    assert "That is all." in prompts(roles["summarizer"])[0]
    assert "The weather." in roles["planner"].requests[0].messages[0].content


async def test_no_call_may_be_needed() -> None:
    result, roles = await solve([CONCLUDE], [], ["Hello."])
    assert (result.final.text, result.final.answer, result.stop) == ("Hello.", "[]", StopReason.SATISFIED)
    assert (total(roles.values()), result.signal) == (2, "self")


async def test_a_planner_that_gives_up_keeps_what_was_called() -> None:
    result, _ = await solve([CALLER, GIVE_UP], [GOOD], [])
    assert (json.loads(result.final.text), result.stop) == (MADE, StopReason.GAVE_UP)


async def test_a_planner_that_gives_up_at_once_has_no_draft() -> None:
    result, _ = await solve([GIVE_UP], [], [])
    assert (result.final, result.stop, result.errors) == (None, StopReason.GAVE_UP, ())


async def test_the_steps_end_and_the_answer_comes_from_what_there_is() -> None:
    result, roles = await solve([CALLER, CALLER], [GOOD, GOOD], ["It rains."], steps=2)
    assert (result.final.text, result.stop) == ("It rains.", StopReason.ROUND_LIMIT)
    assert total(roles.values()) == 2 * 2 + 1
    assert "The planner says" not in prompts(roles["summarizer"])[0]


async def test_words_that_name_nobody_are_asked_for_again_and_go_to_the_caller_in_the_end() -> None:
    result, roles = await solve(["Hm."] * 5 + [CONCLUDE], [GOOD], ["Yes."])
    assert (result.stop, result.scores) == (StopReason.SATISFIED, {"unmarked": 1})
    assert [each.reason for each in result.unparsed] == ["it names no next role"] * 5
    assert "Hm." in prompts(roles["caller"])[0]
    assert [request.sample for request in roles["planner"].requests] == [0, 1, 2, 3, 4, 0]


async def test_a_planner_that_is_read_at_the_second_attempt_is_not_asked_a_third_time() -> None:
    result, _ = await solve(["Next: caller or so. Next: give up.", CONCLUDE], [], ["Yes."])
    assert (result.stop, result.scores, len(result.unparsed)) == (StopReason.SATISFIED, {}, 1)


async def test_a_planner_that_says_nothing_ends_it() -> None:
    result, roles = await solve(["<think>"] * 5, [], [])
    assert (result.final, result.stop, total(roles.values())) == (None, StopReason.UNPARSED, 5)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("I would ask the weather service.", "no call could be read: no tool call"),
        ("Action: weather\nAction Input: {'city': ", "an Action Input that cannot be read: it is cut short"),
        ("Action: snow\nAction Input: {}", "there is no function 'snow'"),
        ("Action: weather\nAction Input: {}", "the argument city is missing"),
        (json.dumps(MADE * 2), "2 calls, where at most 1 are wanted"),
        ("[]", "no call could be read: no tool call"),
    ],
)
async def test_a_call_that_cannot_be_made_is_an_observation_that_says_why(written: str, told: str) -> None:
    result, roles = await solve([CALLER, CALLER, CONCLUDE], [written, GOOD], ["Yes."])
    assert "Observation: error: " in prompts(roles["planner"])[1]
    assert told in prompts(roles["planner"])[1]
    assert (json.loads(result.final.answer), result.stop) == (MADE, StopReason.SATISFIED)


async def test_what_needs_no_guess_is_repaired_and_called() -> None:
    result, _ = await solve([CALLER, CONCLUDE], ["wether(city='Bonn', days='2')"], ["Yes."])
    assert json.loads(result.final.answer) == [{"name": "weather", "arguments": {"city": "Bonn", "days": 2}}]
    assert [revision.accepted for revision in result.revisions] == [True, True]
    assert result.verdicts[0].evidence == '"rain in Bonn for 2 days"'


async def test_several_calls_in_one_step() -> None:
    result, _ = await solve([CALLER, CONCLUDE], [json.dumps(MADE * 2)], ["Yes."], calls=2)
    assert json.loads(result.final.answer) == MADE * 2


@pytest.mark.parametrize(
    ("name", "cause"), [("fail", "raised"), ("hang", "timeout"), ("flood", "too_big"), ("odd", "not_json")]
)
async def test_a_function_that_fails_is_an_observation_and_the_run_goes_on(name: str, cause: str) -> None:
    bad = f"Action: {name}\nAction Input: None"
    result, roles = await solve([CALLER, CALLER, CONCLUDE], [bad, GOOD], ["Yes."], functions=catalogue(seconds=1.0))
    assert f"Observation: error: {cause}: {name}" in prompts(roles["planner"])[1]
    assert (json.loads(result.final.answer), result.stop, result.errors) == (MADE, StopReason.SATISFIED, ())
    assert [verdict.passed for verdict in result.verdicts] == [False, True]


async def test_a_long_result_is_cut() -> None:
    result, roles = await solve([CALLER, CONCLUDE], [GOOD], ["Yes."], observation=5)
    assert 'Observation: "rain ... (cut; 25 characters in all)' in prompts(roles["planner"])[1]
    assert len(result.verdicts[0].evidence) < 50


async def test_a_server_that_dies_in_a_call_is_an_observation_and_is_started_again() -> None:
    pytest.importorskip("mcp")
    functions = [{"name": "add", "parameters": {"properties": {"first": {"type": "integer"}}}}, {"name": "die"}]
    given = ToolCallTask(request="Add 1 and 1.", functions=functions)
    calls: list[Reply] = ["die()", "[add(first=1)]"]
    result, roles = await solve([CALLER, CALLER, CONCLUDE], calls, ["2"], given, f"mcp:{sys.executable} {SERVER} stdio")
    assert "Observation: error: server_gone" in prompts(roles["planner"])[1]
    assert "Observation: 2" in prompts(roles["planner"])[2]
    assert (result.final.text, result.stop, result.errors) == ("2", StopReason.SATISFIED, ())


async def test_many_items_share_the_functions() -> None:
    def reply(request: ChatRequest) -> str:
        system, user = request.messages[0].content, request.messages[-1].content
        if "You plan" in system:
            return CONCLUDE if "Observation" in user else CALLER
        return GOOD if "You write calls" in system else "Yes."

    async with redraft.workflow("alpha-umi", Scripted(reply), functions=[weather]) as flow:
        results = await asyncio.gather(*(flow.awalk(task("weather")) for _ in range(20)))
    assert {result.final.text for result in results} == {"Yes."}


@pytest.mark.parametrize(
    ("given", "functions", "cause"),
    [
        (task(), None, "no_functions"),
        (task(), "mcp:no-such-command", "no_functions"),
        (task(), [weather], "unknown_functions"),
        (ToolCallTask(request="Rain?", functions=[{"name": "weather"}] * 2), [weather], "bad_functions"),
    ],
)
async def test_functions_that_are_not_there_fail_the_item(
    given: ToolCallTask, functions: AnyFunctions | None, cause: str
) -> None:
    flow = redraft.workflow("alpha-umi", silent(), functions=functions)
    result = await flow.arun(given)
    assert (result.stop, [error.cause for error in result.errors]) == (StopReason.FAILED, [cause])


async def test_a_run_without_functions_says_so_before_the_first_item() -> None:
    with pytest.raises(ConfigError, match="no functions are given"):
        await redraft.workflow("alpha-umi", silent()).connect()


@pytest.mark.parametrize("roles", [{"planner": [weather]}, {"functions": silent()}])
def test_functions_and_models_have_roles_of_their_own(roles: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="functions"):
        redraft.workflow("alpha-umi", silent(), roles=roles)


async def test_a_draft_that_holds_calls_is_the_first_step() -> None:
    given = task(draft=json.dumps(MADE))
    result, roles = await solve([CONCLUDE], [], ["Yes."], given)
    assert (json.loads(result.final.answer), total(roles.values())) == (MADE, 2 * 1)
    assert "rain in Bonn" in prompts(roles["planner"])[0]
    assert [draft.node for draft in result.drafts] == ["input", "conclude"]


async def test_a_draft_that_holds_none_is_told_to_the_planner() -> None:
    result, roles = await solve([GIVE_UP], [], [], task(draft="It will rain."))
    assert "no tool call" in prompts(roles["planner"])[0]
    assert (result.final, result.stop) == (Draft(text="It will rain.", node="input"), StopReason.GAVE_UP)


@pytest.mark.parametrize(
    ("replies", "stop", "kept"),
    [
        (([BadRequest("gone")], [], []), StopReason.FAILED, False),
        (([CALLER], [BadRequest("gone")], []), StopReason.FAILED, False),
        (([CALLER, BudgetSpent("spent")], [GOOD], []), StopReason.BUDGET, True),
        (([CALLER, CONCLUDE], [GOOD], [BadRequest("gone")]), StopReason.FAILED, True),
        (([CALLER, CONCLUDE], [GOOD], ["<think>"]), StopReason.UNPARSED, True),
    ],
)
async def test_a_missing_reply_keeps_the_calls_so_far(
    replies: tuple[list[Reply], list[Reply], list[Reply]], stop: StopReason, kept: bool
) -> None:
    result, _ = await solve(*replies)
    assert result.stop is stop
    assert (json.loads(result.final.text) if result.final else None) == (MADE if kept else None)


async def test_guided_decoding_holds_the_planner_to_its_form_and_the_caller_to_the_functions() -> None:
    _, roles = await solve([CALLER, CONCLUDE], [json.dumps(MADE)], ["Yes."], guided=True)
    assert roles["caller"].requests[0].constraint == guide(task().model_copy(update={"most": 1}))
    assert roles["planner"].requests[0].constraint == FORM
    assert all(re.fullmatch(FORM.pattern, plan) for plan in (CALLER, CONCLUDE, GIVE_UP))


async def test_demonstrations_are_shown_the_likest_first(tmp_path: Path) -> None:
    def line(city: str, name: str = "weather") -> str:
        made = {"call": {"name": name, "arguments": {"city": city}}, "text": '"sun"'}
        return json.dumps({"request": f"Will it rain in {city}?", "calls": [made], "answer": "No."})

    path = tmp_path / "shots.jsonl"
    path.write_text("\n".join([line("Paris"), line("Bonn"), line("Bonn", "other"), ""]))
    _, roles = await solve([CONCLUDE], [], ["Yes."], demonstrations=path, shots=1)
    asked = roles["planner"].requests[0].messages[0].content
    assert 'Action Input: {"city": "Bonn"}\nObservation: "sun"\nAnswer: No.' in asked
    assert "Paris" not in asked
    assert "Action: other" not in asked


@pytest.mark.parametrize("text", ["{", '{"request": "x"}', '{"request": "x", "calls": [], "answer": ""}', "[1]", None])
def test_a_file_of_no_demonstrations_is_said_so(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "shots.jsonl"
    if text is not None:
        path.write_text(f"\n{text}\n")
    with pytest.raises(ConfigError, match="line 2" if text else "cannot be read"):
        redraft.workflow("alpha-umi", silent(), functions=[weather], demonstrations=path)
