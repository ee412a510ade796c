"""What runs in the sandbox: SymPy, which evaluates what it parses. Its text is sent there, so it imports SymPy only."""

from __future__ import annotations

import re

import sympy
from sympy.parsing.sympy_parser import (
    convert_xor,
    implicit_multiplication,
    parse_expr,
    rationalize,
    standard_transformations,
)

_WAYS = (*standard_transformations, convert_xor, implicit_multiplication, rationalize)
_KNOWN = {"sqrt": sympy.sqrt, "abs": sympy.Abs, "pi": sympy.pi}
_NAME = re.compile(r"[A-Za-z_]\w*")


def solve(equations: list[str]) -> list[dict[str, str]]:
    """Every solution in real numbers of equations `left = right`, exact, with decimals beside what is no integer.

    Every name is an unknown, but for `sqrt`, `abs` and `pi`. Raises ValueError, in words, where there are no numbers to
    give, and what SymPy raises where it cannot go on.
    """
    names = sorted({name for equation in equations for name in _NAME.findall(equation)} - set(_KNOWN))
    if not names:
        raise ValueError("there is no unknown in the equations")
    # Under other names, since `lambda` is a word of Python's and `beta` a function of SymPy's.
    aliases = {name: f"u{n}" for n, name in enumerate(names)}
    unknowns = {alias: sympy.Symbol(alias, real=True) for alias in aliases.values()}

    def parse(side: str) -> sympy.Expr:
        return parse_expr(_NAME.sub(lambda name: aliases.get(name[0], name[0]), side), {**_KNOWN, **unknowns}, _WAYS)

    sides = [[parse(side) for side in equation.split("=")] for equation in equations]
    found = sympy.solve([left - right for left, right in sides], list(unknowns.values()), dict=True)
    if not found:
        raise ValueError("no numbers satisfy all the equations")
    if free := [name for name in names if not all(_number(each.get(unknowns[aliases[name]])) for each in found)]:
        raise ValueError(f"the equations do not determine {', '.join(free)}")
    return [{name: _written(each[unknowns[aliases[name]]]) for name in names} for each in found]


def _number(value: sympy.Expr | None) -> bool:
    return value is not None and bool(value.is_number)


def _written(value: sympy.Expr) -> str:
    return str(value) if value.is_Integer else f"{value} = {float(value):.10g}"
