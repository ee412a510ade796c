"""Axes: where a number stands on a line, and which numbers are written along it."""

from __future__ import annotations

import math
from dataclasses import dataclass

STEEP = 20.0
"""From this ratio of the largest to the smallest on, an axis is logarithmic."""
LEAST = 1e-12
"""What costs less costs nothing: an axis of such numbers has no ticks that a float could tell apart."""


@dataclass(frozen=True)
class Scale:
    """Maps [low, high] to pixels [start, end], by the logarithm if `log`."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high, at = (math.log(x) if self.log else x for x in (self.low, self.high, value))
        return self.start + (at - low) / (high - low) * (self.end - self.start)

    def ticks(self, most: int = 6) -> list[float]:
        """Round numbers within the scale: about `most` of them."""
        if not self.log:
            step = _step((self.high - self.low) / most)
            first = math.ceil(self.low / step - 1e-9)
            return [number * step for number in range(first, math.floor(self.high / step + 1e-9) + 1)]
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        for steps in ((1, 2, 5), (1, 3), (1,)):
            ticks = [step * 10.0**decade for decade in decades for step in steps]
            inside = [tick for tick in ticks if self.low <= tick <= self.high]
            if len(inside) <= most:
                break
        return inside


def costs(low: float, high: float, start: float, end: float) -> Scale:
    """A scale for costs: from 0, or logarithmic where they differ much."""
    if low > LEAST and high / low >= STEEP:
        return Scale(low / 1.5, high * 1.5, start, end, log=True)
    return Scale(0.0, 1.08 * high if high > LEAST else 1.0, start, end)


def shares(low: float, high: float, start: float, end: float) -> Scale:
    """A scale for shares: what is there with a margin, within 0 to 1."""
    margin = max(0.02, 0.12 * (high - low))
    return Scale(max(0.0, low - margin), min(1.0, high + margin), start, end)


def _step(size: float) -> float:
    power = 10.0 ** math.floor(math.log10(size))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= size * (1 - 1e-9))
