"""When there is too little to say anything, in words."""

from __future__ import annotations

from math import floor, log2

FEW = 30
"""Bootstrap intervals over fewer units are known to be too narrow (Hesterberg, The American Statistician 69, 2015)."""


def too_few(n: int, unit: str = "items") -> str | None:
    """A warning for an interval over `n` independent units; None where there are at least `FEW`."""
    return None if n >= FEW else f"only {n} {unit if n != 1 else unit.removesuffix('s')}, too few to say much"


def differing_needed(level: float = 0.95) -> int:
    """How many units two methods must differ on before an exact paired test can reach p < 1 - `level`: 6 for 0.95.

    The smallest two-sided p of `d` such units is 2 / 2**d.
    """
    return floor(1 - log2(1 - level)) + 1


def too_alike(differing: int, unit: str = "items", level: float = 0.95) -> str | None:
    """A warning for a paired test of methods that differ on so few units that it could not come out."""
    needed = differing_needed(level)
    if differing >= needed:
        return None
    if differing == 0:
        return f"they agree on all {unit}"
    return f"they differ on {differing} of the {unit}: with fewer than {needed}, no p can be under {1 - level:.2g}"
