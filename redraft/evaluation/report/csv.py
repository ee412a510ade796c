"""The table of a comparison as CSV: a line for each method and metric, numbers as they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from redraft.evaluation.report.diff import visible
from redraft.evaluation.summary import Summary

COLUMNS = ("method", "signal", "items", "metric", "value", "low", "high", "level", "n", "note")


def to_csv(summaries: Sequence[Summary]) -> str:
    """RFC 4180, with a byte order mark, by which spreadsheets know UTF-8. What is undefined has an empty `value` and a
    `note`. A text that a spreadsheet would take for a formula begins with an apostrophe."""
    file = io.StringIO(newline="")
    rows = csv.writer(file)
    rows.writerow(COLUMNS)
    for summary in summaries:
        for key, of in summary.estimates.items():
            texts = [_text(summary.method), summary.signal or "", str(summary.items), key]
            numbers = ["" if number is None else repr(number) for number in (of.value, of.low, of.high)]
            rows.writerow([*texts, *numbers, of.level, of.n, _text(of.note or "")])
    return "\ufeff" + file.getvalue()


def _text(text: str) -> str:
    text = visible(text)
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) else text
