"""Drafts on trial: each is run or otherwise judged by itself, and the next is written from what came of it.

What Self-Debug, Reflexion and CRITIC share: the latest draft goes on, as in their papers, and `final` is the one that
did best; among equals the later. How a draft is judged and rewritten is each method's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from redraft.agents.agent import Agent
from redraft.agents.parsing import parse_code
from redraft.errors import ConfigError
from redraft.graphs.method import Roles
from redraft.graphs.revise import outcome
from redraft.graphs.state import State, stopped_by
from redraft.schema import Draft, Missing, Revision, StopReason, Task, Verdict
from redraft.verifiers.base import Verifier


class TrialState(State, total=False):
    """`trial` is the draft on trial, written from `before` by `feedback`; `evidence` what its trial brought, and
    `comment` what a model says of it, empty where it says nothing; `best` the scores of `final`."""

    trial: Draft
    before: Draft
    feedback: str
    evidence: str
    comment: str
    best: list[float]


def honest_verifier(roles: Roles, role: str = "verifier") -> Verifier:
    """The verifier in `role`. Raises ConfigError where it knows the gold: a loop that stops by it solves nothing."""
    verifier = roles.verifier(role)
    if verifier.signal == "oracle":
        raise ConfigError(f"{verifier.name} knows the right answers, and the {role} here says when to stop")
    return verifier


def coder(agent: Agent[str], task: Task) -> Agent[str]:
    """`agent`, of whose replies the program counts that defines what `task` asks for."""
    return replace(agent, parse=partial(parse_code, entry_point=getattr(task, "entry_point", None)))


def begun(draft: Draft | Missing) -> TrialState:
    """The state after the first draft, or why there is none."""
    if isinstance(draft, Draft):
        return {"final": draft, "drafts": [draft], "trial": draft}
    return {"stop": stopped_by(draft)}


def tried(state: TrialState, verdicts: Sequence[Verdict | Missing], last: bool) -> TrialState:
    """What the trial of `trial` adds: its verdicts, whether it is the best so far, and why the method ends, if it does.

    Verdicts count in order, the first most. A trial without a verdict ends the method, and its draft does not stand.
    """
    draft, read = state["trial"], [verdict for verdict in verdicts if isinstance(verdict, Verdict)]
    scores = [verdict.score for verdict in read]
    judged = len(read) == len(verdicts)
    stands = judged and scores >= state.get("best", [])
    told: TrialState = {"evidence": "\n".join(verdict.evidence for verdict in read)}
    if "before" in state:
        told["revisions"] = [
            Revision(
                before=state["before"],
                feedback=state["feedback"],
                after=draft,
                verdicts=tuple(verdicts),
                accepted=stands and draft.text != state["before"].text,
            )
        ]
    else:
        told["verdicts"] = list(verdicts)
    if stands:
        told |= {"final": draft, "best": scores}
    if not judged:
        told["stop"] = next(stopped_by(verdict) for verdict in verdicts if not isinstance(verdict, Verdict))
    elif all(verdict.passed for verdict in read):
        told["stop"] = StopReason.SATISFIED
    elif last:
        told["stop"] = StopReason.ROUND_LIMIT
    return told


def rewritten(state: TrialState, after: Draft | Missing, feedback: str) -> TrialState:
    """What a rewrite adds: the next draft on trial, or why there is none. One that changes nothing ends the method."""
    before = state["trial"]
    drafts = [after] if isinstance(after, Draft) else []
    if isinstance(after, Draft) and after.text != before.text:
        return {"trial": after, "before": before, "feedback": feedback, "drafts": drafts}
    revision = Revision(before=before, feedback=feedback, after=after, accepted=False)
    return {"drafts": drafts, "revisions": [revision], "stop": outcome(revision)}
