"""Calls against right ones: BFCL's own checker, from its own wheel where there is one, and the rules one by one."""

from __future__ import annotations

import importlib
import random
import sys
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace

import pytest
from pydantic import JsonValue

from benchmarks.bfcl import CATEGORIES, Item, correct_all, find_package, mutants, read, right_calls
from redraft.evaluation.metrics.tool_calls import AcceptedCall, accepted_calls, count_faults, match
from redraft.schema import FunctionSchema, ToolCall
from redraft.tools.functions.faults import FaultKind

PARAMETERS: dict[str, JsonValue] = {
    "type": "dict",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer"},
        "scale": {"type": "float"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "place": {"type": "dict", "properties": {"lat": {"type": "float"}}},
    },
    "required": ["city"],
}
FUNCTIONS = [FunctionSchema(name="weather", parameters=PARAMETERS), FunctionSchema(name="clock")]
ACCEPTED = accepted_calls(
    [
        {
            "weather": {
                "city": ["New York", "NYC"],
                "days": [2, ""],
                "scale": [1.0, ""],
                "tags": [["a", "b"], ""],
                "place": [{"lat": [1.5, 2.0]}, ""],
            }
        }
    ]
)


def call(**arguments: JsonValue) -> ToolCall:
    return ToolCall(name="weather", arguments=arguments)


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"city": "NYC"}, None),
        ({"city": "new-york."}, None),
        ({"city": "New York", "days": 2, "scale": 1, "tags": ["A", "b"], "place": {"lat": 2.0}}, None),
        ({"city": "NYC", "tags": []}, None),
        ({"city": "Bonn"}, FaultKind.WRONG_VALUE),
        ({"city": "NYC", "tags": ["b", "a"]}, FaultKind.WRONG_VALUE),
        ({"city": "NYC", "place": {"lat": 3.0}}, FaultKind.WRONG_VALUE),
        ({"city": "NYC", "place": {}}, FaultKind.WRONG_VALUE),
        ({"city": "NYC", "days": "2"}, FaultKind.ILL_TYPED_ARGUMENT),
        ({"city": "NYC", "days": 2.0}, FaultKind.ILL_TYPED_ARGUMENT),
        ({"city": "NYC", "days": True}, FaultKind.ILL_TYPED_ARGUMENT),
        ({"days": 2}, FaultKind.MISSING_ARGUMENT),
        ({"city": "NYC", "wind": 1}, FaultKind.UNKNOWN_ARGUMENT),
    ],
)
def test_an_argument_is_right_or_its_fault_is_named(arguments: dict[str, JsonValue], kind: FaultKind | None) -> None:
    fault = match([call(**arguments)], ACCEPTED, FUNCTIONS)
    assert (fault.kind if fault else None) is kind


def test_a_function_is_another_one_or_none_at_all() -> None:
    found = [match([ToolCall(name=name)], ACCEPTED, FUNCTIONS) for name in ("clock", "wether")]
    assert [fault.kind for fault in found if fault] == [FaultKind.WRONG_FUNCTION, FaultKind.UNKNOWN_FUNCTION]


def test_parallel_calls_come_in_any_order_unless_it_counts() -> None:
    accepted = [AcceptedCall(name="weather", arguments={"city": [city]}) for city in ("Bonn", "Rome")]
    calls = [call(city="Rome"), call(city="Bonn")]
    assert match(calls, accepted, FUNCTIONS) is None
    ordered = match(calls, accepted, FUNCTIONS, ordered=True)
    assert ordered is not None
    assert ordered.kind is FaultKind.WRONG_ORDER
    assert match(calls[::-1], accepted, FUNCTIONS, ordered=True) is None


def test_faults_are_counted_by_kind() -> None:
    found = [match(calls, ACCEPTED, FUNCTIONS) for calls in ([], [call()], [call(city="NYC")], [call(city="Bonn")])]
    assert count_faults(found) == {
        FaultKind.WRONG_COUNT: 1,
        FaultKind.MISSING_ARGUMENT: 1,
        FaultKind.WRONG_VALUE: 1,
    }


# ---- against the package itself --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def items() -> list[Item]:
    package = find_package()
    if package is None:
        pytest.skip("no bfcl-eval: set REDRAFT_BFCL to the folder that its wheel was unpacked into")
    return [item for category in CATEGORIES for item in read(package, category)]


@pytest.fixture(scope="module")
def theirs(items: list[Item]) -> Iterator[Callable[[Item, list[ToolCall]], bool]]:
    """BFCL's checker. Its table of models, which alone would import a dozen clients, is left empty."""
    package = find_package()
    assert package is not None
    table = ModuleType("bfcl_eval.constants.model_config")
    table.MODEL_CONFIG_MAPPING = {"any": SimpleNamespace(underscore_to_dot=False)}  # type: ignore[attr-defined]
    before = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(package.parent))
        patch.setitem(sys.modules, table.__name__, table)
        checker = importlib.import_module("bfcl_eval.eval_checker.ast_eval.ast_checker")
        language = importlib.import_module("bfcl_eval.constants.enums").Language.PYTHON

        def right(item: Item, calls: list[ToolCall]) -> bool:
            given = [{each.name: each.arguments} for each in calls]
            told = checker.ast_checker(item.raw_functions, given, item.raw_accepted, language, item.category, "any")
            return bool(told["valid"])

        yield right
    for name in [name for name in sys.modules if name.startswith("bfcl_eval") and name not in before]:
        del sys.modules[name]


def test_every_item_of_four_categories_is_there(items: list[Item]) -> None:
    assert {category: sum(item.category == category for item in items) for category in CATEGORIES} == {
        "simple_python": 400,
        "multiple": 200,
        "parallel": 200,
        "parallel_multiple": 200,
    }


def test_gold_calls_are_judged_as_by_the_package(items: list[Item], theirs: Callable[..., bool]) -> None:
    draw = random.Random(1)
    for item in items:
        for calls in (right_calls(item), right_calls(item, draw), right_calls(item, draw)):
            assert (match(calls, item.accepted, item.functions) is None) == theirs(item, calls), item.id


def test_mutated_calls_are_judged_as_by_the_package(items: list[Item], theirs: Callable[..., bool]) -> None:
    draw = random.Random(2)
    judged = 0
    for item in items:
        for kind, calls in mutants(item, draw):
            assert (match(calls, item.accepted, item.functions) is None) == theirs(item, calls), (item.id, kind, calls)
            judged += 1
    assert judged > 14_000


def test_repair_by_the_schemas_alone_never_turns_a_right_call_wrong(items: list[Item]) -> None:
    pytest.importorskip("jsonschema_rs")
    pytest.importorskip("rapidfuzz")
    tallies = correct_all(items[::5])
    assert sum(tally.harmed for tally in tallies.values()) == 0
    assert sum(tally.right_before for tally in tallies.values()) > 200
    for kind in ("name: case", "name: prefix", "type: in quotes", "type: in a list", "argument: misspelt"):
        tally = tallies[kind]
        assert tally.repaired > 0.8 * (tally.mutants - tally.right_before), kind


@pytest.mark.slow
def test_no_right_call_of_any_item_is_turned_wrong(items: list[Item]) -> None:
    tallies = correct_all(items, seed=3)
    assert sum(tally.harmed for tally in tallies.values()) == 0
