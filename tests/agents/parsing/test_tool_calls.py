"""Tool calls as models really write them; and never a call that is not in the reply."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.agents.parsing.tool_calls import parse_tool_calls
from redraft.schema import ToolCall, Unparsed

WEATHER = ToolCall(name="weather", arguments={"city": "Bonn", "days": 2})
CLOCK = ToolCall(name="clock.now", arguments={})
ARGUMENTS = '{"city": "Bonn", "days": 2}'


@pytest.mark.parametrize(
    "reply",
    [
        f'[{{"type": "function", "id": "1", "function": {{"name": "weather", "arguments": {json.dumps(ARGUMENTS)}}}}}]',
        f'{{"role": "assistant", "content": null, "tool_calls": [{{"id": "1", "type": "function", '
        f'"function": {{"name": "weather", "arguments": {ARGUMENTS}}}}}]}}',
        f'{{"function_call": {{"name": "weather", "arguments": {json.dumps(ARGUMENTS)}}}}}',
        f'<tool_call>\n{{"name": "weather", "arguments": {ARGUMENTS}}}\n</tool_call>',
        f'<think>Or {{"name": "clock.now"}}?</think>\n<tool_call>{{"name": "weather", "arguments": {ARGUMENTS}}}',
        f'[TOOL_CALLS][{{"name": "weather", "arguments": {ARGUMENTS}}}]',
        f"[TOOL_CALLS]weather[ARGS]{ARGUMENTS}",
        f"[TOOL_CALLS]weather[CALL_ID]a1b2c3[ARGS]{ARGUMENTS}",
        f'<|python_tag|>{{"name": "weather", "parameters": {ARGUMENTS}}}<|eom_id|>',
        f'{{"type": "function", "name": "weather", "parameters": {ARGUMENTS}}}',
        f"<function=weather>{ARGUMENTS}</function>",
        "[weather(city='Bonn', days=2)]",
        'weather(city="Bonn", days=2)',
        '<|python_tag|>weather(city="Bonn", days=2)',
        '```python\nweather(\n    city="Bonn",\n    days=2,\n)\n```',
        "Here:\n\n```json\n{'name': 'weather', 'arguments': {'city': 'Bonn', 'days': 2,}}\n```\nOne moment.",
        '{\n  // the town\n  "name": "weather",\n  "arguments": {"city": "Bonn", # days ahead\n "days": 2},\n}',
        f'Tool call: {{"tool": "weather", "args": {ARGUMENTS}}}',
        f'weather:\n{{"action": "weather", "action_input": {ARGUMENTS}}}',
    ],
)
def test_every_format_says_the_same_call(reply: str) -> None:
    assert parse_tool_calls(reply) == (WEATHER,)


@pytest.mark.parametrize(
    "reply",
    [
        f'<tool_call>{{"name": "weather", "arguments": {ARGUMENTS}}}</tool_call>\n'
        '<tool_call>\n{"name": "clock.now"}\n</tool_call>',
        "[weather(city='Bonn', days=2), clock.now()]",
        "weather(city='Bonn', days=2)\nclock.now()",
        f"[TOOL_CALLS]weather[ARGS]{ARGUMENTS}[TOOL_CALLS]clock.now[ARGS]{{}}",
        f'<|python_tag|>{{"name": "weather", "parameters": {ARGUMENTS}}}; {{"name": "clock.now", "parameters": {{}}}}',
        f'{{"name": "weather", "arguments": {ARGUMENTS}}}\n{{"name": "clock.now", "arguments": null}}',
    ],
)
def test_several_calls_keep_their_order(reply: str) -> None:
    assert parse_tool_calls(reply) == (WEATHER, CLOCK)


@pytest.mark.parametrize(
    "reply",
    [
        "<tool_call>\n<function=weather>\n<parameter=city>\nBonn\n</parameter>\n<parameter=days>\n2\n</parameter>\n"
        "</function>\n</tool_call>",
        "<tool_call>weather\n<arg_key>city</arg_key>\n<arg_value>Bonn</arg_value>\n<arg_key>days</arg_key>\n"
        "<arg_value>2</arg_value>\n</tool_call>",
    ],
)
def test_formats_without_types_give_texts(reply: str) -> None:
    assert parse_tool_calls(reply) == (ToolCall(name="weather", arguments={"city": "Bonn", "days": "2"}),)


def test_an_empty_list_calls_nothing() -> None:
    assert parse_tool_calls("[]") == ()


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("It is sunny in Bonn.", "no tool call"),
        ('{"city": "Bonn", "days": 2}', "no tool call"),
        ('{"name": "Bonn"}', "no tool call"),
        ("", "an empty reply"),
        ('<tool_call>{"name": "weather", "arguments": {"city": "Bo', "cut short"),
        ('{"name": "weather", "arguments": {"city": "Bonn"', "cut short"),
        ("weather(city='Bonn'", "cut short"),
        ("weather('Bonn')", "without a name"),
        ("weather(city=town)", "no literal"),
        ("weather(days=2 * 3)", "no literal"),
        ("weather(city=nearest())", "no literal"),
        ("weather(days=1e999)", "not JSON compliant"),
        ('{"name": "weather", "arguments": {"days": 1, "days": 2}}', "stands twice"),
        ('{"name": "weather", "arguments": "Bonn"}', "Bonn"),
        ('{"name": "weather", "arguments": [1]}', "no object"),
        ('{"name": "weather", "arguments": {"city": "\\ud800"}}', "surrogates"),
        ("weather(days=1)\nor perhaps\nweather(days=2)", "several places"),
        ('<tool_call>{"name": "weather", "arguments": {}}</tool_call><tool_call>?</tool_call>', "cannot be read"),
        ("<tool_call></tool_call>", "nothing between the marks"),
    ],
)
def test_what_is_no_call_or_a_guess_is_unparsed(reply: str, reason: str) -> None:
    read = parse_tool_calls(reply)
    assert isinstance(read, Unparsed)
    assert reason in read.reason


def test_the_same_call_shown_twice_is_one() -> None:
    shown = f'{{"name": "weather", "arguments": {ARGUMENTS}}}'
    assert parse_tool_calls(f"{shown}\n\nSo the call is\n\n{shown}") == (WEATHER,)


@pytest.mark.parametrize(
    "piece", ["[", "{", "f(", '{"name":', "<tool_call>", "<function=f>", "[TOOL_CALLS]", "f(a=-", "'"]
)
def test_hostile_replies_are_read_in_linear_time_and_never_raise(piece: str) -> None:
    assert isinstance(parse_tool_calls(piece * 20_000), Unparsed)


WORDS = st.sampled_from(["a", "city", "get_weather", "x2", "_private", "Größe"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
CALLS = st.lists(
    st.builds(
        ToolCall,
        name=st.lists(WORDS, min_size=1, max_size=3).map(".".join),
        arguments=st.dictionaries(WORDS, VALUES, max_size=3),
    ),
    min_size=1,
    max_size=3,
)


@settings(deadline=None, max_examples=60)
@given(CALLS)
def test_what_was_written_is_read_back(calls: list[ToolCall]) -> None:
    as_json = json.dumps([call.model_dump() for call in calls])
    as_python = ", ".join(
        f"{call.name}({', '.join(f'{key}={value!r}' for key, value in call.arguments.items())})" for call in calls
    )
    tagged = "".join(f"<tool_call>{json.dumps(call.model_dump())}</tool_call>" for call in calls)
    for reply in (as_json, f"[{as_python}]", tagged):
        assert parse_tool_calls(reply) == tuple(calls)


@settings(deadline=None)
@given(st.text(alphabet="{}[](),:'\"=<>/fa1 \n-.#*\\"))
def test_no_reply_makes_it_raise(reply: str) -> None:
    assert isinstance(parse_tool_calls(reply), (tuple, Unparsed))
