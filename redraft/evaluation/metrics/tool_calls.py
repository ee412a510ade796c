"""Tool calls against the right ones, as the Berkeley Function Calling Leaderboard compares them, and counts of faults.

BFCL (Patil et al., ICML 2025), AST category for Python: the same function, every required argument, every further one
among the accepted values; an argument may be left out where an empty text is among its accepted values. Texts are equal
but for case, space and `,./-_*^`; a whole number does for a float and not the other way round; an accepted value of
another type than the schema's stands for a variable's name. Parallel calls may come in any order. Lists of arguments
and objects one level deep are compared, as there. Java's and JavaScript's items, whose values are source text, are not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pydantic import JsonValue

from redraft.schema import FunctionSchema, Noun, ToolCall
from redraft.tools.functions.faults import Fault, FaultKind

_TYPES: dict[str, type] = {
    **dict.fromkeys(("string", "any"), str),
    **dict.fromkeys(("float", "number"), float),
    **dict.fromkeys(("array", "tuple"), list),
    **dict.fromkeys(("dict", "object"), dict),
    "integer": int,
    "boolean": bool,
}
_IGNORED = str.maketrans(dict.fromkeys(" ,./-_*^") | {"'": '"'})


class AcceptedCall(Noun):
    """A call that is right: for each argument the values that are, `""` among them where it may be left out."""

    name: str
    arguments: dict[str, list[JsonValue]]


def accepted_calls(ground_truth: Sequence[Mapping[str, Mapping[str, list[JsonValue]]]]) -> list[AcceptedCall]:
    """BFCL's own writing: `[{"f": {"x": [1, 2]}}]`."""
    return [AcceptedCall(name=name, arguments=dict(args)) for each in ground_truth for name, args in each.items()]


def match(
    calls: Sequence[ToolCall],
    accepted: Sequence[AcceptedCall],
    functions: Sequence[FunctionSchema],
    ordered: bool = False,
) -> Fault | None:
    """None where `calls` are right; else the first thing wrong with them. `ordered`: their order counts too."""
    if len(calls) != len(accepted):
        return Fault(FaultKind.WRONG_COUNT, f"{len(calls)} calls instead of {len(accepted)}")
    schemas = {each.name: each.parameters for each in functions}
    left = list(range(len(calls)))
    places: list[int] = []
    for wanted in accepted:
        faults = {place: _fault(calls[place], wanted, schemas, place) for place in left}
        right = next((place for place, fault in faults.items() if fault is None), None)
        if right is None:
            told = [fault for fault in faults.values() if fault]
            # That of a call of the same function says more than that another call is another one.
            return min(told, key=lambda fault: fault.kind in (FaultKind.WRONG_FUNCTION, FaultKind.UNKNOWN_FUNCTION))
        left.remove(right)
        places.append(right)
    if ordered and places != sorted(places):
        return Fault(FaultKind.WRONG_ORDER, "the right calls in another order")
    return None


def count_faults(found: Iterable[Fault | None]) -> Counter[FaultKind]:
    """How often each kind of fault was found: to set side by side before and after correction."""
    return Counter(fault.kind for fault in found if fault is not None)


def _fault(
    call: ToolCall, wanted: AcceptedCall, schemas: Mapping[str, Mapping[str, JsonValue]], place: int
) -> Fault | None:
    if call.name != wanted.name:
        kind = FaultKind.WRONG_FUNCTION if call.name in schemas else FaultKind.UNKNOWN_FUNCTION
        return Fault(kind, f"{call.name} instead of {wanted.name}", place)
    schema = schemas.get(wanted.name, {})
    properties, required = schema.get("properties"), schema.get("required")
    known: Mapping[str, JsonValue] = properties if isinstance(properties, dict) else {}

    def of(kind: FaultKind, name: str, message: str) -> Fault:
        return Fault(kind, f"{name} {message}", place, (name,))

    for name in required if isinstance(required, list) else []:
        if name not in call.arguments:
            return of(FaultKind.MISSING_ARGUMENT, str(name), "is missing")
    for name, value in call.arguments.items():
        part = known.get(name)
        if not isinstance(part, dict) or name not in wanted.arguments:
            return of(FaultKind.UNKNOWN_ARGUMENT, name, "is not asked for")
        if fault := _value_fault(value, wanted.arguments[name], part):
            return of(fault, name, f"is not right: {fault.value}")
    for name, values in wanted.arguments.items():
        if name not in call.arguments and "" not in values:
            return of(FaultKind.MISSING_ARGUMENT, name, "is missing, though optional")
    return None


def _value_fault(value: JsonValue, values: Sequence[JsonValue], part: Mapping[str, JsonValue]) -> FaultKind | None:
    named, items = part.get("type"), part.get("items")
    kind = _TYPES.get(str(named), object)
    inner = _TYPES.get(str(items.get("type"))) if kind is list and isinstance(items, dict) else None
    if kind is float and type(value) is int:
        value = float(value)
    # A value of another type than the schema's stands for a variable, whose name is a text like any other.
    variable = _accepted_type(values) not in (None, kind)
    if type(value) is not kind:
        if type(value) is not _accepted_type(values):
            return FaultKind.ILL_TYPED_ARGUMENT
        variable = True
    elif inner and isinstance(value, list) and not _items_typed(value, values, inner):
        return FaultKind.ILL_TYPED_ARGUMENT
    if variable:
        return None if value in values else FaultKind.WRONG_VALUE
    return None if _is_accepted(value, values, inner) else FaultKind.WRONG_VALUE


def _accepted_type(values: Sequence[JsonValue]) -> type | None:
    return next((type(value) for value in values if value != ""), None)


def _items_typed(items: Sequence[JsonValue], values: Sequence[JsonValue], inner: type) -> bool:
    """Whether each item has the type that the schema or one of the accepted lists gives it."""
    return any(
        not isinstance(value, list) or all(type(item) in (inner, _accepted_type(value)) for item in items)
        for value in values
    )


def _is_accepted(value: JsonValue, values: Sequence[JsonValue], inner: type | None) -> bool:
    if isinstance(value, dict):
        return any(isinstance(each, dict) and _same_object(value, each) for each in values)
    if isinstance(value, list):
        # An argument that may be left out may also be an empty list.
        lists = [each if isinstance(each, list) else [] for each in values if isinstance(each, list) or each == ""]
        if inner is dict:
            return any(_same_objects(value, each) for each in lists)
        return [*map(_plain, value)] in [[*map(_plain, each)] for each in lists]
    return _plain(value) in [*map(_plain, values)]


def _same_objects(value: Sequence[JsonValue], accepted: Sequence[JsonValue]) -> bool:
    return len(value) == len(accepted) and all(
        isinstance(item, dict) and isinstance(each, dict) and _same_object(item, each)
        for item, each in zip(value, accepted, strict=True)
    )


def _same_object(value: Mapping[str, JsonValue], accepted: Mapping[str, JsonValue]) -> bool:
    """`accepted` has a list of values for each key."""
    lists = {key: each for key, each in accepted.items() if isinstance(each, list)}
    return all(key in lists and _plain(inner) in [*map(_plain, lists[key])] for key, inner in value.items()) and all(
        key in value or "" in each for key, each in lists.items()
    )


def _plain(value: JsonValue) -> JsonValue:
    return value.translate(_IGNORED).lower() if isinstance(value, str) else value
