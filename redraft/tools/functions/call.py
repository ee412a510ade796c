"""When two calls say the same, and how calls are written down. Reading them out of a reply is the parsers' part."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import JsonValue

from redraft.schema import ToolCall


def write(calls: Sequence[ToolCall]) -> str:
    """The calls as a JSON list of `{"name": ..., "arguments": {...}}`, in their order: the text of a draft."""
    return json.dumps([call.model_dump() for call in calls], ensure_ascii=False)


def canonical(calls: Sequence[ToolCall]) -> str:
    """A text equal for calls that ask for the same: order of calls and arguments aside, 2.0 is 2, true is not 1."""
    return "\n".join(sorted(canonical_call(call) for call in calls))


def canonical_call(call: ToolCall) -> str:
    """`canonical` of one call."""
    return canonical_value([call.name, call.arguments])


def canonical_value(value: JsonValue) -> str:
    """A text equal for JSON values that are: order of keys aside, 2.0 is 2, true is not 1."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True)


def _plain(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
