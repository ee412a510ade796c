"""A turn of a model that acts, in the formats it may come in; and a planner's mark."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft.agents.parsing.action import parse_action, parse_turn
from redraft.agents.parsing.next_role import Plan, parse_plan
from redraft.schema import ToolCall, Unparsed

BONN = (ToolCall(name="weather", arguments={"city": "Bonn"}),)


@pytest.mark.parametrize(
    "text",
    [
        'Action: weather\nAction Input: {"city": "Bonn"}',
        'Thought: now.\nAction: weather\nAction Input:\n{"city": "Bonn"}',
        "**Action:** `weather`\n**Action Input:** {'city': 'Bonn',}",
        'Action: weather\nAction Input: ```json\n{"city": "Bonn"}\n```',
        'Action: weather\nAction Input: {"city": "Bonn"}\nObservation: rain\nFinal Answer: It rains.',
        '[{"name": "weather", "arguments": {"city": "Bonn"}}]',
        '<tool_call>{"name": "weather", "arguments": {"city": "Bonn"}}</tool_call>',
        "weather(city='Bonn')",
        '<think>Action: snow\nAction Input: {}</think>Action: weather\nAction Input: {"city": "Bonn"}',
    ],
)
def test_calls_are_read_in_every_format_and_nothing_after_a_made_up_observation(text: str) -> None:
    assert parse_action(text) == parse_turn(text) == BONN


@pytest.mark.parametrize("nothing", ["{}", "None", "", "null", "N/A"])
def test_a_call_may_have_no_arguments(nothing: str) -> None:
    assert parse_action(f"Action: now\nAction Input: {nothing}") == (ToolCall(name="now"),)


def test_two_actions_are_two_calls() -> None:
    one = 'Action: weather\nAction Input: {"city": "Bonn"}'
    assert parse_action(f"{one}\n{one}") == BONN * 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("It will rain.", "no tool call"),
        ("Observation: rain", "no tool call"),
        ('Action Input: {"city": "Bonn"}', "0 actions before an Action Input"),
        ('Action: a\nAction: b\nAction Input: {"city": "Bonn"}', "2 actions before an Action Input"),
        ('Action:\nAction Input: {"city": "Bonn"}', "before an Action Input"),
        ('Action: weather\nAction Input: {"city": "Bo', "cut short"),
        ("Action: weather\nAction Input: Bonn", "cannot be read"),
        ("Action: weather\nAction Input: [1]", "no JSON object"),
        ("Final Answer:", "no tool call"),
        ("", "an empty reply"),
    ],
)
def test_what_is_no_call_is_none(text: str, reason: str) -> None:
    found = parse_action(text)
    assert isinstance(found, Unparsed)
    assert reason in found.reason
    assert found.raw == text


@pytest.mark.parametrize(
    "text", ["Final Answer: It rains.", "Thought: so.\n**Final Answer:** It rains.", "final_answer:\nIt rains.\n"]
)
def test_an_answer_ends_the_trial(text: str) -> None:
    assert parse_turn(text) == "It rains."


@pytest.mark.parametrize("text", ["Final Answer:", "Final Answer:\nObservation: x", "It rains."])
def test_what_is_no_answer_is_none(text: str) -> None:
    assert isinstance(parse_turn(text), Unparsed)


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("The weather first.\nNext: caller.", Plan("The weather first.", "caller")),
        ("Enough. Next: conclusion.", Plan("Enough.", "conclusion")),
        ("**Next:** Give up", Plan("", "give up")),
        ("Hm.\nNEXT: give_up.\nAction: weather", Plan("Hm.", "give up")),
        ("Next: caller.\nNext: caller.", Plan("", "caller")),
    ],
)
def test_a_planner_says_who_is_next(text: str, plan: Plan) -> None:
    assert parse_plan(text) == plan


@pytest.mark.parametrize(
    "text", ["", "The caller should go on.", "Next: caller. Next: conclusion.", "Next: the caller", "Next, caller."]
)
def test_a_planner_that_names_nobody_or_two_is_not_read(text: str) -> None:
    assert isinstance(parse_plan(text), Unparsed)


PIECES = [
    "Action:",
    "Action Input:",
    "Final Answer:",
    "Observation:",
    "Next:",
    " caller",
    " f",
    "{",
    "}",
    '"a"',
    ":",
    "1",
]


@given(st.lists(st.sampled_from([*PIECES, "\n", "\n", " ", "`", "*", "</think>", "\ud800"]), max_size=30).map("".join))
def test_no_reply_breaks_a_parser(text: str) -> None:
    for parse in (parse_action, parse_turn, parse_plan):
        found = parse(text)
        if isinstance(found, Unparsed):
            found.model_dump_json()
