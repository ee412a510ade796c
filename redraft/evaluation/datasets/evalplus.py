"""A test out of inputs alone: a program is right where it gives what EvalPlus's own solution gives."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import JsonValue

_TEST = """
import copy, json

reference = {{}}
exec({solution!r}, reference)

def same(found, right, atol):
    if found == right:
        return True
    floats = isinstance(right, float) or isinstance(right, list) and right and isinstance(right[0], float)
    if atol == 0 and floats:
        atol = 1e-6
    if atol == 0 or type(found) is not type(right):
        return False
    several = isinstance(right, (list, tuple))
    if several and len(found) != len(right):
        return False
    pairs = zip(found, right) if several else [(found, right)]
    return all(abs(one - other) <= atol + 1e-7 * abs(other) for one, other in pairs)

for given in json.loads({inputs!r}):
    found = {entry}(*copy.deepcopy(given))
    if {entry!r} == "find_zero":  # Any zero of the polynomial will do.
        assert abs(reference["poly"](given[0], found)) <= {atol} + 1e-6, (given, found)
    else:
        right = reference[{entry!r}](*copy.deepcopy(given))
        assert same(found, right, {atol}), (given, found, right)
"""


def same_outputs(solution: str, entry: str, inputs: Sequence[JsonValue], atol: float) -> str:
    """A Python test that calls `entry` on each of `inputs` and expects what `solution` gives.

    Floats may differ by `atol`, by 1e-6 where that is 0, as in EvalPlus.
    """
    return _TEST.format(solution=solution, inputs=json.dumps(inputs), entry=entry, atol=atol)
