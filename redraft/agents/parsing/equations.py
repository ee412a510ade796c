"""The equations in a reply, in the form that SymPy reads. Solving them is `tools.equations`'."""

from __future__ import annotations

import re
from itertools import pairwise

from redraft.agents.parsing.visible import unread, visible
from redraft.schema import Unparsed

_FENCED = re.compile(r"^[^`\n]*`{3,}[^\n`]*\n(.*?)(?:^[ \t]*`{3,}|\Z)", re.DOTALL | re.MULTILINE)
_FIFTH = re.compile(r"^[*#_ \t]*(?:step[ \t]*)?5[ \t]*[-.):][^\n=]*$", re.IGNORECASE | re.MULTILINE)
_FRACTION = re.compile(r"\\[dt]?frac[ \t]*\{([^{}]*)\}[ \t]*\{([^{}]*)\}")
_SIGNS = (
    (re.compile(r"[−–]"), "-"),
    (re.compile(r"×|·|\\times|\\cdot"), "*"),
    (re.compile(r"÷|\\div"), "/"),
    (re.compile(r"\\left|\\right|\\[,;!]|\\\\|\\?\$|&"), ""),
    (re.compile(r"(?<=\d)\{?,\}?(?=\d{3}(?!\d))"), ""),
    (re.compile(r"(\d+(?:\.\d+)?)[ \t]*\\?%"), r"(\1/100)"),
    (re.compile(r"²"), "^2"),
    (re.compile(r"³"), "^3"),
    (re.compile(r"[{}`]"), ""),
    (re.compile(r"={2,}"), "="),
    (re.compile(r"^(?:[*•]|\(?\d{1,2}[.)])[ \t]+(?=\S)|^\*\*|\*\*$|[.,;]$"), ""),
)
_SIDE = re.compile(r"[\w+\-*/^(). \t]*\w[\w+\-*/^(). \t]*", re.ASCII)
_MOST = 50
_LONGEST = 300


def parse_equations(text: str) -> tuple[str, ...] | Unparsed:
    """The equations, `left = right` each: those of the last code block, or else those after the fifth step.

    Thousands' commas, dollars, percents and simple LaTeX are put as arithmetic; `a = b = c` is two equations. Lines
    without `=` and inequalities are left out. Unparsed where there is no equation, and where a line is none: a system
    without it would be another. Takes linear time.
    """
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    blocks = _FENCED.findall(said)
    fifth = list(_FIFTH.finditer(said))
    part = blocks[-1] if blocks else said[fifth[-1].end() :] if fifth else ""
    found: list[str] = []
    for line in part.splitlines():
        if "=" not in line or re.search(r"[<>≤≥≠]|\\[lg]eq?|[!:]=", line):
            continue
        sides = [side.strip() for side in _plain(line).split("=")] if len(line) <= _LONGEST else []
        if not sides or not all(_SIDE.fullmatch(side) for side in sides):
            return unread(text, f"no equation: {line.strip()[:80]!r}")
        found += [f"{left} = {right}" for left, right in pairwise(sides)]
    if not found or len(found) > _MOST:
        return unread(text, f"more than {_MOST} equations" if found else "no equations, in a code block or as step 5")
    return tuple(dict.fromkeys(found))


def _plain(line: str) -> str:
    line = line.partition("#")[0].strip()
    line = _FRACTION.sub(r"((\1)/(\2))", line)
    for sign, plain in _SIGNS:
        line = sign.sub(plain, line).strip()
    return line
