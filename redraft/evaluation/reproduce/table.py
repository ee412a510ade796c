"""What every reproduction hands back: rows of published and recomputed numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from redraft.schema import Noun

Match = Literal["yes", "no", "known difference"]


class Published(Noun):
    """A number that somebody published, and the same number from their recorded outputs.

    `source` is where it stands ("LDB, Table 1"), `name` which cell it is. Both numbers are as precise as the published
    one. `note` is the reason of a known difference, or what a person should know beside a match.
    """

    source: str
    name: str
    published: float | str
    recomputed: float | str | None
    match: Match
    note: str | None = None


@dataclass(frozen=True)
class Reproduction:
    """`rows` takes the folder of recorded data; `folder` is the part of it that must be there. `rows` raises
    ConfigError for a file that cannot be read, MissingExtra for a verifier that is not installed.
    """

    name: str
    paper: str
    folder: str
    rows: Callable[[Path], Sequence[Published]]


def compared(
    source: str,
    name: str,
    published: float,
    value: float,
    digits: int,
    known: str | None = None,
    known_value: float | None = None,
) -> Published:
    """The row of one number printed with `digits` decimals: it matches where `value`, rounded, is what was printed.

    `known` is the reason of a difference that was found before and is understood; it is told only where there is one,
    and excuses no other value than `known_value` where that is given. A value that lies half-way matches either
    neighbour, since authors round up and Python rounds to even. NaN is no match.
    """
    recomputed = round(value, digits) if math.isfinite(value) else None
    match: Match = "no"
    if math.isfinite(value) and abs(value - published) <= 0.5 * 10**-digits + 1e-9:
        recomputed, match = published, "yes"
    elif known is not None and known_value in (None, recomputed):
        match = "known difference"
    return Published(
        source=source,
        name=name,
        published=published,
        recomputed=recomputed,
        match=match,
        note=known if match == "known difference" else None,
    )
