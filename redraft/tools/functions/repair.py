"""Repairs of tool calls that need no model: only what the schema leaves one way to read.

A call without a fault is never touched. What has two ways out, or none, is left for the model to be asked again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pydantic import JsonValue

from redraft.schema import ToolCall
from redraft.tools.functions.check import Checker, shown
from redraft.tools.functions.faults import Fault, FaultKind, named

_AHEAD = 2
"""How many edits further the second nearest name must be."""
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})(?:\.\d{1,17})?(?:[eE][+-]?\d{1,2})?")
_MOST_REPAIRS = 20  # of one call


@dataclass(frozen=True)
class Repair:
    """One repair: the call before and after it, which fault it removes and why it is the only way."""

    call: int
    before: ToolCall
    after: ToolCall
    fault: Fault
    reason: str


def repair(calls: Sequence[ToolCall], checker: Checker) -> tuple[tuple[ToolCall, ...], tuple[Repair, ...]]:
    """The calls with every fault gone that can be repaired without a guess, and the repairs in order."""
    mended: list[ToolCall] = []
    made: list[Repair] = []
    for index, call in enumerate(calls):
        done = list(_repairs(call, index, checker))
        made += done
        mended.append(done[-1].after if done else call)
    return tuple(mended), tuple(made)


def _repairs(call: ToolCall, index: int, checker: Checker, halfway: bool = True) -> Iterator[Repair]:
    """One after the other. `halfway`: also such as leave faults inside the value, if these can be repaired in turn."""
    for _ in range(_MOST_REPAIRS):
        faults = checker.of_call(call, index)
        ways = ((fault, *way) for fault in faults for way in _ways(call, fault, faults, checker, halfway))
        if (first := next(ways, None)) is None:
            return
        fault, after, reason = first
        yield Repair(index, call, after, fault, reason)
        call = after


def _ways(
    call: ToolCall, fault: Fault, faults: Sequence[Fault], checker: Checker, halfway: bool
) -> Iterator[tuple[ToolCall, str]]:
    """At most one way out of `fault`, with its reason."""
    match fault.kind:
        case FaultKind.UNKNOWN_FUNCTION:
            if name := nearest(call.name, [str(option) for option in fault.options]):
                yield call.model_copy(update={"name": name}), f"{call.name} is a misspelling of {name}"
        case FaultKind.UNKNOWN_ARGUMENT:
            yield from _renamed(call, fault, faults)
        case FaultKind.MISSING_ARGUMENT:
            yield from _filled(call, fault, checker)
        case FaultKind.ILL_TYPED_ARGUMENT | FaultKind.WRONG_VALUE:
            yield from _converted(call, fault, checker, halfway)
        case _:
            return


def nearest(name: str, options: Sequence[str]) -> str | None:
    """The one of `options` that `name` is another writing of; None where none is, or more than one could be.

    Case and punctuation do not count, nor a prefix that one of the two lacks (`functions.get_time`). Beyond these a
    name has as many words with the same initials and digits, so that `deactivate` is no misspelling of `activate`, and
    at most one edit or swap of neighbours (two from eight letters on).
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    same = [option for option in options if _plain(option) == _plain(name)] or [
        option for option in options if _is_tail(option, name) or _is_tail(name, option)
    ]
    if same or not _plain(name):
        return same[0] if len(same) == 1 else None
    wanted = {place: _plain(option) for place, option in enumerate(options) if _gist(option) == _gist(name)}
    edits = 2 if len(_plain(name)) >= 8 else 1 if len(_plain(name)) >= 4 else 0
    found = process.extract(_plain(name), wanted, scorer=OSA.distance, limit=2, score_cutoff=edits + _AHEAD - 1)
    if not found or found[0][1] > edits or (len(found) > 1 and found[1][1] - found[0][1] < _AHEAD):
        return None
    return options[found[0][2]]


def same_value(value: str, options: Sequence[str]) -> str | None:
    """The one of `options` that differs in case, and in space, `_` and `-` inside it, alone: no likeness is enough."""

    def plain(text: str) -> str:
        return re.sub(r"(?<=\w)[\s_-]+(?=\w)", "", text.strip().replace("_", " ")).casefold()

    same = [option for option in options if plain(option) == plain(value)]
    return same[0] if len(same) == 1 else None


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def _is_tail(tail: str, name: str) -> bool:
    ends, parts = re.split(r"[.:/]+", tail), re.split(r"[.:/]+", name)
    return len(ends) < len(parts) and [*map(_plain, ends)] == [*map(_plain, parts[-len(ends) :])]


