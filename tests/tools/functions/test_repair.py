"""Repairs without a model: what has one way out is repaired, with a reason; what has two or none is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from redraft.schema import FunctionSchema, ToolCall
from redraft.tools.functions.check import Checker
from redraft.tools.functions.repair import nearest, repair, same_value

PARAMETERS: dict[str, JsonValue] = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer"},
        "unit": {"enum": ["Celsius", "Fahrenheit"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "scale": {"type": "array", "items": {"type": "number"}},
        "place": {"type": "object", "properties": {"lat": {"type": "number"}}, "required": ["lat"]},
        "hourly": {"type": "boolean"},
        "limit": {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "string"}}]},
        "version": {"const": 2},
    },
    "required": ["city", "version"],
}
CHECKER = Checker([FunctionSchema(name="get_weather", parameters=PARAMETERS), FunctionSchema(name="clock.now")])
RIGHT: dict[str, JsonValue] = {"city": "Bonn", "version": 2}


def repaired(arguments: dict[str, JsonValue], name: str = "get_weather") -> tuple[ToolCall, list[str]]:
    (call,), repairs = repair([ToolCall(name=name, arguments=arguments)], CHECKER)
    return call, [each.reason for each in repairs]


@pytest.mark.parametrize(
    ("given", "wanted", "reason"),
    [
        ({"days": "2"}, {"days": 2}, "days: the number 2 in quotes"),
        ({"scale": ["1.5", 2]}, {"scale": [1.5, 2]}, "scale[0]: the number 1.5 in quotes"),
        ({"hourly": "True"}, {"hourly": True}, "hourly: the truth value True in quotes"),
        ({"unit": "celsius"}, {"unit": "Celsius"}, 'unit: "celsius" is another writing of "Celsius"'),
        ({"tags": "rain"}, {"tags": ["rain"]}, "tags: an item where a list of them is wanted"),
        ({"tags": '["rain"]'}, {"tags": ["rain"]}, "tags: JSON in quotes"),
        ({"days": [2]}, {"days": 2}, "days: a list of one where its item is wanted"),
        ({"place": '{"lat": 1.5}'}, {"place": {"lat": 1.5}}, "place: JSON in quotes"),
        ({"place": {"Lat": 1.5}}, {"place": {"lat": 1.5}}, "place.Lat is a misspelling of lat"),
        ({"dyas": 2}, {"days": 2}, "dyas is a misspelling of days"),
        ({"hourly": None}, {}, "hourly is optional, and null stands for no value"),
    ],
)
def test_what_has_one_way_out_is_repaired(
    given: dict[str, JsonValue], wanted: dict[str, JsonValue], reason: str
) -> None:
    call, reasons = repaired({**RIGHT, **given})
    assert (call.arguments, reasons) == ({**RIGHT, **wanted}, [reason])


def test_what_can_only_have_one_value_is_filled_in() -> None:
    assert repaired({"city": "Bonn"}) == (ToolCall(name="get_weather", arguments=RIGHT), ["version can only be 2"])


@pytest.mark.parametrize(
    "given",
    [
        {"limit": "5"},  # 5, or ["5"]
        {"days": "two"},
        {"days": 2.5},
        {"days": "1,000"},
        {"unit": "Kelvin"},
        {"unit": "Celsius or Fahrenheit"},
        {"wind": 3},
        {"scale": "strong"},
        {"place": [1, 2]},
        {"place": '{"lat": '},
    ],
)
def test_what_has_two_ways_or_none_is_left_alone(given: dict[str, JsonValue]) -> None:
    arguments = {**RIGHT, **given}
    assert repaired(arguments) == (ToolCall(name="get_weather", arguments=arguments), [])


@pytest.mark.parametrize("name", ["getWeather", "GET_WEATHER", "functions.get_weather", "get_wether", "get-weather"])
def test_a_functions_name_is_put_right(name: str) -> None:
    assert repaired(RIGHT, name)[0].name == "get_weather"


@pytest.mark.parametrize(
    ("name", "options", "chosen"),
    [
        ("get_wether", ["get_weather", "get_whether"], None),
        ("deactivate_user", ["activate_user"], None),
        ("decrease", ["increase"], None),
        ("model_3", ["model_4"], None),
        ("min", ["max"], None),
        ("circle.area", ["square.area"], None),
        ("area", ["square.area"], "square.area"),
        ("area", ["square.area", "circle.area"], None),
        ("", ["a"], None),
        ("locaton", ["location", "vocation"], "location"),
    ],
)
def test_a_name_is_a_misspelling_only_of_what_nothing_else_could_be(
    name: str, options: list[str], chosen: str | None
) -> None:
    assert nearest(name, options) == chosen


@pytest.mark.parametrize(
    ("value", "options", "chosen"),
    [
        ("very HIGH", ["very_high", "high"], "very_high"),
        ("-1", ["1"], None),
        ("C++", ["C"], None),
        ("inactive", ["active"], None),
        ("usd", ["USD", "usd "], None),
    ],
)
def test_a_value_is_another_only_by_case_and_space(value: str, options: list[str], chosen: str | None) -> None:
    assert same_value(value, options) == chosen


def test_a_repair_is_recorded_with_the_call_before_and_after() -> None:
    calls = [ToolCall(name="clock.now"), ToolCall(name="get_weather", arguments={**RIGHT, "days": "2"})]
    after, (made,) = repair(calls, CHECKER)
    assert (made.call, made.before, made.after) == (1, calls[1], after[1])
    assert after[0] == calls[0]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["lat", "Lat", "x"]), inner, max_size=2)
    ),
    max_leaves=5,
)
ARGUMENTS = st.dictionaries(st.sampled_from([*PARAMETERS["properties"], "Days", "cty", "wind"]), VALUES, max_size=6)


@settings(deadline=None, max_examples=150)
@given(ARGUMENTS, st.sampled_from(["get_weather", "getWeather", "clock.now", "other"]))
def test_repair_never_adds_a_fault_nor_touches_a_valid_call(arguments: dict[str, JsonValue], name: str) -> None:
    call = ToolCall(name=name, arguments=arguments)
    before = CHECKER.of_call(call)
    (after,), made = repair([call], CHECKER)
    left = CHECKER.of_call(after)
    if not before:
        assert after == call
    if call.name == after.name:
        assert len(left) <= len(before)
    assert repair([after], CHECKER) == ((after,), ()) or len(made) == 20
