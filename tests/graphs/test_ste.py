"""STE, branch by branch, with models that speak from a script and functions that are really called."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

import redraft
from redraft import Result, StopReason, ToolCallTask, Unparsed
from redraft.graphs.demonstrations import read_demonstrations
from redraft.graphs.ste_memory import Trial, demonstrations, long_term
from redraft.models.base import ChatRequest
from redraft.models.errors import BadRequest, BudgetSpent
from redraft.models.scripted import Reply, Scripted
from redraft.tools.functions.source import AnyFunctions
from tests.graphs.functions import catalogue, task
from tests.graphs.script import lines, prompts, silent, total

pytest.importorskip("docstring_parser")
pytest.importorskip("jsonschema_rs")

GOOD = 'Action: weather\nAction Input: {"city": "Bonn"}'
ANSWER = "Final Answer: It will rain in Bonn."
SERVER = Path(__file__).parent.parent / "tools" / "functions" / "mcp_server.py"
ONE = {"episodes": 1, "trials": 1}


def judge(*words: str) -> Scripted:
    """A judge that says `words` in order, each under the code it is asked for."""
    left = iter(words)

    def reply(request: ChatRequest) -> str:
        word = next(left)
        code = re.findall(r"Verdict (\d+): X", request.messages[-1].content)[-1]
        return f"So it is.\nVerdict {code}: {word}" if word in ("Yes", "No") else word

    return Scripted(reply)


async def explore(
    explorer: list[Reply],
    caller: list[Reply],
    critic: list[str],
    given: ToolCallTask | None = None,
    functions: AnyFunctions | None = None,
    **settings: object,
) -> tuple[Result, dict[str, Scripted]]:
    roles = {"explorer": lines(*explorer), "caller": lines(*caller), "critic": judge(*critic)}
    functions = catalogue(seconds=1.0) if functions is None else functions
    async with redraft.workflow("ste", silent(), roles=roles, functions=functions, **settings) as flow:
        return await flow.arun(given or task("weather")), roles


async def test_a_solved_trial_becomes_a_demonstration() -> None:
    result, roles = await explore(["Rain in Bonn?"], [GOOD, ANSWER], ["Yes"], **ONE)
    (made,) = [json.loads(line) for line in result.final.text.split("\n")]
    assert (made["request"], made["answer"]) == ("Rain in Bonn?", "It will rain in Bonn.")
    assert [each["call"]["name"] for each in made["calls"]] == ["weather"]
    assert made["calls"][0]["text"] == '"rain in Bonn for 1 days"'
    assert result.stop is StopReason.COMPLETED
    assert result.scores == {"trials": 1, "solved": 1, "unjudged": 0, "unimagined": 0, "demonstrations": 1}
    assert total(roles.values()) == 1 + 2 + 1
    assert [(verdict.verifier, verdict.passed) for verdict in result.verdicts] == [
        ("functions", True),
        ("critic", True),
    ]
    assert (result.signal, result.drafts[0].node) == ("tool", "trial")


async def test_the_papers_numbers_are_the_defaults_and_calls_keep_to_the_formula() -> None:
    def reply(request: ChatRequest) -> str:
        asked = request.messages[-1].content
        if code := re.search(r"Verdict (\d+): X", asked):
            return f"Verdict {code[1]}: No"
        if asked.startswith("Imagine"):
            return f"Rain in city {len(model.requests)}?"
        return ANSWER if "Nothing more can be called" in asked else GOOD

    model = Scripted(reply)
    result = await redraft.workflow("ste", model, functions=catalogue()).awalk(task("weather"))
    assert len(model.requests) == 15 * 4 * (2 + 4)
    assert result.scores["trials"] == 60
    assert result.stop is StopReason.COMPLETED


async def test_both_memories_go_into_the_next_request() -> None:
    asks: list[Reply] = [f"Request {n}?" for n in range(4)]
    _, roles = await explore(
        asks, [GOOD, ANSWER, "Final Answer: No idea."] + [ANSWER] * 2, ["Yes", "No", "Yes", "Yes"], episodes=2, trials=2
    )
    first, second, third, _ = prompts(roles["explorer"])
    assert "former sessions" not in first
    assert "in this session" not in first
    assert 'Request: Request 0?\nAction: weather\nAction Input: {"city": "Bonn"}' in second
    assert "Answer: It will rain in Bonn.\nSolved: yes" in second
    assert "- Request 0? (solved: yes)\n- Request 1? (solved: no)" in third
    assert "Action:" not in third
    assert {request.sampling.temperature for request in roles["explorer"].requests} == {1.0}
    assert {request.sampling.temperature for request in roles["caller"].requests} == {0.0}


async def test_every_function_is_explored_in_its_turn_with_a_memory_of_its_own() -> None:
    result, roles = await explore(["A?", "B?"], [ANSWER, ANSWER], ["Yes", "Yes"], task("weather", "fail"), **ONE)
    assert ["weather" in prompts(roles["explorer"])[0], "fail" in prompts(roles["explorer"])[1]] == [True, True]
    assert "A?" not in prompts(roles["explorer"])[1]
    # Solved without a call of the function is nothing to show.
    assert (result.scores["solved"], result.scores["demonstrations"], result.final.text) == (2, 0, "")


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("Let me think.", "no call could be read: no tool call"),
        ("Action: weather\nAction Input: {}", "the argument city is missing"),
        ("Action: fail\nAction Input: {}", "error: raised: fail raised ValueError: no luck"),
        ("Action: hang\nAction Input: {}", "error: timeout"),
        ("Action: flood\nAction Input: {}", "error: too_big"),
        ("Action: odd\nAction Input: {}", "error: not_json"),
    ],
)
async def test_what_went_wrong_is_observed_and_left_out_of_the_demonstration(bad: str, told: str) -> None:
    result, roles = await explore(["Rain?", *["<think>"] * 4], [bad, GOOD, ANSWER], ["Yes"], task(), **ONE)
    assert told in prompts(roles["caller"])[1]
    assert result.scores["demonstrations"] == 1
    assert len(json.loads(result.final.text)["calls"]) == 1


async def test_a_request_that_cannot_be_read_is_counted_and_passed_over() -> None:
    result, roles = await explore(["<think>", "Rain?"], [GOOD, ANSWER], ["Yes"], episodes=1, trials=2)
    assert (result.scores["trials"], result.scores["unimagined"], len(result.unparsed)) == (1, 1, 1)
    assert [request.sample for request in roles["explorer"].requests] == [0, 1]


async def test_a_trial_whose_turns_end_without_an_answer_is_not_solved_and_nobody_is_asked() -> None:
    result, roles = await explore(["Rain?"], [GOOD] * 2, [], turns=2, **ONE)
    assert (result.scores["solved"], result.scores["unjudged"], total(roles.values())) == (0, 0, 3)
    assert ["Nothing more" in asked for asked in prompts(roles["caller"])] == [False, True]


async def test_a_judgement_that_cannot_be_read_is_none() -> None:
    result, roles = await explore(["A?", "B?"], [GOOD, ANSWER, ANSWER], ["Yes, surely", "Yes"], episodes=2, trials=1)
    assert (result.scores["unjudged"], result.scores["solved"], result.scores["demonstrations"]) == (1, 1, 0)
    assert isinstance(result.verdicts[1], Unparsed)
    assert "- A? (solved: not known)" in prompts(roles["explorer"])[1]


async def test_a_trial_without_a_reply_is_given_up_and_the_next_one_goes_on() -> None:
    result, _ = await explore(["A?", "B?"], [BadRequest("too long"), GOOD, ANSWER], ["Yes"], episodes=1, trials=2)
    assert (result.scores["unjudged"], result.scores["demonstrations"]) == (1, 1)
    assert (result.stop, [error.cause for error in result.errors]) == (StopReason.COMPLETED, ["bad_request"])


@pytest.mark.parametrize(
    ("explorer", "caller", "stop"),
    [
        (["A?", BadRequest("gone")], [GOOD, ANSWER], StopReason.FAILED),
        (["A?", BudgetSpent("spent")], [GOOD, ANSWER], StopReason.BUDGET),
        (["A?", "B?"], [GOOD, ANSWER, BudgetSpent("spent")], StopReason.BUDGET),
    ],
)
async def test_what_was_learnt_before_the_end_is_kept(
    explorer: list[Reply], caller: list[Reply], stop: StopReason
) -> None:
    result, _ = await explore(explorer, caller, ["Yes"])
    assert (result.stop, result.scores["demonstrations"]) == (stop, 1)
    assert json.loads(result.final.text)["request"] == "A?"


async def test_more_functions_than_are_explored_at_once_are_refused() -> None:
    flow = redraft.workflow("ste", silent(), functions=catalogue(), most=2)
    result = await flow.arun(task())
    assert (result.stop, [error.cause for error in result.errors]) == (StopReason.FAILED, ["too_many_functions"])


def test_only_what_is_known_to_work_is_shown() -> None:
    assert demonstrations([Trial(function="f", episode=0, request="x", answer="y", solved=True)]) == []
    assert long_term([Trial(function="f", episode=0, request="a\nb")]) == "- a b (solved: not known)"


async def test_requests_that_are_the_same_give_one_demonstration() -> None:
    result, _ = await explore(["Rain?", "rain? "], [GOOD, ANSWER] * 2, ["Yes"] * 2, episodes=2, trials=1)
    assert (result.scores["solved"], result.scores["demonstrations"]) == (2, 1)


async def test_a_real_server_is_explored_and_its_death_is_an_observation() -> None:
    pytest.importorskip("mcp")
    functions = [{"name": "add", "parameters": {"properties": {"first": {"type": "integer"}}}}, {"name": "die"}]
    given = ToolCallTask(request="arithmetic", functions=functions)
    calls: list[Reply] = ["die()", "add(first=1)", "Final Answer: 2"]
    server = f"mcp:{sys.executable} {SERVER} stdio"
    result, roles = await explore(["1 + 1?", "<think>"], calls, ["Yes"], given, server, **ONE)
    assert "error: server_gone" in prompts(roles["caller"])[1]
    assert [each["text"] for each in json.loads(result.final.text)["calls"]] == ["2"]


async def test_what_a_run_wrote_is_read_back_and_shown_to_another_method(tmp_path: Path) -> None:
    result, _ = await explore(["Rain in Bonn?"], [GOOD, ANSWER], ["Yes"], **ONE)
    empty, _ = await explore(["Rain?"], [ANSWER], ["Yes"], **ONE)
    out = tmp_path / "explored.jsonl"
    records = [{"id": "1", "result": json.loads(each.model_dump_json())} for each in (result, empty)]
    out.write_text("\n".join(map(json.dumps, [*records, {"id": "3", "error": {"cause": "x", "message": "y"}}])))
    (found,) = read_demonstrations(out)
    assert (found.request, found.calls[0].call.arguments) == ("Rain in Bonn?", {"city": "Bonn"})

    planner, answers = lines("Next: conclusion."), lines("Yes.")
    roles = {"planner": planner, "caller": silent(), "summarizer": answers}
    flow = redraft.workflow("alpha-umi", silent(), roles=roles, functions=catalogue(), demonstrations=out)
    await flow.arun(task("weather"))
    assert "Request: Rain in Bonn?\nAction: weather" in planner.requests[0].messages[0].content
