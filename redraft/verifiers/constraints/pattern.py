"""JSON, JSON Schema and regular expressions, in time linear in the text: what a task brings is not to be trusted.

google-re2 and jsonschema-rs (with its automaton engine) do not backtrack, so that no pattern can hang; the price is
that look-around and back-references are refused. No `$ref` is fetched.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, JsonValue

from redraft.errors import MissingExtra
from redraft.verifiers.constraints.check import Check, Checker, Unchecked, clip, line

_FENCES = ("```json", "```Json", "```JSON", "```")
_SHOWN = 3
_DEEPEST = 200  # jsonschema-rs goes down on the C stack, and takes the process with it when that ends
_MOST_REFERENCES = 40  # Each may double the work, or go further down the stack.
_TOO_DEEP = f"nested deeper than {_DEEPEST} levels"


def _read(text: str) -> JsonValue:
    """The JSON in `text`, which a code fence may surround. Raises ValueError."""
    text = text.strip()
    fence = next((fence for fence in _FENCES if text.startswith(fence)), "")
    try:
        value: JsonValue = json.loads(text.removeprefix(fence).removesuffix("```").strip())
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    level = [value]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in _children(node)]
    if level:
        raise ValueError(_TOO_DEEP)
    return value


def _children(value: JsonValue) -> Iterable[JsonValue]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _references(schema: JsonValue) -> int:
    nodes, found = [schema], 0
    while nodes:
        node = nodes.pop()
        found += sum(key in node for key in ("$ref", "$dynamicRef", "$recursiveRef")) if isinstance(node, dict) else 0
        nodes.extend(_children(node))
    return found


def json_format(text: str, /) -> Check:
    """The whole text is JSON."""
    try:
        _read(text)
    except ValueError as error:
        return Check(False, "JSON and nothing else", f"no JSON: {line(str(error))}")
    return Check(True, "JSON and nothing else", "JSON")


def json_schema(text: str, /, *, schema: dict[str, JsonValue] | bool) -> Check:
    """The whole text is JSON that is valid under `schema`. Raises Unchecked for a schema that is not one."""
    try:
        import jsonschema_rs
    except ImportError:
        raise MissingExtra("jsonschema-rs", "constraints") from None

    def refuse(uri: str) -> None:
        raise ValueError(f"{uri} is not fetched")

    if _references(schema) > _MOST_REFERENCES:
        raise Unchecked("bad_arguments", f"a JSON Schema with more than {_MOST_REFERENCES} references is not run")
    try:
        validator = jsonschema_rs.validator_for(schema, retriever=refuse, pattern_options=jsonschema_rs.RegexOptions())
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise Unchecked("bad_arguments", f"not a JSON Schema: {line(str(error))}") from error
    try:
        value = _read(text)
        wrong = sorted((str(error.instance_path), line(error.message, 120)) for error in validator.iter_errors(value))
    except ValueError as error:
        return Check(False, "JSON that is valid under the schema", f"no JSON: {line(str(error))}")
    found = "; ".join(f"{message} (at {path})" for path, message in wrong[:_SHOWN])
    more = f"; {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
    return Check(not wrong, "JSON that is valid under the schema", found + more or "valid")


def regex(
    text: str, /, *, pattern: Annotated[str, Field(min_length=1)], whole: bool = False, absent: bool = False
) -> Check:
    """`pattern` (RE2's syntax) is found in the text, or is the whole of it, or, with `absent`, is not."""
    try:
        import re2
    except ImportError:
        raise MissingExtra("google-re2", "constraints") from None
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        raise Unchecked("bad_arguments", f"RE2 cannot read {clip(pattern)}: {line(str(error))}") from error
    match = compiled.fullmatch(text) if whole else compiled.search(text)
    wanted = f"{'no text' if absent else 'text'} that matches {clip(pattern)}" + (" from end to end" if whole else "")
    return Check((match is None) is absent, wanted, f"{clip(match[0])} does" if match else "none does")


CHECKS: dict[str, Checker] = {
    "detectable_format:json_format": json_format,
    "json_schema": json_schema,
    "regex": regex,
}
