"""A number and how sure it is."""

from __future__ import annotations

from redraft.schema import Noun


class Estimate(Noun):
    """A metric's value with its interval. `value` is None where the metric is undefined, and `note` says why; a `note`
    beside a value is a warning, such as too few items to say anything.

    `low` and `high` bound the interval of confidence `level`; `n` counts the independent items (or groups) behind it.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    n: int = 0
    note: str | None = None
