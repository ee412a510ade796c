"""The items that a person can look through: drafts with what changed, marked errors, verdicts; never more than a page
can bear.

What is shown is chosen in this order: items that went from wrong to right or from right to wrong, items with a draft
that could not be read, all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from redraft.engine.records import Done
from redraft.evaluation.outcomes import Outcomes
from redraft.evaluation.report.contents import Contents
from redraft.evaluation.report.diff import SAME, Part, changes, mark, visible
from redraft.evaluation.report.matrix import states
from redraft.evaluation.report.records import SHOWN, TEXT_LIMIT, asked, cut, found_in, judgement, read_records, revised
from redraft.schema import Finding, Revision

LISTED = 50_000
"""Items (of all methods together) that can be looked through."""
TEXTS = 12_000_000
"""Characters of drafts that a page holds, and bytes of records."""


@dataclass(frozen=True)
class Step:
    """A draft, or a revision: its segments against the one before it. `state` is a place in `matrix.STATES`."""

    title: str
    segments: list[tuple[int, str, tuple[int, ...]]]
    state: int | None = None
    score: float | None = None
    note: str = ""
    findings: list[dict[str, str]] = field(default_factory=list)
    verdicts: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Browser:
    """`methods` by name; `entries` are (place of the method, id, first state, final state, place in `bodies` or -1);
    `notes` say what is left out."""

    methods: list[str]
    entries: list[tuple[int, str, int, int, int]]
    bodies: list[dict[str, object]]
    notes: list[str]


def browse(contents: Contents, *, listed: int = LISTED, texts: int = TEXTS) -> Browser:
    """What a page shows of `contents`, with at most `listed` items and `texts` characters of drafts."""
    methods = list(contents.methods.values())
    order = _order(methods)
    shown = order[:listed]
    sizes = np.cumsum([_size(methods[which], place) for which, place in shown])
    whole = shown[: int(np.searchsorted(sizes, texts, side="right"))]
    entries: list[tuple[int, str, int, int, int]] = []
    bodies: list[dict[str, object]] = []
    left = texts
    for which, outcomes in enumerate(methods):
        places = sorted(place for method, place in shown if method == which)
        with_text = {place for method, place in whole if method == which}
        path = contents.records.get(outcomes.method)
        ids = [outcomes.ids[place] for place in with_text]
        records = read_records(path, ids, left // (len(methods) - which)) if path else {}
        first, final = states(outcomes.first), states(outcomes.final)
        for place in places:
            id = outcomes.ids[place]
            if place in with_text:
                bodies.append(_body(outcomes, place, records.get(id)))
            body = len(bodies) - 1 if place in with_text else -1
            entries.append((which, visible(id), int(first[place]), int(final[place]), body))
    return Browser([visible(one.method) for one in methods], entries, bodies, _notes(len(order), shown, whole))


def _order(methods: Sequence[Outcomes]) -> list[tuple[int, int]]:
    """(method, item), those most worth a look first, the methods taking turns."""
    ranked: list[tuple[int, int, int]] = []
    for which, outcomes in enumerate(methods):
        ranked += [(rank, place, which) for place, rank in enumerate(_ranks(outcomes).tolist())]
    return [(which, place) for _, place, which in sorted(ranked)]


def _ranks(outcomes: Outcomes) -> NDArray[np.intp]:
    first, final = outcomes.first, outcomes.final
    unread = (first < 0) | (final < 0)
    return np.where(unread, 1, np.where(first != final, 0, 2))


def _size(outcomes: Outcomes, place: int) -> int:
    return sum(min(len(text or ""), TEXT_LIMIT) for text in outcomes.outputs[place]) + 1


def _notes(there: int, shown: Sequence[object], whole: Sequence[object]) -> list[str]:
    notes = [f"Of a text that is longer, the first {TEXT_LIMIT:,} characters are shown."]
    if len(whole) < len(shown):
        notes.append(
            f"To keep this page small, the texts of {len(shown) - len(whole):,} items are left out; those that went "
            "from wrong to right or back, and those with an unparsed draft, come first."
        )
    if len(shown) < there:
        notes.append(f"{there - len(shown):,} of {there:,} items are not listed at all.")
    return notes


def _body(outcomes: Outcomes, place: int, record: Done | None) -> dict[str, object]:
    steps = _rounds(outcomes, place, record)
    told = {"asked": [], "stop": "", "verdicts": []} if record is None else _told(record)
    if record is not None:
        texts = [text for text in outcomes.outputs[place] if text is not None]
        steps += [_kept_out(one) for one in record.result.revisions if revised(one.after) not in texts][:SHOWN]
    return told | {"steps": [vars(step) for step in steps]}


def _told(record: Done) -> dict[str, object]:
    return {
        "asked": [(name, visible(text)) for name, text in asked(record.task)],
        "stop": record.result.stop.value.replace("_", " "),
        "verdicts": [_seen(judgement(verdict)) for verdict in record.result.verdicts[:SHOWN]],
    }


def _rounds(outcomes: Outcomes, place: int, record: Done | None) -> list[Step]:
    """A step for each round; the rounds that change nothing at the end are one note."""
    texts, verdicts, scores = outcomes.outputs[place], states(outcomes.verdicts[place]), outcomes.scores[place]
    last = len(texts)
    while last > 1 and texts[last - 1] == texts[last - 2] and verdicts[last - 1] == verdicts[last - 2]:
        last -= 1
    steps: list[Step] = []
    revisions = list(record.result.revisions) if record else []
    for number in range(last):
        text, before = texts[number], texts[number - 1] if number else None
        findings = found_in(record, text) if record and text is not None else []
        made = next((one for one in revisions if text is not None and number and revised(one.after) == text), None)
        if made is not None:
            revisions.remove(made)
        left = len(text or "") - TEXT_LIMIT
        notes = [f"{left:,} more characters are left out."] if left > 0 else []
        if text is None:
            notes.append("There is no text.")
        if number == last - 1 and last < len(texts):
            notes.append("Nothing changed in the rounds after it.")
        steps.append(
            Step(
                title=f"Round {number}" if number else "First draft",
                segments=_segments(before, text, findings),
                state=int(verdicts[number]),
                score=None if np.isnan(scores[number]) else float(scores[number]),
                note=" ".join(notes),
                findings=[_finding(finding) for finding in findings],
                verdicts=[_seen(judgement(verdict)) for verdict in made.verdicts[:SHOWN]] if made else [],
            )
        )
    return steps


def _kept_out(revision: Revision) -> Step:
    after = revised(revision.after)
    return Step(
        title="A revision that was not kept" if not revision.accepted else "A revision on the way",
        segments=_segments(revision.before.text, after, []),
        note=cut(visible(getattr(revision.after, "reason", "") or getattr(revision.after, "message", ""))),
        verdicts=[_seen(judgement(verdict)) for verdict in revision.verdicts[:SHOWN]],
    )


def _segments(
    before: str | None, after: str | None, findings: Sequence[Finding]
) -> list[tuple[int, str, tuple[int, ...]]]:
    if not after:
        return []
    text = after[:TEXT_LIMIT]
    parts: list[Part] = [(SAME, text)] if before is None else changes(before[:TEXT_LIMIT], text)
    return [
        (kind, visible(part), numbers) for kind, part, numbers in mark(parts, [_span(f, len(text)) for f in findings])
    ]


def _span(finding: Finding, end: int) -> tuple[int, int]:
    """Where the finding stands in the text shown; nowhere (0, 0) if it does not."""
    span = finding.span
    return (0, 0) if span is None or span.text == "source" or span.start >= end else (span.start, min(span.end, end))


def _finding(finding: Finding) -> dict[str, str]:
    where = " in the source" if finding.span is not None and finding.span.text == "source" else ""
    return _seen(
        {
            "severity": finding.severity,
            "about": f"{finding.severity}, {finding.category}{where}",
            "quote": cut(finding.quote),
            "explanation": cut(finding.explanation),
        }
    )


def _seen(texts: dict[str, str]) -> dict[str, str]:
    return {name: visible(text) for name, text in texts.items()}
