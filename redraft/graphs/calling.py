"""What methods share that do not only write calls but make them: a turn of calls, and its record.

The functions come from the role `functions`; which of them a model may call its task says. A call that fails is an
observation like any other, for the model to read: no function can end an item.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from redraft.agents.prompt import one_line
from redraft.graphs.tool_calls import Examined, examine, names_twice
from redraft.schema import Draft, Failure, Missing, Noun, ToolCall, ToolCallTask, Unparsed, Verdict
from redraft.tools.functions.call import write
from redraft.tools.functions.check import Checker
from redraft.tools.functions.run import Output
from redraft.tools.functions.source import Functions


class Observation(Noun):
    """A call that was made, and what it brought: a value as JSON, or in words why there is none (`failure`: its
    cause)."""

    call: ToolCall
    text: str
    failure: str | None = None


class Move(Noun):
    """One turn: a thought, and the calls made; where none could be made, `correction` is what the model is told."""

    thought: str = ""
    observations: tuple[Observation, ...] = ()
    correction: str = ""


@dataclass(frozen=True)
class Made:
    """What came of a draft that holds calls."""

    move: Move
    examined: Examined

    @property
    def verdict(self) -> Verdict | Missing:
        """Whether every call brought a value; where none was made, what is wrong with them."""
        if self.examined.faults:
            return self.examined.verdict
        seen = self.move.observations
        good = sum(each.failure is None for each in seen)
        return Verdict(
            verifier="functions",
            signal="tool",
            score=good / len(seen),
            passed=good == len(seen),
            evidence="\n".join(each.text for each in seen),
        )


async def unavailable(functions: Functions, task: ToolCallTask) -> Failure | None:
    """Why the task's functions cannot be called, if so: there are none, or not these."""
    if failure := names_twice(task.functions):
        return failure
    offered = await functions.schemas()
    if isinstance(offered, Failure):
        return offered
    known = {each.name for each in offered}
    if lost := [each.name for each in task.functions if each.name not in known]:
        message = f"the task names {', '.join(lost[:5])}, and {functions.name} offers {', '.join(sorted(known)[:20])}"
        return Failure(cause="unknown_functions", message=message)
    return None


async def make(draft: Draft, check: Checker, functions: Functions, size: int, thought: str = "") -> Made:
    """Check the calls in the draft, repair what needs no guess, and make them, in order.

    What a call brings is cut to `size` characters. Where a call cannot be made none is.
    """
    examined = examine(draft, check)
    if examined.faults or not examined.calls:
        wrong = "; ".join(finding.explanation for finding in examined.findings)
        return Made(Move(thought=thought, correction=wrong), examined)
    seen = [_observed(call, await functions.call(call), size) for call in examined.calls]
    return Made(Move(thought=thought, observations=tuple(seen)), examined)


def unread_call(missing: Unparsed, thought: str = "") -> Move:
    """The turn of a reply from which no call could be read."""
    return Move(thought=thought, correction=f"no call could be read: {missing.reason}")


def transcript(moves: Sequence[Move]) -> str:
    """The turns in the order they were made, each thing on a line of its own, for a prompt."""
    lines: list[str] = []
    for move in moves:
        lines += [f"Thought: {one_line(move.thought)}"] if move.thought else []
        for each in move.observations:
            arguments = json.dumps(each.call.arguments, ensure_ascii=False)
            lines += [f"Action: {each.call.name}", f"Action Input: {arguments}", f"Observation: {each.text}"]
        lines += [f"Observation: error: {one_line(move.correction)}"] if move.correction else []
    return "\n".join(lines)


def worked(moves: Sequence[Move]) -> tuple[ToolCall, ...]:
    """The calls that brought a value."""
    return tuple(each.call for move in moves for each in move.observations if each.failure is None)


def calls_of(moves: Sequence[Move], node: str) -> Draft:
    """The calls that brought a value, as a draft."""
    written = write(worked(moves))
    return Draft(text=written, node=node, answer=written)


def _observed(call: ToolCall, brought: Output | Failure, size: int) -> Observation:
    if isinstance(brought, Failure):
        message = one_line(f"error: {brought.cause}: {brought.message}")
        return Observation(call=call, text=_cut(message, size), failure=brought.cause)
    return Observation(call=call, text=_cut(json.dumps(brought.value, ensure_ascii=False), size))


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[:size]} ... (cut; {len(text):,} characters in all)"
