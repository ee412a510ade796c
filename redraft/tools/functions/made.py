"""Functions that a model wrote: offered like any other, and run in the sandbox only, a fresh start for each call.

What they return comes back as JSON. What they print, read, open, start or change stays in the sandbox, which has no
files, no network and nothing of our environment. Keeping them from one task to the next belongs in `made_library`.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from redraft.schema import Failure
from redraft.tools.functions.catalogue import from_python
from redraft.tools.functions.made_signature import signature_of, unsaid
from redraft.tools.functions.run import Bounds, Function
from redraft.tools.sandbox import Kind, Limits, Program, Report, Sandbox, SandboxUnusable

_FILE = "<function>"
_MOST = 48 << 20
"""Bytes that a sandbox can report."""
_INSIDE = Path(__file__).with_name("made_inside.py")
_CAUSES = {
    Kind.TIMED_OUT: "timeout",
    Kind.OUT_OF_MEMORY: "out_of_memory",
    Kind.TOO_MUCH_OUTPUT: "too_big",
    Kind.LOST: "sandbox_lost",
}


def from_source(
    source: str,
    sandbox: Sandbox,
    name: str | None = None,
    bounds: Bounds = Bounds(),  # noqa: B008 Frozen.
) -> Function:
    """The function `name` in Python source that nobody trusts, or else the last public one: described here by its
    signature and docstring, without running it, and run in `sandbox`.

    A call fails with the causes of `run.run` (`raised`, `timeout`, `too_big`, `not_json`), and with `out_of_memory`,
    `sandbox_lost` and `sandbox_unusable`. The seconds count from when the sandbox begins the call: give a catalogue of
    them `patient(bounds)`. Raises ConfigError for a source without such a function, or with a signature that no JSON
    Schema holds.
    """
    signature = signature_of(source, name)
    described = from_python(signature)
    properties = described.schema.parameters.get("properties")
    for each in unsaid(signature):
        if isinstance(properties, dict) and isinstance(known := properties.get(each), dict):
            known.pop("default", None)

    async def invoke(arguments: dict[str, JsonValue]) -> JsonValue | Failure:
        values = described.invoke(arguments)
        if not isinstance(values, dict):
            return cast(Failure, values)
        told = repr({each: value for each, value in values.items() if each in arguments})
        return await _ran(sandbox, source, described.schema.name, told, bounds)

    return Function(described.schema, invoke)


def patient(bounds: Bounds) -> Bounds:
    """For a catalogue of such functions: `bounds`, but that a call may also wait for its turn in the sandbox."""
    return replace(bounds, seconds=bounds.seconds + 86_400)


async def defines(source: str, sandbox: Sandbox, bounds: Bounds = Bounds()) -> Failure | None:  # noqa: B008 Frozen.
    """Why `source` does not so much as define its functions, if so: the same causes as those of a call."""
    value = await _ran(sandbox, source, None, "{}", bounds)
    return value if isinstance(value, Failure) else None


async def _ran(sandbox: Sandbox, source: str, name: str | None, arguments: str, bounds: Bounds) -> JsonValue | Failure:
    room = min(6 * bounds.size + 1000, _MOST)
    limits = Limits(cpu=math.ceil(bounds.seconds), wall=bounds.seconds, output=room, shown=room)
    program = f"{_inside()}\n\nmain{(source, _FILE, name, arguments, bounds.size)!r}\n"
    try:
        report = await sandbox.run(Program(program), limits)
    except SandboxUnusable as error:
        return Failure(cause="sandbox_unusable", message=str(error))
    return _value(report, name or "the source", bounds)


@cache
def _inside() -> str:
    return _INSIDE.read_text(encoding="utf-8")


def _value(report: Report, name: str, bounds: Bounds) -> JsonValue | Failure:
    came = report.program
    told = {
        "timeout": f"{name} took longer than {bounds.seconds:g} s",
        "too_big": f"{name} brought more than {bounds.size:,} characters",
        "out_of_memory": f"{name} wanted more memory than a function may have",
        "sandbox_lost": came.detail,
        "raised": f"{name} {_error(came.detail)}"[:2000],
    }
    if not came.passed:
        cause = _CAUSES.get(came.kind, "raised")
        return Failure(cause=cause, message=told[cause])
    try:
        reply = json.loads(report.output)
    except (ValueError, RecursionError):
        reply = None
    match reply:
        case {"value": value}:
            return cast(JsonValue, value)
        case {"cause": "too_big"}:
            return Failure(cause="too_big", message=told["too_big"])
        case {"cause": "not_json", "message": str(why)}:
            return Failure(cause="not_json", message=f"{name} brought what JSON cannot hold: {why}")
    return Failure(cause="not_json", message=f"{name} wrote over its own result")


def _error(detail: str) -> str:
    """The last line of a traceback, and then where in the source it was."""
    if not detail.startswith("Traceback"):
        return f"ended its process: {detail.strip()}"
    lines = detail.strip().splitlines()
    start = next((place for place, line in enumerate(lines) if f'File "{_FILE}"' in line), len(lines) - 1)
    return "\n".join([f"raised {lines[-1]}", *lines[start:-1]])
