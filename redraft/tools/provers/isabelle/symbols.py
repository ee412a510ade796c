r"""Isabelle counts symbols: `\<forall>` is one, and so is any other character. Everything else here counts code points.

The outer syntax, which is words, strings and comments, is in `outer`.
"""

from __future__ import annotations

import re

_SYMBOL = re.compile(r"\\<\^?[A-Za-z][\w']*>|\r\n|.", re.DOTALL | re.ASCII)


def code_point(text: str, offset: int) -> int:
    """Where in `text` the symbol number `offset` begins, counted from 1, as Isabelle does; the end where there is none.

    A carriage return before a newline is no symbol of its own.
    """
    for number, found in enumerate(_SYMBOL.finditer(text), 1):
        if number == offset:
            return found.start()
    return len(text) if offset > 0 else 0
