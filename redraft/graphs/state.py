"""What travels through a graph, and what a finished one amounts to.

Lists grow by what each node adds; everything else holds its latest value. A method adds keys of its own by
subclassing `State`. All of it is plain data, so any LangGraph checkpointer can keep it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from operator import add
from typing import Annotated, TypedDict

from redraft.schema import (
    Call,
    Draft,
    Failure,
    Finding,
    Missing,
    Result,
    Revision,
    Signal,
    StopReason,
    Task,
    Unparsed,
    Usage,
    Verdict,
)

_STRENGTH: tuple[Signal, ...] = ("self", "tool", "human", "oracle")


class State(TypedDict, total=False):
    """What every method keeps. `final` is the best draft so far: a graph may end after any node and lose nothing.

    `verdicts` are those of drafts; those of a revision stand in the revision.
    """

    task: Task
    final: Draft
    stop: StopReason
    stages: dict[str, StopReason]
    findings: list[Finding]
    scores: dict[str, float]
    drafts: Annotated[list[Draft], add]
    revisions: Annotated[list[Revision], add]
    verdicts: Annotated[list[Verdict | Unparsed | Failure], add]
    calls: Annotated[list[Call], add]
    steps: Annotated[list[str], add]


def stopped_by(missing: Missing) -> StopReason:
    """Why a method ends that cannot go on without the value that is missing."""
    if isinstance(missing, Unparsed):
        return StopReason.UNPARSED
    return StopReason.BUDGET if missing.cause == "budget_spent" else StopReason.FAILED


def stronger(signals: Iterable[Signal]) -> Signal:
    """The strongest of them; `self` where there is none."""
    return max(signals, key=_STRENGTH.index, default="self")


def to_result(state: State, paused: bool = False) -> Result:
    """The record of a finished run, or of one that is `paused` and goes on later."""
    calls = state.get("calls", [])
    by_role: defaultdict[str, list[Usage]] = defaultdict(list)
    for call in calls:
        by_role[call.role].append(call.usage)
    judged = state.get("verdicts", [])
    verdicts = [*judged, *(verdict for revision in state.get("revisions", []) for verdict in revision.verdicts)]
    missing = [*(reply for call in calls for reply in call.missing), *(v for v in verdicts if isinstance(v, Failure))]
    return Result(
        final=state.get("final"),
        stop=StopReason.PAUSED if paused else state.get("stop", StopReason.COMPLETED),
        stages=state.get("stages", {}),
        findings=tuple(state.get("findings", [])),
        drafts=tuple(state.get("drafts", [])),
        revisions=tuple(state.get("revisions", [])),
        verdicts=tuple(judged),
        scores=state.get("scores", {}),
        signal=stronger(v.signal for v in verdicts if isinstance(v, Verdict)),
        usage=Usage.total(call.usage for call in calls),
        usage_by_role={role: Usage.total(by_role[role]) for role in sorted(by_role)},
        unparsed=tuple(reply for reply in missing if isinstance(reply, Unparsed)),
        errors=tuple(dict.fromkeys(reply for reply in missing if isinstance(reply, Failure))),
    )
