"""From an engine's record to the drafts of each round, and from those to outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from redraft.engine.records import Done, Record
from redraft.evaluation.outcomes import Outcome
from redraft.evaluation.sample import Sample
from redraft.models.budget import Price
from redraft.schema import Draft, Missing, Result, Verdict

Judged = tuple[str, Draft]
"""An item's id and one of its drafts."""


def rounds(result: Result) -> list[Draft]:
    """The drafts that stood, one after the other: the first, each one that replaced it, the final one.

    A revision makes a round where it was accepted and starts from the draft that stands; what else was tried (branches,
    rejected revisions, samples that lost a vote) makes none. Empty where no draft was ever made.
    """
    if result.final is None:
        return list(result.drafts[:1])
    stood = list(result.drafts[:1]) or [result.final]
    for revision in result.revisions:
        if revision.accepted and isinstance(revision.after, Draft) and revision.before.text == stood[-1].text:
            stood.append(revision.after)
    if (stood[-1].text, stood[-1].answer) != (result.final.text, result.final.answer):
        stood.append(result.final)
    return stood


def drafts(record: Record) -> list[Judged]:
    """The drafts of `record` that are to be judged."""
    return [(record.id, draft) for draft in rounds(record.result)] if isinstance(record, Done) else []


def outcomes(
    label: str, sample: Sample, record: Record, verdicts: Mapping[Judged, Verdict | Missing], price: Price | None
) -> Iterator[Outcome]:
    """The rows of one item. The cost of all stands in the last; an item without any draft has one row without a
    verdict, as has one that broke the program, whose cost is not known."""
    if not isinstance(record, Done):
        yield Outcome(id=sample.id, method=label, group=sample.group)
        return
    usage = record.result.usage
    money = price.of(usage.prompt_tokens, usage.completion_tokens) if price else None
    stood: list[Draft | None] = [*rounds(record.result)] or [None]
    for number, draft in enumerate(stood):
        found = verdicts.get((sample.id, draft)) if draft else None
        verdict = found if isinstance(found, Verdict) else None
        last = number == len(stood) - 1
        yield Outcome(
            id=sample.id,
            round=number,
            output=draft.text if draft else None,
            verdict=verdict.passed if verdict else None,
            score=verdict.score if verdict else None,
            method=label,
            signal=record.result.signal,
            usage=usage if last else None,
            money=money if last else None,
            group=sample.group,
        )
