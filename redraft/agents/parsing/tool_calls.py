"""Tool calls in a reply, in whatever format the model was trained to write them.

Read are OpenAI's JSON; the tags of Hermes, Qwen (JSON and Qwen3-Coder's), GLM, Llama 3 and Mistral; bare JSON, also
with comments, trailing commas or Python's literals; and Python's syntax (`tool_calls_python`). A reply of which any
call cannot be read is Unparsed as a whole, as is one that shows calls in several places: which is meant is a guess.
Whether there is such a function is the business of `tools.functions.check`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from redraft.agents.parsing.json_text import Json
from redraft.agents.parsing.relaxed_json import NoJson, read_relaxed
from redraft.agents.parsing.tool_calls_python import STARTS, read_python
from redraft.agents.parsing.visible import unread, visible
from redraft.schema import ToolCall, Unparsed

_TAG = re.compile(r"<tool_call>(.*?)(?:</tool_call>|(?=<tool_call>)|\Z)", re.DOTALL)
_XML = re.compile(r"<function=([^\s>]+)>(.*?)(?:</function>|(?=<function=)|\Z)", re.DOTALL)
_PARAMETER = re.compile(r"<parameter=([^\s>]+)>\n?(.*?)\n?</parameter>", re.DOTALL)
_GLM = re.compile(r"<arg_key>\s*(.*?)\s*</arg_key>\s*<arg_value>(.*?)</arg_value>", re.DOTALL)
_MISTRAL = re.compile(r"([\w.-]+)(?:\[CALL_ID\]\w+)?(?:\[ARGS\])?\s*(?=\{)")
_FENCE = re.compile(r"^[ \t]*```[\w-]*[ \t]*\n(.*?)^[ \t]*```", re.DOTALL | re.MULTILINE)
# JSON opens a line, or stands behind a colon; elsewhere it is quoted.
_JSON_START = re.compile(r"^(?:[^\n\"'`{\[]{1,200}[:：])?[ \t]*([{\[])", re.MULTILINE)
_BETWEEN = re.compile(r"[\s,;]*\Z")
_NAMES = ("name", "function", "function_name", "tool", "tool_name", "action")
_ARGUMENTS = ("arguments", "parameters", "args", "params", "input", "action_input", "tool_input")
_LISTS = ("tool_calls", "calls", "function_calls")
_ASIDE = {"id", "type", "index", "call_id", "tool_call_id", "role", "content", "refusal", "thought", "thoughts"}
_CALL_KEY = re.compile(rf"[\"'](?:{'|'.join((*_NAMES, *_LISTS))})[\"']\s*:")
_MOST = 200

NO_CALL = "no tool call"
"""The reason of an `Unparsed` that only talks: an answer of its own where no call need be made."""


def parse_tool_calls(text: str) -> tuple[ToolCall, ...] | Unparsed:
    """The calls in the reply, in order; none where it is an empty list. Unparsed where it holds no call at all."""
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    try:
        calls = _tagged(said)
        if calls is None:
            calls = _bare(said)
        if calls and len(calls) > _MOST:
            raise NoJson(f"there are more than {_MOST}")
        for call in calls or ():
            _checked(call)
    except NoJson as why:
        return unread(text, f"a call that cannot be read: {why}")
    return unread(text, NO_CALL) if calls is None else tuple(calls)


def _checked(call: ToolCall) -> None:
    """Refuse half a surrogate pair, and a number that no float holds: no file could keep them."""
    try:
        json.dumps(call.model_dump(), ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:
        raise NoJson(str(error)) from None


# ---- calls between marks ---------------------------------------------------------------------------------------


def _tagged(said: str) -> list[ToolCall] | None:
    if "<tool_call>" in said:
        return [call for block in _TAG.findall(said) for call in _in_tag(block.strip())]
    if "<function=" in said:
        return [_from_xml(name, body) for name, body in _XML.findall(said)]
    for mark in ("[TOOL_CALLS]", "<|python_tag|>"):
        if mark in said:
            return [call for piece in said.split(mark)[1:] for call in _after_mark(piece.strip())]
    return None


def _in_tag(block: str) -> list[ToolCall]:
    if "<function=" in block:
        return [_from_xml(name, body) for name, body in _XML.findall(block)]
    if pairs := _GLM.findall(block):
        return [ToolCall(name=block.partition("<arg_key>")[0].strip(), arguments=_texts(pairs))]
    return _whole(block)


def _from_xml(name: str, body: str) -> ToolCall:
    if pairs := _PARAMETER.findall(body):
        return ToolCall(name=name, arguments=_texts(pairs))
    return ToolCall(name=name, arguments=_arguments(body.strip() or "{}"))


def _texts(pairs: list[tuple[str, str]]) -> dict[str, Json]:
    """Arguments whose format writes all values as texts; what they are the schema tells, so `repair` sees to it."""
    if len(dict(pairs)) != len(pairs):
        raise NoJson("an argument stands twice")
    return {**dict(pairs)}


def _after_mark(piece: str) -> list[ToolCall]:
    """Mistral's `name[ARGS]{...}`, or JSON or Python's syntax from here to the end."""
    if named := _MISTRAL.match(piece):
        value, end = read_relaxed(piece, named.end())
        if not isinstance(value, dict) or piece[end:].strip():
            raise NoJson("text behind the arguments")
        return [ToolCall(name=named[1], arguments=value)]
    return _whole(piece)


def _whole(block: str) -> list[ToolCall]:
    calls: list[ToolCall] = []
    position = 0
    while rest := block[position:].lstrip(" \t\n;,"):
        start = len(block) - len(rest)
        if rest[0] in "{[" and not STARTS.match(rest):
            value, position = read_relaxed(block, start)
            found = _calls(value, in_mark=True)
        else:
            found, position = read_python(block, start)
        if found is None:
            raise NoJson("JSON that is no call")
        calls += found
    if not calls and not block:
        raise NoJson("nothing between the marks")
    return calls


# ---- calls without marks ---------------------------------------------------------------------------------------


def _bare(said: str) -> list[ToolCall] | None:
    fenced = [run for block in _FENCE.findall(said) for run in _runs(block)]
    runs = fenced or list(_runs(said))
    if any(run != runs[0] for run in runs):
        raise NoJson("different calls stand in several places")
    return runs[0] if runs else None


def _runs(text: str) -> Iterator[list[ToolCall]]:
    """Calls that stand together, with nothing but white space and commas between them."""
    run: list[ToolCall] | None = None
    end = 0
    for start, found, stop in _found(text):
        if run is not None and _BETWEEN.match(text[end:start]):
            run += found
        else:
            if run is not None:
                yield run
            run = found
        end = stop
    if run is not None:
        yield run


def _found(text: str) -> Iterator[tuple[int, list[ToolCall], int]]:
    position = 0
    for _ in range(_MOST):
        json_start = _JSON_START.search(text, position)
        call_start = STARTS.search(text, position)
        if not (json_start or call_start):
            return
        if call_start and (not json_start or call_start.start() <= json_start.start()):
            start = call_start.start()
            found, position = read_python(text, start)
            yield start, found, position
        elif json_start:
            start = json_start.start(1)
            try:
                value, position = read_relaxed(text, start)
            except NoJson:
                if _CALL_KEY.search(text, start):
                    raise
                position = start + 1
                continue
            calls = _calls(value, in_mark=False)
            if calls is not None:
                yield start, calls, position
    raise NoJson("too many pieces that look like calls")


# ---- the shapes of JSON ----------------------------------------------------------------------------------------


def _calls(value: Json, in_mark: bool) -> list[ToolCall] | None:
    """What `value` calls; None where it has no shape of a call."""
    if isinstance(value, list):
        each = [_calls(inner, in_mark) for inner in value if isinstance(inner, dict)]
        if len(each) != len(value) or any(calls is None for calls in each):
            return None
        return [call for calls in each for call in calls or []]
    if not isinstance(value, dict):
        return None
    for key in _LISTS:
        if isinstance(listed := value.get(key), list) and value.keys() <= {key, *_ASIDE}:
            return _calls(listed, in_mark)
    for key in ("function", "function_call"):
        if isinstance(inner := value.get(key), dict) and value.keys() <= {key, *_ASIDE}:
            return _calls(inner, in_mark=True)
    return _one(value, in_mark)


def _one(value: dict[str, Json], in_mark: bool) -> list[ToolCall] | None:
    keys = value.keys() - _ASIDE
    names, arguments = [key for key in _NAMES if key in keys], [key for key in _ARGUMENTS if key in keys]
    if len(names) != 1 or len(arguments) > 1 or len(keys) != len(names) + len(arguments):
        return None
    name = value[names[0]]
    if not isinstance(name, str) or not name.strip() or not (arguments or in_mark):
        return None
    given = value[arguments[0]] if arguments else None
    return [ToolCall(name=name.strip(), arguments=_arguments(given))]


def _arguments(given: Json) -> dict[str, Json]:
    """An object, or as OpenAI has it a text that holds one; nothing is no argument."""
    if isinstance(given, str):
        text = given.strip()
        if not text:
            return {}
        given, end = read_relaxed(text)
        if text[end:].strip():
            raise NoJson("text behind the arguments")
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise NoJson(f"arguments that are no object: {json.dumps(given)[:40]}")
    return given
