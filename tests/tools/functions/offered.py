"""Functions that tests hand over as `python:FILE.py`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import sqrt

TABLE = {"Bonn": 9}


@dataclass
class Place:
    """Where it is."""

    city: str
    country: str = "DE"


def temperature(place: Place) -> int:
    """The temperature now.

    Args:
        place: a city in the table
    """
    return TABLE[place.city]


def root(of: float) -> float:
    """The square root."""
    return _checked(sqrt(of))


def _checked(value: float) -> float:
    assert math.isfinite(value)
    return value
