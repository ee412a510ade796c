"""How much work it is to check a value against a JSON Schema: recursion under unions grows without bound.

Neither the schema (a server's) nor the value (a model's) is to be trusted, and a running check cannot be stopped.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import JsonValue

_MOST = 200_000
_MOST_IN_BRANCHES = 5_000
"""Steps below `anyOf` and its kind, each of which keeps what went wrong."""
_EACH_CHILD = frozenset({"additionalProperties", "unevaluatedProperties", "items", "unevaluatedItems", "contains"})
_SAME_VALUE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else"})
_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})


class TooMuch(ValueError):
    """Why a check is not made."""


def refuse_if_too_much(schema: dict[str, JsonValue], value: JsonValue) -> None:
    """Raises TooMuch where the check could take longer than some seconds, or its length cannot be told."""
    try:
        steps, branched = _Effort(schema).of(schema, value)
    except RecursionError:
        raise TooMuch("schema or value is nested too deep") from None
    if steps > _MOST or branched > _MOST_IN_BRANCHES:
        raise TooMuch(f"the check would take {max(steps, branched):,} steps")


class _Effort:
    """Counts pairs of a part of the schema and a part of the value, as often as a check may come to them."""

    def __init__(self, root: dict[str, JsonValue]) -> None:
        self._root = root
        self._known: dict[tuple[int, int], tuple[int, int]] = {}

    def of(self, schema: JsonValue, value: JsonValue) -> tuple[int, int]:
        """Steps in all, and those below a union."""
        if not isinstance(schema, dict):
            return 1, 0
        pair = id(schema), id(value)
        if pair not in self._known:
            if len(self._known) > _MOST:
                raise TooMuch("schema and value are too big")
            self._known[pair] = 0, 0  # A reference that comes back to the same value is not followed again.
            self._known[pair] = self._sum(schema, value)
        return self._known[pair]

    def _sum(self, schema: dict[str, JsonValue], value: JsonValue) -> tuple[int, int]:
        if "$id" in schema and schema is not self._root:
            raise TooMuch("the schema holds another one with an $id of its own")
        steps, branched = 1, 0
        for word, inner in schema.items():
            for part, of_value in self._parts(word, inner, value):
                more, more_branched = self.of(part, of_value)
                steps += more
                branched += more if word in _SAME_VALUE and word != "allOf" else more_branched
        return steps, branched

    def _parts(self, word: str, inner: JsonValue, value: JsonValue) -> Iterable[tuple[JsonValue, JsonValue]]:
        children = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        if word in _REFERENCES:
            return [(self._resolve(inner), value)]
        if word == "properties" and isinstance(inner, dict) and isinstance(value, dict):
            return [(inner[name], value[name]) for name in inner.keys() & value.keys()]
        if word in ("patternProperties", "dependentSchemas") and isinstance(inner, dict):
            targets = children if word == "patternProperties" else [value]
            return [(part, target) for part in inner.values() for target in targets]
        if word in _EACH_CHILD and isinstance(inner, dict):
            return [(inner, child) for child in children]
        if word in ("prefixItems", "items") and isinstance(inner, list):
            return zip(inner, children, strict=False)
        if word in _SAME_VALUE:
            return [(part, value) for part in (inner if isinstance(inner, list) else [inner])]
        return []

    def _resolve(self, reference: JsonValue) -> JsonValue:
        if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
            raise TooMuch(f"the reference {str(reference)[:60]!r} leads out of the schema")
        place: JsonValue = self._root
        for step in reference.split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            if isinstance(place, dict) and step in place:
                place = place[step]
            elif isinstance(place, list) and step.isdecimal() and int(step) < len(place):
                place = place[int(step)]
            else:
                raise TooMuch(f"the reference {reference[:60]!r} leads nowhere")
        return place
