"""What most methods share: a draft to start from, and accept-or-keep, by which a revision replaces a draft only if the
verifier prefers it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import TypeVar

from redraft.graphs.state import stopped_by
from redraft.schema import Draft, Finding, Missing, Revision, StopReason, Task, Verdict
from redraft.verifiers.base import PairVerifier

T = TypeVar("T")


async def gather(coroutines: Iterable[Coroutine[object, object, T]]) -> list[T]:
    """Run a fan-out whose width depends on the data: all at once, results in order."""
    return list(await asyncio.gather(*coroutines))


async def first_draft(task: Task, node: str, write: Callable[[], Awaitable[str | Missing]]) -> Draft | Missing:
    """The draft that the task brings, or else what `write` makes in `node`."""
    if task.draft is not None:
        return Draft(text=task.draft, node="input")
    text = await write()
    return Draft(text=text, node=node) if isinstance(text, str) else text


async def accept_or_keep(
    task: Task,
    before: Draft,
    after: Draft | Missing,
    verifier: PairVerifier | None,
    findings: Sequence[Finding] = (),
    feedback: str = "",
) -> Revision:
    """Judge `after` against `before`. A revision that is missing or changes nothing is kept out without a call.

    Without a verifier every changed revision is accepted, as in the methods that publish none.
    """
    verdicts: tuple[Verdict | Missing, ...] = ()
    accepted = isinstance(after, Draft) and after.text != before.text
    if verifier is not None and isinstance(after, Draft) and accepted:
        verdict = await verifier.prefer(task, before, after)
        verdicts, accepted = (verdict,), isinstance(verdict, Verdict) and verdict.passed
    return Revision(
        before=before,
        findings=tuple(findings),
        feedback=feedback,
        after=after,
        verdicts=verdicts,
        accepted=accepted,
    )


def final_draft(revision: Revision) -> Draft:
    """The draft that stands after `revision`: the later one if it was accepted."""
    return revision.after if revision.accepted and isinstance(revision.after, Draft) else revision.before


def outcome(revision: Revision) -> StopReason:
    """Why a method ends that ends with this revision."""
    if revision.accepted:
        return StopReason.ACCEPTED
    if not isinstance(revision.after, Draft):
        return stopped_by(revision.after)
    if revision.after.text == revision.before.text:
        return StopReason.UNCHANGED
    unjudged = [verdict for verdict in revision.verdicts if not isinstance(verdict, Verdict)]
    return stopped_by(unjudged[0]) if unjudged else StopReason.REJECTED
