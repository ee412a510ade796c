"""What the methods that call functions share: the prompt's blanks, the output constraint, and a draft put to the test.

`examine` is tool-call correction as far as it needs no model: usable in any graph. Asking again is each method's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from pydantic import JsonValue

from redraft.agents.parsing.tool_calls import NO_CALL, parse_tool_calls
from redraft.models.base import JsonSchema
from redraft.schema import (
    Draft,
    Failure,
    Finding,
    FunctionSchema,
    Missing,
    Revision,
    ToolCall,
    ToolCallTask,
    Unparsed,
    Verdict,
)
from redraft.tools.functions.call import write
from redraft.tools.functions.check import Checker, strict
from redraft.tools.functions.faults import Fault, FaultKind
from redraft.tools.functions.repair import repair

BLANKS = frozenset({"request", "functions", "optional"})


def blanks(task: ToolCallTask) -> dict[str, object]:
    """What the prompts say of the task; the functions a line each."""
    functions = "\n".join(each.model_dump_json() for each in task.functions)
    return {"request": task.request, "functions": functions, "optional": task.least == 0}


def guide(task: ToolCallTask) -> JsonSchema:
    """The JSON Schema of a list of calls of the task's functions, for servers with guided decoding."""
    parts: dict[str, JsonValue] = {}
    each: list[JsonValue] = []
    for index, function in enumerate(task.functions):
        parts[f"f{index}"] = _moved(strict(function.parameters), f"#/$defs/f{index}")
        arguments: JsonValue = {"$ref": f"#/$defs/f{index}"}
        each.append(
            {
                "type": "object",
                "properties": {"name": {"const": function.name}, "arguments": arguments},
                "required": ["name", "arguments"],
                "additionalProperties": False,
            }
        )
    bounds = {"minItems": task.least} | ({} if task.most is None else {"maxItems": task.most})
    return JsonSchema(json.dumps({"type": "array", "items": {"anyOf": each}, **bounds, "$defs": parts}))


def _moved(schema: JsonValue, place: str) -> JsonValue:
    """`schema` with its references into itself, now that it stands at `place` of another one."""
    if isinstance(schema, dict):
        return {
            key: place + inner[1:]
            if key == "$ref" and isinstance(inner, str) and inner.startswith("#")
            else _moved(inner, place)
            for key, inner in schema.items()
        }
    return [_moved(inner, place) for inner in schema] if isinstance(schema, list) else schema


def checker(task: ToolCallTask) -> Checker:
    """Checks calls for `task`. Raises ConfigError, MissingExtra as `Checker`."""
    return Checker(task.functions, task.least, task.most)


def names_twice(functions: tuple[FunctionSchema, ...]) -> Failure | None:
    """Why no call can be made of these functions, if two have one name."""
    names = [each.name for each in functions]
    twice = sorted({name for name in names if names.count(name) > 1})
    return Failure(cause="bad_functions", message=f"two functions are called {twice[0]}") if twice else None


@dataclass(frozen=True)
class Examined:
    """What came of a draft: the draft that stands after the repairs, its calls, and what is still wrong with it."""

    draft: Draft
    calls: tuple[ToolCall, ...] | None
    faults: tuple[Fault, ...]
    revisions: tuple[Revision, ...] = ()

    @property
    def verdict(self) -> Verdict | Missing:
        """Whether the calls can be made, by their schemas; Failure where a schema is at fault."""
        if blocked := next((fault for fault in self.faults if fault.kind is FaultKind.UNCHECKED), None):
            return Failure(cause="bad_schema", message=blocked.message)
        evidence = "\n".join(finding.explanation for finding in self.findings)
        passed = not self.faults
        return Verdict(verifier="tool-schemas", signal="tool", score=float(passed), passed=passed, evidence=evidence)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The faults as findings."""
        return tuple(fault.finding() for fault in self.faults)

    @property
    def badness(self) -> int:
        """How many faults; a reply that holds no calls at all is worse than any that does."""
        return 1_000 if self.calls is None else len(self.faults)


def examine(draft: Draft, check: Checker, least: int = 1, mend: bool = True) -> Examined:
    """Parse, check and, with `mend`, repair what needs no guess; each repair is an accepted revision of its own.

    Drafts get the calls as their answer. Where `least` is 0 a reply that only talks makes no calls.
    """
    calls = parse_tool_calls(draft.text)
    if isinstance(calls, Unparsed) and calls.reason == NO_CALL and least == 0:
        calls = ()
    if isinstance(calls, Unparsed):
        return Examined(draft, None, (Fault(FaultKind.UNPARSABLE, calls.reason),))
    before = draft.model_copy(update={"answer": write(calls)})
    revisions: list[Revision] = []
    for made in repair(calls, check)[1] if mend else ():
        calls = (*calls[: made.call], made.after, *calls[made.call + 1 :])
        after = Draft(text=write(calls), node="repair", answer=write(calls))
        finding = made.fault.finding()
        revisions.append(Revision(before=before, findings=(finding,), feedback=made.reason, after=after, accepted=True))
        before = after
    examined = Examined(before, calls, check.faults(calls), tuple(revisions))
    if not revisions:
        return examined
    judged = revisions[-1].model_copy(update={"verdicts": (examined.verdict,)})
    return Examined(before, calls, examined.faults, (*revisions[:-1], judged))
