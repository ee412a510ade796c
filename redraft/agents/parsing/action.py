"""One turn of a model that acts: `Action` and `Action Input`, or calls in any other format; or its final answer.

What it writes from its first `Observation:` on it made up, so that is not read. Whether the calls can be made is the
business of `tools.functions.check`.
"""

from __future__ import annotations

import re

from redraft.agents.parsing.relaxed_json import NoJson, read_relaxed
from redraft.agents.parsing.tool_calls import NO_CALL, parse_tool_calls
from redraft.agents.parsing.visible import unread, visible
from redraft.schema import ToolCall, Unparsed

_MARKS = r"[ \t*_#>`]*+"
_OBSERVATION = re.compile(rf"^{_MARKS}observation{_MARKS}:", re.IGNORECASE | re.MULTILINE)
_ACTION = re.compile(rf"^{_MARKS}action{_MARKS}:{_MARKS}([^\n]*)$", re.IGNORECASE | re.MULTILINE)
_INPUT = re.compile(rf"^{_MARKS}action[ _]?input{_MARKS}:[*_]*+\s*+(?:```\w*\s*+)?", re.IGNORECASE | re.MULTILINE)
_ANSWER = re.compile(rf"^{_MARKS}final[ _]answer{_MARKS}:{_MARKS}\s*+", re.IGNORECASE | re.MULTILINE)
_NOTHING = re.compile(r"(?:none|null|n/a|\{\s*\})?[ \t`]*(?=\n|\Z)", re.IGNORECASE)


def parse_action(text: str) -> tuple[ToolCall, ...] | Unparsed:
    """The calls in the reply, in order. Unparsed where there is none, or any of them cannot be read."""
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    return _calls(text, _before_observation(said))


def parse_turn(text: str) -> tuple[ToolCall, ...] | str | Unparsed:
    """The calls in the reply; or what it gives as `Final Answer:`, where no call stands before that.

    Unparsed where there is neither, and where the answer is empty.
    """
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    said = _before_observation(said)
    mark = _ANSWER.search(said)
    calls = _calls(text, said[: mark.start()] if mark else said)
    if not mark or not isinstance(calls, Unparsed) or calls.reason != NO_CALL:
        return calls
    return said[mark.end() :].strip() or unread(text, "an empty answer")


def _before_observation(said: str) -> str:
    made_up = _OBSERVATION.search(said)
    return said[: made_up.start()] if made_up else said


def _calls(raw: str, said: str) -> tuple[ToolCall, ...] | Unparsed:
    inputs = list(_INPUT.finditer(said))
    if not inputs:
        calls = parse_tool_calls(said) if said.strip() else ()
        return unread(raw, calls.reason) if isinstance(calls, Unparsed) else calls or unread(raw, NO_CALL)
    made: list[ToolCall] = []
    position = 0
    for given in inputs:
        names = _ACTION.findall(said, position, given.start())
        name = names[0].strip(" \t*_`'\"") if len(names) == 1 else ""
        if not name:
            return unread(raw, f"{len(names)} actions before an Action Input")
        try:
            arguments, position = (
                ({}, given.end()) if _NOTHING.match(said, given.end()) else read_relaxed(said, given.end())
            )
        except NoJson as why:
            return unread(raw, f"an Action Input that cannot be read: {why}")
        if not isinstance(arguments, dict):
            return unread(raw, "an Action Input that is no JSON object")
        made.append(ToolCall(name=name, arguments=arguments))
    return tuple(made)
