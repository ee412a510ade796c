"""Calls against schemas: every fault by its name, and schemas that would run for ever said so."""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from redraft.errors import ConfigError
from redraft.schema import FunctionSchema, ToolCall
from redraft.tools.functions.check import Checker
from redraft.tools.functions.faults import FaultKind

PARAMETERS: dict[str, JsonValue] = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer", "minimum": 1},
        "unit": {"enum": ["C", "F"]},
        "stops": {"type": "array", "items": {"type": "object", "properties": {"at": {"type": "string"}}}},
        "limit": {"anyOf": [{"type": "integer"}, {"const": "all"}]},
    },
    "required": ["city"],
}
WEATHER = FunctionSchema(name="weather", parameters=PARAMETERS)


def faults(arguments: dict[str, JsonValue], schema: FunctionSchema = WEATHER, name: str = "weather") -> list[str]:
    found = Checker([schema]).faults([ToolCall(name=name, arguments=arguments)])
    return [f"{fault.kind.value}: {fault.message}" for fault in found]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"city": "Bonn", "days": 2, "unit": "C", "limit": "all", "stops": [{"at": "noon"}]}, None),
        ({}, "missing_argument: the argument city is missing"),
        ({"city": 5}, "ill_typed_argument: city must be of type string, not 5"),
        ({"city": "Bonn", "days": True}, "ill_typed_argument: days must be of type integer, not true"),
        ({"city": "Bonn", "days": 0}, "wrong_value: days: 0 is less than the minimum of 1"),
        ({"city": "Bonn", "unit": "K"}, 'wrong_value: unit must be one of "C", "F", not "K"'),
        ({"city": "Bonn", "limit": "some"}, 'ill_typed_argument: limit is none of what it may be (anyOf): "some"'),
        ({"city": "Bonn", "stops": [{"at": 1}]}, "ill_typed_argument: stops[0].at must be of type string, not 1"),
        (
            {"city": "Bonn", "wind": 1},
            'unknown_argument: there is no argument \'wind\'; there are "city", "days", "unit", "stops", "limit"',
        ),
        (
            {"city": "Bonn", "stops": [{"to": 1}]},
            "unknown_argument: there is no argument 'stops[0].to'; there are \"at\"",
        ),
    ],
)
def test_each_fault_is_named_with_its_place(arguments: dict[str, JsonValue], said: str | None) -> None:
    assert faults(arguments) == ([said] if said else [])


def test_an_unknown_function_is_told_what_there_is() -> None:
    assert faults({}, name="wether") == ["unknown_function: there is no function 'wether'; there are \"weather\""]


@pytest.mark.parametrize(("count", "kinds"), [(0, ["wrong_count"]), (1, []), (2, []), (3, ["wrong_count"])])
def test_calls_are_counted(count: int, kinds: list[str]) -> None:
    calls = [ToolCall(name="weather", arguments={"city": "Bonn"})] * count
    assert [fault.kind.value for fault in Checker([WEATHER], least=1, most=2).faults(calls)] == kinds


def test_the_names_of_types_that_people_write_by_hand_are_understood() -> None:
    by_hand: dict[str, JsonValue] = {
        "type": "dict",
        "properties": {"x": {"type": "float"}, "y": {"type": "tuple", "items": {"type": "int"}}, "z": {"type": "any"}},
    }
    schema = FunctionSchema(name="weather", parameters=by_hand)
    assert faults({"x": 1, "y": [2], "z": None}, schema) == []
    assert len(faults({"x": "1", "y": [2.5]}, schema)) == 2


def test_a_schema_that_allows_other_arguments_is_believed() -> None:
    schema = FunctionSchema(name="weather", parameters={"properties": {}, "additionalProperties": {"type": "integer"}})
    assert faults({"anything": 1}, schema) == []
    assert len(faults({"anything": "1"}, schema)) == 1


def test_two_functions_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="same name"):
        Checker([WEATHER, WEATHER])


TREE: dict[str, JsonValue] = {
    "type": "object",
    "properties": {"root": {"$ref": "#/$defs/node"}},
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "next": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
            "required": ["name"],
        }
    },
}


def test_recursive_schemas_are_checked() -> None:
    schema = FunctionSchema(name="weather", parameters=TREE)
    good: JsonValue = {"name": "a"}
    bad: JsonValue = {"next": []}
    for _ in range(20):
        good, bad = {"name": "a", "next": [good]}, {"name": "a", "next": [bad]}
    assert faults({"root": good}, schema) == []
    (fault,) = faults({"root": bad}, schema)
    assert fault.startswith("missing_argument: the argument root.next[0].next[0]")


def test_a_union_that_doubles_with_every_level_is_not_run() -> None:
    again: JsonValue = {"type": "object", "properties": {"x": {"$ref": "#/$defs/n"}}, "required": ["x"]}
    parameters: dict[str, JsonValue] = {
        "properties": {"x": {"$ref": "#/$defs/n"}},
        "$defs": {"n": {"anyOf": [again, again, {"type": "integer"}]}},
    }
    value: JsonValue = "a"
    for _ in range(60):
        value = {"x": value}
    (fault,) = faults({"x": value}, FunctionSchema(name="weather", parameters=parameters))
    assert fault.startswith("unchecked: weather cannot be checked: the check would take")


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"type": "nonsense"}, "no JSON Schema"),
        ({"properties": {"x": {"pattern": "("}}}, "no JSON Schema"),
        ({"properties": {"x": {"$ref": "http://localhost/schema"}}}, "leads out of the schema"),
        ({"properties": {"x": {"$ref": "#/$defs/none"}}}, "leads nowhere"),
        ({"properties": {"x": {"$id": "other", "type": "string"}}}, "$id of its own"),
    ],
)
def test_a_schema_that_is_none_is_the_functions_fault(parameters: dict[str, JsonValue], why: str) -> None:
    (fault,) = faults({"x": "a"}, FunctionSchema(name="weather", parameters=parameters))
    assert fault.startswith("unchecked: ")
    assert why in fault


@pytest.mark.parametrize("parameters", [{"$ref": "#"}, {"allOf": [{"$ref": "#"}]}])
def test_a_schema_that_is_itself_ends(parameters: dict[str, JsonValue]) -> None:
    assert faults({}, FunctionSchema(name="weather", parameters=parameters)) == []


def test_a_huge_enum_is_told_in_short() -> None:
    parameters: dict[str, JsonValue] = {"properties": {"x": {"enum": list(range(100_000))}}}
    (fault,) = faults({"x": -1}, FunctionSchema(name="weather", parameters=parameters))
    assert fault == "wrong_value: x must be one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 99,990 more, not -1"


def test_the_kinds_are_the_fields_taxonomy() -> None:
    assert {"unparsable", "unknown_function", "missing_argument", "unknown_argument", "ill_typed_argument"} < set(
        FaultKind
    )
    assert {"wrong_count", "wrong_order"} < set(FaultKind)
