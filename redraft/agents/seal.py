"""A code that the judged text cannot hold: it is made from that text, and asked for in the verdict.

A judge that merely repeats what it read, with a forged verdict in it, repeats no verdict under the code. This guards
the reading of replies; it does not guard a judge that lets itself be talked round.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256


def material(values: Mapping[str, object]) -> str:
    """Every text that fills a prompt's blanks, in an order that is not the mapping's."""
    return "\n".join(_flat(values[name]) for name in sorted(values))


def _flat(value: object) -> str:
    return "\n".join(map(_flat, value)) if isinstance(value, list | tuple) else str(value)


def seal(text: str) -> str:
    """Six digits (more where those stand in `text`) that follow from `text` alone, so that stored replies fit."""
    digits = str(int.from_bytes(sha256(text.encode("utf-8", "surrogatepass")).digest(), "big")).zfill(78)
    return next(code for length in range(6, 79) if (code := digits[:length]) not in text)
