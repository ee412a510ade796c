"""The table of a comparison as Markdown, for an issue, a README or a paper's notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from redraft.evaluation.report.contents import Contents
from redraft.evaluation.report.diff import visible
from redraft.evaluation.report.matrix import STATES, flips
from redraft.evaluation.report.words import chance, difference, metric, told
from redraft.evaluation.summary import LEVEL, Summary

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")


def to_markdown(contents: Contents) -> str:
    """Tables of estimates with their intervals (methods that saw the gold apart), flips, and tests."""
    honest = [summary for summary in contents.summaries if summary.signal != "oracle"]
    oracle = [summary for summary in contents.summaries if summary.signal == "oracle"]
    parts = ["# Comparison", _about(contents)]
    if honest:
        parts += ["## Methods", _estimates(honest)]
    if oracle:
        parts += [
            "## With the gold answer",
            "What these methods handed over was decided with the gold answer (signal `oracle`): an upper bound, not to "
            "be set beside the methods above.",
            _estimates(oracle),
        ]
    parts += ["## First draft to final draft", _flips(contents), "## Tests", _tests(contents)]
    return "\n\n".join(parts) + "\n"


def _about(contents: Contents) -> str:
    return (
        f"Each value is over all items, with its {100 * LEVEL:.0f} % interval ({contents.resamples:,} resamples, seed "
        f"{contents.seed})."
    )


def _estimates(summaries: Sequence[Summary]) -> str:
    keys = list(dict.fromkeys(key for summary in summaries for key in summary.estimates))
    head = ["Metric", *(f"{summary.method} ({summary.signal or 'no signal told'})" for summary in summaries)]
    rows: list[list[str]] = [["Items", *(f"{summary.items:,}" for summary in summaries)]]
    for key in keys:
        row = [metric(key).label]
        for summary in summaries:
            estimate = summary.estimates.get(key)
            note = f"; {estimate.note}" if estimate and estimate.value is not None and estimate.note else ""
            row.append(told(estimate, metric(key).share) + note if estimate else "")
        rows.append(row)
    return _table(head, rows)


def _flips(contents: Contents) -> str:
    head = ["Method", *(f"{first} → {final}" for first in STATES for final in STATES)]
    return _table(head, [[name, *map(str, flips(of).ravel())] for name, of in contents.methods.items()])


def _tests(contents: Contents) -> str:
    if contents.untested:
        return _escaped(contents.untested)
    oracle = {summary.method for summary in contents.summaries if summary.signal == "oracle"}
    head = ["Method", "Against", "Difference in accuracy", "McNemar p", "Permutation p", "Holm p", "Note"]
    return _table(
        head,
        [
            [
                f"{test.first} (oracle)" if test.first in oracle else test.first,
                test.second,
                " ".join(difference(test.difference)),
                chance(test.mcnemar),
                chance(test.permutation),
                chance(test.holm),
                "; ".join(note for note in (test.difference.note, test.note) if note),
            ]
            for test in contents.tests
        ],
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell if cell == '---' else _escaped(cell) for cell in row)} |" for row in lines)


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", visible(text).replace("\n", " "))
