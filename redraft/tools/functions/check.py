"""Tool calls against the functions on offer: what is wrong with them, told by the schemas alone.

Whether a valid call is the right one needs the right answer (`evaluation.metrics.tool_calls`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from pydantic import JsonValue

from redraft.errors import ConfigError, MissingExtra
from redraft.schema import FunctionSchema, ToolCall
from redraft.tools.functions.effort import TooMuch, refuse_if_too_much
from redraft.tools.functions.faults import Fault, FaultKind, named

if TYPE_CHECKING:
    import jsonschema_rs

_SHOWN = 10
_MOST_FAULTS = 20
# Names of types that are no JSON Schema's: BFCL's, and what people write by hand.
_TYPES: dict[str, str | None] = {
    **dict.fromkeys(("dict", "HashMap", "Hashtable", "map"), "object"),
    **dict.fromkeys(("list", "tuple", "Array", "ArrayList", "Queue", "Stack", "set"), "array"),
    **dict.fromkeys(("float", "double", "Float"), "number"),
    **dict.fromkeys(("int", "long", "short", "byte", "Bigint"), "integer"),
    **dict.fromkeys(("str", "String", "char"), "string"),
    **dict.fromkeys(("bool", "Boolean"), "boolean"),
    **dict.fromkeys(("any", "Any")),
}
_COMBINING = ("$ref", "allOf", "anyOf", "oneOf", "if", "patternProperties", "additionalProperties")


class Checker:
    """Checks calls of `functions`, of which there must be at least `least` and at most `most`.

    Raises ConfigError where two functions have one name, MissingExtra where jsonschema-rs or rapidfuzz is missing.
    """

    def __init__(self, functions: Sequence[FunctionSchema], least: int = 0, most: int | None = None) -> None:
        for module, package in (("jsonschema_rs", "jsonschema-rs"), ("rapidfuzz", "rapidfuzz")):
            if find_spec(module) is None:
                raise MissingExtra(package, "tools")
        self.schemas = {each.name: strict(each.parameters) for each in functions}
        if len(self.schemas) < len(functions):
            raise ConfigError("two functions have the same name")
        self._least, self._most = least, most
        self._validator = cache(self._compiled)

    def faults(self, calls: Sequence[ToolCall]) -> tuple[Fault, ...]:
        """What is wrong with `calls`; the first twenty of it."""
        found = [fault for index, call in enumerate(calls) for fault in self.of_call(call, index)]
        if len(calls) < self._least or (self._most is not None and len(calls) > self._most):
            bounds = f"at least {self._least}" if len(calls) < self._least else f"at most {self._most}"
            found.append(Fault(FaultKind.WRONG_COUNT, f"{len(calls)} calls, where {bounds} are wanted"))
        return tuple(found[:_MOST_FAULTS])

    def of_call(self, call: ToolCall, index: int = 0) -> list[Fault]:
        """What is wrong with one call, whose place among the calls is `index`."""
        if call.name not in self.schemas:
            message = f"there is no function {call.name[:80]!r}; there are {listed(list(self.schemas))}"
            return [Fault(FaultKind.UNKNOWN_FUNCTION, message, index, options=tuple(self.schemas))]
        schema = self.schemas[call.name]
        try:
            refuse_if_too_much(schema, call.arguments)
            errors = list(self._validator(call.name).iter_errors(call.arguments))
        except TooMuch as why:
            return [Fault(FaultKind.UNCHECKED, f"{call.name} cannot be checked: {why}", index)]
        except ValueError as error:
            reason = str(error).split("\n", 1)[0][:200]
            return [Fault(FaultKind.UNCHECKED, f"the parameters of {call.name} are no JSON Schema: {reason}", index)]
        return [fault for error in errors[:_MOST_FAULTS] for fault in _read(error, schema, index)]

    def _compiled(self, name: str) -> jsonschema_rs.Validator:
        import jsonschema_rs

        try:
            return jsonschema_rs.validator_for(
                self.schemas[name], offline=True, pattern_options=jsonschema_rs.RegexOptions()
            )
        except jsonschema_rs.ReferencingError as error:
            raise ValueError(str(error)) from error


def strict(parameters: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """`parameters` as a JSON Schema: foreign names of types put right, and no arguments but those it describes.

    A model is offered exactly what is described, in objects inside arguments too; a schema that says more about other
    arguments keeps its word.
    """
    schema = cast("dict[str, JsonValue]", _put_right(parameters))
    return {"type": "object", **_closed({"properties": {}, **schema})}


def _closed(schema: dict[str, JsonValue]) -> dict[str, JsonValue]:
    properties, items = schema.get("properties"), schema.get("items")
    if isinstance(properties, dict):
        parts = {name: _closed(part) if isinstance(part, dict) else part for name, part in properties.items()}
        schema = {**schema, "properties": parts}
        if not any(word in schema for word in _COMBINING):
            schema["additionalProperties"] = False
    return {**schema, "items": _closed(items)} if isinstance(items, dict) else schema


def _put_right(schema: JsonValue) -> JsonValue:
    if not isinstance(schema, dict):
        return schema
    fixed: dict[str, JsonValue] = {}
    for word, inner in schema.items():
        if word == "type" and isinstance(inner, str) and inner in _TYPES:
            if (name := _TYPES[inner]) is not None:
                fixed[word] = name
        elif word in ("properties", "$defs", "definitions", "patternProperties") and isinstance(inner, dict):
            fixed[word] = {name: _put_right(part) for name, part in inner.items()}
        elif word in ("items", "additionalProperties", "not", "anyOf", "oneOf", "allOf", "prefixItems"):
            fixed[word] = [_put_right(part) for part in inner] if isinstance(inner, list) else _put_right(inner)
        elif not (word == "required" and isinstance(inner, bool)):
            fixed[word] = inner
    return fixed


def _read(error: jsonschema_rs.ValidationError, schema: dict[str, JsonValue], index: int) -> Iterator[Fault]:
    path = tuple(error.instance_path)
    facts = error.kind.as_dict()
    value = shown(cast(JsonValue, error.instance))
    match error.kind.name:
        case "required":
            missing, known = str(facts["property"]), _properties(schema, error.schema_path)
            place = (*path, missing)
            yield Fault(FaultKind.MISSING_ARGUMENT, f"the argument {named(place)} is missing", index, place, known)
        case "additionalProperties" | "unevaluatedProperties":
            known = _properties(schema, error.schema_path)
            for name in facts["unexpected"]:
                place = (*path, name)
                message = f"there is no argument {named(place)[:80]!r}; there are {listed(known)}"
                yield Fault(FaultKind.UNKNOWN_ARGUMENT, message, index, place, known)
        case "type":
            wanted = " or ".join(facts["types"])
            message = f"{named(path)} must be of type {wanted}, not {value}"
            yield Fault(FaultKind.ILL_TYPED_ARGUMENT, message, index, path)
        case "anyOf" | "oneOfNotValid" | "oneOf" as name:
            message = f"{named(path)} is none of what it may be ({name.removesuffix('NotValid')}): {value}"
            yield Fault(FaultKind.ILL_TYPED_ARGUMENT, message, index, path, tuple(_enumerated(error)))
        case "enum" | "const":
            options = tuple(_enumerated(error))
            message = f"{named(path)} must be one of {listed(options)}, not {value}"
            yield Fault(FaultKind.WRONG_VALUE, message, index, path, options)
        case _:
            said = " ".join(error.message.split())
            yield Fault(FaultKind.WRONG_VALUE, f"{named(path)}: {said[:200]}", index, path)


def _enumerated(error: jsonschema_rs.ValidationError) -> Iterator[JsonValue]:
    """The values that an enum lists, also inside a union."""
    facts = error.kind.as_dict()
    yield from facts.get("options", [facts["expected_value"]] if "expected_value" in facts else [])
    for branch in facts.get("context", []):
        for inner in branch:
            if tuple(inner.instance_path) == tuple(error.instance_path):
                yield from _enumerated(inner)


def _properties(schema: JsonValue, steps: Sequence[str | int]) -> tuple[str, ...]:
    """The arguments that the part of the schema knows whose keyword stands at `steps`."""
    for step in steps[:-1]:
        if isinstance(schema, dict) and isinstance(step, str):
            schema = schema.get(step)
        elif isinstance(schema, list) and isinstance(step, int):
            schema = schema[step]
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return tuple(properties) if isinstance(properties, dict) else ()


def listed(options: Sequence[JsonValue]) -> str:
    """The first ten of them, and how many more there are."""
    more = f" and {len(options) - _SHOWN:,} more" if len(options) > _SHOWN else ""
    return (", ".join(shown(option) for option in options[:_SHOWN]) or "none") + more


def shown(value: JsonValue) -> str:
    """A value, short enough for a sentence."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