def _gist(name: str) -> list[str]:
    words = re.findall(r"\d+|[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name))
    return [word if word.isdigit() else word[0].casefold() for word in words]


def _renamed(call: ToolCall, fault: Fault, faults: Sequence[Fault]) -> Iterator[tuple[ToolCall, str]]:
    """A misspelt argument's name; one that is given already, or for which two misspellings stand, is no candidate."""
    *parent, name = fault.path
    given = _at(call.arguments, parent)
    if not isinstance(given, dict):
        return
    free = [str(option) for option in fault.options if option not in given]
    wanted = nearest(str(name), free)
    rivals = [each.path[-1] for each in faults if each.kind is fault.kind and [*each.path[:-1]] == parent]
    if wanted and not any(rival != name and nearest(str(rival), free) == wanted for rival in rivals):
        renamed: JsonValue = {wanted if key == name else key: value for key, value in given.items()}
        yield _with(call, parent, renamed), f"{named(fault.path)} is a misspelling of {wanted}"


def _filled(call: ToolCall, fault: Fault, checker: Checker) -> Iterator[tuple[ToolCall, str]]:
    """A missing argument of which the schema allows one value only."""
    properties = checker.schemas[call.name].get("properties")
    part = properties.get(str(fault.path[0])) if isinstance(properties, dict) and len(fault.path) == 1 else None
    if not isinstance(part, dict):
        return
    enum = part.get("enum")
    only = [part["const"]] if "const" in part else enum if isinstance(enum, list) and len(enum) == 1 else []
    for value in only:
        yield _with(call, fault.path, value), f"{named(fault.path)} can only be {shown(value)}"


def _converted(call: ToolCall, fault: Fault, checker: Checker, halfway: bool) -> Iterator[tuple[ToolCall, str]]:
    """Another writing of the same value, where one and only one is valid."""
    value = _at(call.arguments, fault.path)

    def faulty(after: ToolCall, inside: bool = True) -> bool:
        paths = (each.path for each in checker.of_call(after))
        return any((path[: len(fault.path)] if inside else path) == fault.path for path in paths)

    def leads_on(after: ToolCall) -> bool:
        return not faulty([after, *(each.after for each in _repairs(after, 0, checker, halfway=False))][-1])

    ways = [(_with(call, fault.path, other), reason) for other, reason in _writings(value, fault)]
    chosen = [way for way in ways if not faulty(way[0])]
    if not chosen and halfway:
        chosen = [way for way in ways if not faulty(way[0], inside=False) and leads_on(way[0])]
    if len(chosen) == 1:
        after, reason = chosen[0]
        yield after, f"{named(fault.path)}: {reason}"
    elif not chosen and value is None and len(fault.path) == 1:
        left_out = {key: given for key, given in call.arguments.items() if key != fault.path[0]}
        after = call.model_copy(update={"arguments": left_out})
        if not faulty(after):
            yield after, f"{named(fault.path)} is optional, and null stands for no value"


def _writings(value: JsonValue, fault: Fault) -> Iterator[tuple[JsonValue, str]]:
    if isinstance(value, str):
        text = value.strip()
        texts = [option for option in fault.options if isinstance(option, str)]
        if (option := same_value(value, texts)) is not None:
            yield option, f"{shown(value)} is another writing of {shown(option)}"
        if _NUMBER.fullmatch(text):
            yield _number(text), f"the number {text} in quotes"
        if text.lower() in ("true", "false"):
            yield text.lower() == "true", f"the truth value {text} in quotes"
        if text.lower() in ("null", "none"):
            yield None, "null in quotes"
        if text[:1] in ("{", "["):
            with suppress(ValueError, RecursionError):
                yield json.loads(text), "JSON in quotes"
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield json.dumps(value), "a number where its text is wanted"
        if isinstance(value, float) and value.is_integer():
            yield int(value), "a whole number written as a fraction"
    if isinstance(value, list) and len(value) == 1:
        yield value[0], "a list of one where its item is wanted"
    if not isinstance(value, list) and value is not None and not (isinstance(value, str) and value.startswith("[")):
        yield [value], "an item where a list of them is wanted"


def _number(text: str) -> int | float:
    return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)


def _at(value: JsonValue, path: Sequence[str | int]) -> JsonValue:
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
    return value


def _with(call: ToolCall, path: Sequence[str | int], value: JsonValue) -> ToolCall:
    arguments = _replaced(call.arguments, path, value)
    return ToolCall(name=call.name, arguments=arguments) if isinstance(arguments, dict) else call


def _replaced(where: JsonValue, path: Sequence[str | int], value: JsonValue) -> JsonValue:
    if not path:
        return value
    step, *rest = path
    if isinstance(where, dict) and isinstance(step, str):
        return {**where, step: _replaced(where.get(step), rest, value)}
    if isinstance(where, list) and isinstance(step, int):
        return [_replaced(inner, rest, value) if place == step else inner for place, inner in enumerate(where)]
    return where
