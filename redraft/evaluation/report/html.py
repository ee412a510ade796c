"""A comparison as one HTML file that asks the network for nothing."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from itertools import groupby
from string import ascii_lowercase
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from pydantic import JsonValue

from redraft.evaluation.front import front
from redraft.evaluation.report import words
from redraft.evaluation.report.browser import Browser, browse
from redraft.evaluation.report.contents import Contents
from redraft.evaluation.report.diff import visible
from redraft.evaluation.report.matrix import STATES, flips
from redraft.evaluation.report.plot import HEIGHT, Plot, axis, draw
from redraft.evaluation.statistics.estimate import Estimate
from redraft.evaluation.summary import COSTS, LEVEL, Summary, Test

WIDE, NARROW = 860, 340
"""Widths of the plot in pixels; a page shows the one that fits."""


class Cell(NamedTuple):
    """An estimate in a table: `value` over `interval`, and the letter of its note."""

    value: str
    interval: str
    letter: str


class Row(NamedTuple):
    """A method in the table of results."""

    method: str
    signal: str
    items: int
    cells: list[Cell]


def to_html(contents: Contents, title: str = "Comparison", *, listed: int | None = None) -> str:
    """The page. `listed` bounds how many items it has (`redraft.evaluation.report.browser.LISTED`).

    Scripts and styles are the page's own and named by digest in its content security policy; every text of a model is
    escaped, and what could not be seen in it is shown as a sign.
    """
    style, script = (files(__package__).joinpath(name).read_text("utf-8") for name in ("report.css", "report.js"))
    browser = browse(contents) if listed is None else browse(contents, listed=listed)
    honest = [one for one in contents.summaries if one.signal != "oracle"]
    oracle = [one for one in contents.summaries if one.signal == "oracle"]
    keys = _keys(contents.summaries)
    notes = _Notes()
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            title=title,
            contents=contents,
            items=_count(contents.summaries),
            style=Markup(style),
            script=Markup(script),
            policy=_policy(style, script),
            groups=_groups(keys),
            honest=[_row(one, keys, notes) for one in honest],
            oracle=[_row(one, keys, notes) for one in oracle],
            notes=notes.by_text,
            absent=_absent(contents.summaries, keys),
            metrics=[words.metric(key) for key in keys],
            plots=_plots(contents.summaries),
            height=HEIGHT,
            tests=[(test, _finding(test)) for test in contents.tests],
            oracles={one.method for one in oracle},
            states=STATES,
            matrices=[(one, flips(one).tolist()) for one in contents.methods.values()],
            browser=browser,
            data=_data(browser),
            settings=[(name.replace("_", " "), _lines(value)) for name, value in contents.settings.items()],
            level=LEVEL,
            version=version("redraft"),
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("redraft.evaluation.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )
    environment.globals["words"] = words
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return environment


def _policy(style: str, script: str) -> str:
    allowed = (f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in (style, script))
    return "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'".format(*allowed)


# ---- the table of results --------------------------------------------------------------------------------------


class _Notes:
    """Each note once, under a letter."""

    def __init__(self) -> None:
        self.by_text: dict[str, str] = {}

    def letter(self, note: str | None) -> str:
        if not note:
            return ""
        return self.by_text.setdefault(note, _letters(len(self.by_text)))


def _letters(number: int) -> str:
    lead, last = divmod(number, 26)
    return (_letters(lead - 1) if lead else "") + ascii_lowercase[last]


def _keys(summaries: Sequence[Summary]) -> list[str]:
    """The metrics that are defined somewhere; the others are told beneath the table."""
    keys = dict.fromkeys(key for one in summaries for key in one.estimates)
    return [key for key in keys if any(_value(one, key) is not None for one in summaries)]


def _value(summary: Summary, key: str) -> float | None:
    return summary.estimates[key].value if key in summary.estimates else None


def _absent(summaries: Sequence[Summary], keys: Sequence[str]) -> list[tuple[str, str]]:
    """The metrics that are defined nowhere, and why."""
    lacking = {key: of for one in summaries for key, of in one.estimates.items() if key not in keys}
    return [(words.metric(key).label, words.undefined(of)) for key, of in lacking.items()]


def _groups(keys: Sequence[str]) -> list[tuple[str, int]]:
    """The headings over the columns, each with its number of columns."""
    return [(name, len(list(part))) for name, part in groupby(keys, _group)]


def _group(key: str) -> str:
    if key in COSTS:
        return "Cost of an item"
    return "Correction" if key in ("wrong_to_right", "right_to_wrong", "cl", "cs", "rss") else "Quality"


def _row(summary: Summary, keys: Sequence[str], notes: _Notes) -> Row:
    cells = [_cell(key, summary.estimates.get(key), notes) for key in keys]
    return Row(summary.method, summary.signal or "none told", summary.items, cells)


def _cell(key: str, estimate: Estimate | None, notes: _Notes) -> Cell:
    if estimate is None:
        return Cell("not told", "", "")
    share = words.metric(key).share
    if estimate.value is None:
        return Cell("undefined", "", notes.letter(words.undefined(estimate)))
    return Cell(words.quantity(estimate.value, share), words.interval(estimate, share), notes.letter(estimate.note))


def _count(summaries: Sequence[Summary]) -> str:
    counts = sorted({one.items for one in summaries})
    return f"{counts[0]:,}" if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,}"


# ---- the other parts -------------------------------------------------------------------------------------------


def _plots(summaries: Sequence[Summary]) -> list[tuple[str, Plot]]:
    cost = axis(summaries)
    if cost is None:
        return []
    ahead = [point.method for point in front(summaries, cost=cost) if point.on_front and point.signal != "oracle"]
    drawn = [(name, draw(summaries, cost, ahead, width)) for name, width in (("wide", WIDE), ("narrow", NARROW))]
    return [(name, plot) for name, plot in drawn if plot is not None]


def _finding(test: Test) -> str:
    """What a test says, in words, at a level of 0.05 after correction."""
    if test.holm is None or test.difference.value is None:
        return "not tested"
    if test.holm >= 1 - LEVEL:
        return "no difference shown"
    return "better" if test.difference.value > 0 else "worse"


def _data(browser: Browser) -> dict[str, object]:
    return {"methods": browser.methods, "states": STATES, "entries": browser.entries, "bodies": browser.bodies}


def _lines(value: JsonValue) -> list[str]:
    """A setting, a line for each of its parts."""
    if isinstance(value, dict):
        return [f"{name.replace('_', ' ')}: {_flat(part)}" for name, part in value.items()]
    if isinstance(value, list):
        return [_flat(part) for part in value]
    return [_flat(value)]


def _flat(value: JsonValue) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_flat(part)}" for name, part in value.items())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
