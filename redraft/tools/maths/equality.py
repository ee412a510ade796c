"""Equality of answers that needs no algebra: words, letters, plain numbers and quantities. Pure, exact, never `eval`.

What takes a computer algebra system is math-verify's, in `worker`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

LONGEST = 1000
"""Characters of an answer that is looked into; a longer one equals only itself."""

DEEPEST = 30
"""Levels of brackets that a formula may have."""


@dataclass(frozen=True)
class Equality:
    """Whether two answers are the same, and how that was found. Where it could not be, `decided` is False."""

    equal: bool
    rule: str
    decided: bool = True


@dataclass(frozen=True)
class Quantity:
    """A plain number and its unit, if any. `exact` is False for a fraction, which is often rounded to decimals."""

    value: Fraction
    unit: str
    exact: bool


def by_text(one: str, other: str) -> Equality | None:
    """Compare without algebra; None where it takes algebra. Symmetric, and every answer equals itself.

    Case, blanks, `$...$`, `\\text{...}`, spacing and sizing commands do not count. Two quantities are equal if their
    numbers are and their units do not contradict; 50 % is 0.5, and 50 as well, as in math-verify. A fraction equals
    its decimals to six places.
    """
    if one == other:
        return Equality(True, "the same text")
    if max(len(one), len(other)) > LONGEST:
        return Equality(False, f"undecided: longer than {LONGEST} characters", decided=False)
    first, second = normal(one), normal(other)
    if first == second:
        return Equality(True, "the same text")
    if not (first and second):
        return Equality(False, "different words")
    quantities = quantity(first), quantity(second)
    if quantities[0] and quantities[1]:
        return _compare(quantities[0], quantities[1])
    if any(_is_prose(text) and not known for text, known in zip((first, second), quantities, strict=True)):
        return Equality(False, "different words")
    if max(_depth(one), _depth(other)) > DEEPEST:
        return Equality(False, "undecided: braces that do not match, or nested too deep", decided=False)
    return None


_WRAPPED = re.compile(r"\$\$?([^$]+)\$\$?|\\\((.+)\\\)|\\\[(.+)\\\]|\\boxed\{([^{}]+)\}")
_TEXT = re.compile(r"\\(?:text|textbf|textit|textrm|mathrm|mathbf|mbox|operatorname) ?\{([^{}]*)\}")
_REPLACED = (
    (re.compile(r"\\(?:left|right|displaystyle)(?![a-z])|\\!"), ""),
    (re.compile(r"\\[,;: ]|~|\\q?quad(?![a-z])"), " "),
    (re.compile(r"\\([$%])"), r"\1"),
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"\\[dt]frac(?![a-z])"), r"\\frac"),
    (re.compile(r" ?(?:\^\{?\\circ\}?|°)"), " degrees"),
    (re.compile("[−–]"), "-"),
    (re.compile(r"\s+"), " "),
    # The letter of an option
    (re.compile(r"^\(([a-z])\)$|^([a-z])[.)]$"), r"\1\2"),
)


def normal(answer: str) -> str:
    """The answer without what does not count."""
    text = answer.strip().removesuffix(".")
    while wrapped := _WRAPPED.fullmatch(text):
        text = next(filter(None, wrapped.groups()))
    text = _TEXT.sub(r"\1", text).casefold()
    for pattern, replacement in _REPLACED:
        text = pattern.sub(replacement, text)
    return text.strip()


_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)"
_NUMBER = re.compile(
    r"(?P<minus>[-+]?) ?(?P<currency>[$€£¥₹]?) ?(?:"
    rf"(?:(?P<whole>\d+) )?(?:(?P<over>{_DIGITS}) ?/ ?(?P<under>{_DIGITS})"
    r"|\\frac ?(?:\{(?P<over1>\d+)\} ?\{(?P<under1>\d+)\}|(?P<over2>\d)(?P<under2>\d)))"
    rf"|(?P<decimal>{_DIGITS}?(?:\.\d+)?)\.?(?:e(?P<power>[-+]?\d{{1,3}}))?"
    r") ?(?P<unit>%|(?:(?<= )[a-z]|[a-z]{2,})(?:[ /][a-z]+){0,3}(?:\^\{?[23]\}?)?)?",
    re.ASCII,
)
_NAME = re.compile(
    r"a?(?:sin|cos|tan)h?|arc(?:sin|cos|tan)|cot|sec|csc|log|ln|exp|sqrt|pi|inf|infty|infinity|oo|max|min|gcd|lcm|mod|det"
    r"|or|and"
)
"""Words of formulas."""
_CURRENCY = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen", "₹": "rupee"}
_LONG = (
    "% percent, ft foot feet, ° degree, in inch inche, mi mile, m meter metre, cm centimeter centimetre, km kilometer "
    "kilometre, g gram, kg kilogram, s second sec, min minute, h hour hr, l liter litre, dollar usd buck, euro eur"
)
_SHORT = {long: short for short, *longs in map(str.split, _LONG.split(",")) for long in longs}
_UNITS = frozenset({*_SHORT, *_SHORT.values(), *_CURRENCY.values()})


def quantity(text: str) -> Quantity | None:
    """The number and unit that the whole of a `normal` text is: 1,234.5, 1 1/2, $5, 3 km, 1e6, \\frac{1}{2} cm."""
    found = _NUMBER.fullmatch(text)
    if found is None or found["decimal"] == "":
        return None
    over = found["over"] or found["over1"] or found["over2"]
    under = found["under"] or found["under1"] or found["under2"]
    if over:
        if not int(under.replace(",", "")):
            return None
        value = int(found["whole"] or 0) + Fraction(int(over.replace(",", "")), int(under.replace(",", "")))
    else:
        value = Fraction(found["decimal"].replace(",", "")) * Fraction(10) ** int(found["power"] or 0)
    words = re.split(r"[ /^]", found["unit"] or "")
    if any(_NAME.fullmatch(word) or re.fullmatch("[abceiknt-z]", word) for word in words):
        return None
    unit = _singular(re.sub(r"[{}]", "", found["unit"] or "")) or _CURRENCY.get(found["currency"], "")
    return Quantity(-value if found["minus"] == "-" else value, unit, exact=not over)


def _singular(unit: str) -> str:
    unit = re.sub(r"(?<=[a-rt-z])s\b", "", unit) if len(unit) > 2 else unit
    return _SHORT.get(unit, unit)


def _compare(one: Quantity, other: Quantity) -> Equality:
    values = {one.value}
    if one.unit != other.unit:
        if one.unit and other.unit:
            return Equality(False, "different units")
        if one.unit == "%":
            values.add(one.value / 100)
        if other.unit == "%":
            values.add(one.value * 100)
    if other.value in values:
        return Equality(True, "the same number")
    if one.exact != other.exact and any(round(value, 6) == round(other.value, 6) for value in values):
        return Equality(True, "the same number to six places")
    return Equality(False, "different numbers")


_COMMAND = re.compile(r"\\(?:begin|end) ?\{[a-z*]+\}|\\[a-z]+")
_WORD = re.compile(r"[^\W\d_]{2,}")


def _is_prose(text: str) -> bool:
    """Whether it says something in words. math-verify would take them for products of letters: pairs for Paris."""
    bare = _COMMAND.sub(" ", text)
    shortest = 3 if re.search(r"[\d=+*^<>]", text) or bare != text else 2
    words = {_singular(word) for word in _WORD.findall(bare) if len(word) >= shortest and not _NAME.fullmatch(word)}
    return not words <= _UNITS


def _depth(text: str) -> int:
    """How deep its brackets nest; deeper than any may where the braces do not match."""
    depth = deepest = braces = 0
    for letter in re.sub(r"\\[{}]", "", text):
        depth += (letter in "([{") - (letter in ")]}")
        braces += (letter == "{") - (letter == "}")
        deepest = max(deepest, depth)
        if braces < 0:
            break
    return DEEPEST + 1 if braces else deepest
