"""JSON in a reply: found in fences and between prose, mended where it is broken. What it means is the parsers' part."""

from __future__ import annotations

import json
import re
from typing import NamedTuple, cast

import json_repair

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_FENCED = re.compile(r"^[ \t]*```[\w-]*[ \t]*\n(.*?)(?:^[ \t]*```|\Z)", re.DOTALL | re.MULTILINE)
# JSON opens the reply or a line, or stands behind a colon with no quotation mark before it; elsewhere it is quoted.
_START = re.compile(
    r"^(?:[ \t]*json\b\s?)?[ \t]*([{\[])(?=\s*[\"'{\[\]}\w])|^[^\"“„«`\n]{1,200}[:：][ \t]*({)", re.MULTILINE
)
# Beyond these, json_repair takes seconds or exhausts the stack.
_MAX_DEPTH = 32
_MAX_REPAIR = 20_000
_MAX_BRACKETS = 400
_MAX_QUOTES = 500


class JsonText(NamedTuple):
    """The JSON values of a reply in order. `cut_short`: the last one was never closed."""

    values: list[Json]
    cut_short: bool


def find_json(said: str) -> JsonText:
    """Every JSON object and array in `said`, those in code fences if there are any."""
    if "{" not in said and "[" not in said:
        return JsonText([], cut_short=False)
    fenced = [block.strip() for block in _FENCED.findall(said) if block.lstrip()[:1] in ("{", "[")]
    values: list[Json] = []
    cut_short = False
    for text in fenced or [said]:
        position = 0 if _is_shallow(text) else len(text)
        while len(values) < 100 and (start := _START.search(text, position)):
            value, position, cut_short = _read(text, start.start(start.lastindex or 0))
            if not isinstance(value, (dict, list)):
                break
            values.append(value)
    return JsonText(values, cut_short)


def _read(text: str, start: int) -> tuple[Json, int, bool]:
    """The value at `start`, where it ends, and whether it was never closed; None for a value that is beyond repair."""
    try:
        value, end = json.JSONDecoder(strict=False, object_pairs_hook=_merged).raw_decode(text, start)
    except ValueError:
        end = max(text.rfind("}"), text.rfind("]")) + 1
        cut_short = end <= start or (text[end:].strip("` \n") != "" and text[end:].lstrip()[:1] in (",", '"'))
        return (
            _repaired(text[start:] if cut_short else text[start:end]),
            len(text),
            cut_short or _is_open(text, start, end),
        )
    return value, end, False


def _is_shallow(text: str) -> bool:
    depth = 0
    for bracket in re.compile(r"[{}\[\]]").finditer(text):
        depth += 1 if bracket[0] in "{[" else -1
        if depth > _MAX_DEPTH:
            return False
    return True


def _is_open(text: str, start: int, end: int) -> bool:
    """Whether more brackets open than close, strings left aside."""
    bare = re.sub(r'"(?:[^"\\\n]|\\.)*"', "", text[start:end])
    return sum(map(bare.count, "{[")) > sum(map(bare.count, "}]"))


def _repaired(text: str) -> Json:
    brackets = text.count("{") + text.count("[")
    if len(text) > _MAX_REPAIR or brackets > _MAX_BRACKETS or text.count('"') > _MAX_QUOTES:
        return None
    try:
        value = json_repair.loads(text, skip_json_loads=True)
    except (ValueError, RecursionError):
        return None
    return cast(Json, value) if isinstance(value, (dict, list)) else None


def _merged(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """An object that loses nothing where a model writes the same key twice."""
    merged: dict[str, Json] = {}
    for key, value in pairs:
        if key in merged:
            before, after = merged[key], value
            value = [
                *(before if isinstance(before, list) else [before]),
                *(after if isinstance(after, list) else [after]),
            ]
        merged[key] = value
    return merged


def plain_key(key: str) -> str:
    """A key without case, spaces and punctuation: "Error_Type" and "error type" are the same."""
    return re.sub(r"[\W_]+", "", key).lower()
