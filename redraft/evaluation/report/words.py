"""How numbers are written for a person, and what the metrics are called."""

from __future__ import annotations

from dataclasses import dataclass

from redraft.evaluation.statistics.estimate import Estimate


@dataclass(frozen=True)
class Metric:
    """What a metric is called in a table, what it says in words, and whether it is a share of items."""

    label: str
    about: str
    share: bool = True


METRICS = {
    "accuracy": Metric("Accuracy", "final drafts that are right, of all items"),
    "parse_rate": Metric("Parse rate", "final drafts that could be read and judged"),
    "accuracy_of_parsed": Metric("Accuracy of parsed", "final drafts that are right, of those that could be judged"),
    "first_accuracy": Metric("First accuracy", "first drafts that are right, of all items"),
    "wrong_to_right": Metric("Wrong → right", "items whose first draft is wrong and whose final draft is right"),
    "right_to_wrong": Metric("Right → wrong", "items whose first draft is right and whose final draft is wrong"),
    "cl": Metric("CL", "confidence level: right first drafts that stay right"),
    "cs": Metric("CS", "critique score: first drafts that are not right and become right"),
    "rss": Metric("RSS", "relative self-correction score: 0.5 where the final drafts are as good as the first", False),
    "calls": Metric("Calls", "calls of a model, for each item", False),
    "tokens": Metric("Tokens", "prompt and completion tokens, for each item", False),
    "seconds": Metric("Seconds", "latency of all calls added up, for each item", False),
    "money": Metric("Money", "in the currency of the models' prices, for each item", False),
}


def metric(key: str) -> Metric:
    """The words for `key`, also for one that is not in the list."""
    return METRICS.get(key) or Metric(key.replace("_", " ").capitalize(), "", False)


def number(value: float) -> str:
    """Three significant digits, or whole from 1,000 on, with a true minus sign."""
    size = abs(value)
    if size >= 1000:
        text = f"{value:,.0f}"
    elif size >= 100:
        text = f"{value:.0f}"
    elif size >= 10:
        text = f"{value:.1f}"
    elif size >= 0.01 or size == 0:
        text = f"{value:.2f}"
    else:
        text = f"{value:.1e}"
    return text.replace("-", "−")


def quantity(value: float, share: bool) -> str:
    """`value` in per cent with one decimal if it is a share, else as a number."""
    return f"{_percent(value)} %" if share else number(value)


def interval(estimate: Estimate, share: bool) -> str:
    """Such as `38.0–44.5`; says so where there is none."""
    if estimate.low is None or estimate.high is None:
        return "no interval"
    low, high = ((_percent if share else number)(bound) for bound in (estimate.low, estimate.high))
    return f"{low} to {high}" if estimate.low < 0 else f"{low}–{high}"


def told(estimate: Estimate, share: bool) -> str:
    """The whole estimate in one line: value and interval, or why it is undefined."""
    if estimate.value is None:
        return undefined(estimate)
    return f"{quantity(estimate.value, share)} ({interval(estimate, share)})"


def points(value: float) -> str:
    """A difference of shares, with its sign, in percentage points."""
    return f"{'+' if value > 0 else ''}{_percent(value)}"


def difference(estimate: Estimate) -> tuple[str, str]:
    """A difference of shares and its interval, in percentage points; or why it is undefined, and nothing."""
    if estimate.value is None:
        return undefined(estimate), ""
    if estimate.low is None or estimate.high is None:
        return f"{points(estimate.value)} points", "no interval"
    return f"{points(estimate.value)} points", f"{points(estimate.low)} to {points(estimate.high)}"


def _percent(value: float) -> str:
    return f"{100 * value:.1f}".replace("-", "−")


def undefined(estimate: Estimate) -> str:
    """`undefined: ` and the reason."""
    note = (estimate.note or "no reason is given").removeprefix("undefined").lstrip(": ")
    return f"undefined: {note}" if note else "undefined"


def chance(p: float | None) -> str:
    """A p-value with two significant digits, down to `< 0.001`."""
    if p is None:
        return "none"
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"
