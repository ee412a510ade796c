"""How a comparison looks on a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from redraft.evaluation.compare import Comparison
from redraft.evaluation.front import Point
from redraft.evaluation.report.words import chance, difference, interval, metric, quantity, undefined
from redraft.evaluation.statistics.estimate import Estimate
from redraft.evaluation.summary import Summary, Test


def show(
    console: Console, found: Comparison, summaries: Sequence[Summary], tests: Sequence[Test], points: Sequence[Point]
) -> None:
    """The methods, those that saw the gold in a table of their own; the pairs with controls; the front; faults."""
    notes: dict[str, None] = {}
    honest = [summary for summary in summaries if summary.signal != "oracle"]
    oracle = [summary for summary in summaries if summary.signal == "oracle"]
    if honest:
        console.print(_methods("Methods", honest, notes))
    if oracle:
        title = "With the gold answer (signal oracle): an upper bound, not to be set beside the methods above"
        console.print(_methods(title, oracle, notes))
    if tests:
        console.print(_pairs(tests, {summary.method for summary in oracle}, notes))
    for gold in (False, True):
        if names := [point.method for point in points if point.on_front and (point.signal == "oracle") is gold]:
            _line(
                console, f"cost-quality front{', with the gold' if gold else ''} (calls, accuracy): {', '.join(names)}"
            )
    for note in (*found.notes, *notes):
        _line(console, f"note: {note}")
    for cause, times in _causes(found).items():
        example = next(fault.message for fault in found.failures if fault.cause == cause)
        _line(console, f"failed {times} times: {cause}: {example}")
    _line(console, f"outcomes and records in {found.folder}; to look at them: redraft eval report {found.folder}")


def _causes(found: Comparison) -> Counter[str]:
    causes: Counter[str] = Counter()
    for fault, times in found.failures.items():
        causes[fault.cause] += times
    return causes


def _methods(title: str, summaries: Sequence[Summary], notes: dict[str, None]) -> Table:
    table = Table("", *(summary.method for summary in summaries), title=title, title_justify="left")
    table.add_row("Signal", *(summary.signal or "not told" for summary in summaries))
    table.add_row("Items", *(f"{summary.items:,}" for summary in summaries))
    for key in summaries[0].estimates:
        if key == "money" and all(summary.estimates[key].value is None for summary in summaries):
            continue  # No price was given.
        cells = [_cell(key, summary.method, summary.estimates[key], notes) for summary in summaries]
        table.add_row(metric(key).label, *cells)
    return table


def _cell(key: str, method: str, estimate: Estimate, notes: dict[str, None]) -> Text:
    if estimate.value is None:
        return Text(undefined(estimate), "dim")
    if estimate.note:
        notes[estimate.note if "too few" in estimate.note else f"{method}, {metric(key).label}: {estimate.note}"] = None
    share = metric(key).share
    return Text.assemble(quantity(estimate.value, share), "\n", (interval(estimate, share), "dim"))


def _pairs(tests: Iterable[Test], oracle: set[str], notes: dict[str, None]) -> Table:
    table = Table("method", "control", "accuracy less the control's", "McNemar p", "permutation p", "Holm p")
    table.title, table.title_justify = (
        "Beside the controls: single is one draft, the others spend the same calls",
        "left",
    )
    for test in tests:
        first = f"{test.first} (oracle)" if test.first in oracle else test.first
        for note in (test.difference.note, test.note):
            if note:
                notes[note] = None
        cell = Text("\n".join(filter(None, difference(test.difference))))
        p = (chance(test.mcnemar), chance(test.permutation), chance(test.holm))
        table.add_row(first, test.second, cell, *p)
    return table


def _line(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
