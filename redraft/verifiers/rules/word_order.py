"""Words sorted letter by letter, with the order so far stated as `"a" < ["b" ? "c"]`.

On BIG-Bench Mistake's word sorting the first wrong step is the annotated one in 277 of 300 traces. It is earlier in
19, most of them for words misspelt or left out, and in 4 no step is annotated.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain as joined
from itertools import pairwise

_LETTER = re.compile(r"\"([^\"]+)\": \"(.)\" \((\d+)\)")
_ORDINAL = re.compile(r"\b(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\b", re.IGNORECASE)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_PART = re.compile(r"subpart \[([^\[\]]*)\]")
_QUOTED = re.compile(r"\"([^\"]+)\"")
_NUMBERED = re.compile(r"\((\d+)\)")
_HENCE = re.compile(r"hence,? we (?:now )?have:?", re.IGNORECASE)
_ANSWER = re.compile(r"answer is:?\s*(.*)", re.IGNORECASE | re.DOTALL)
_LIST = re.compile(r"\blist:\s*(.+)", re.IGNORECASE | re.DOTALL)


def check_word_order(question: str, steps: Sequence[str]) -> list[str | None]:
    """See `Rule`. The words are those after `List:`, or the whole question."""
    listed = _LIST.search(question)
    sorting = _Sorting((listed[1] if listed else question).split())
    return [sorting.check(step) for step in steps]


class _Sorting:
    """What the solution has stated so far: groups of words in order, those of one group not sorted yet."""

    def __init__(self, words: list[str]) -> None:
        self._words = sorted(words)
        self._part = self._words
        self._place = 0
        self._order = [self._words]

    def check(self, step: str) -> str | None:
        left = [group for group in self._order if len(group) > 1]
        if answer := _ANSWER.search(step):
            given = re.findall(r"[^\s,\"]+", answer[1].rstrip("."))
            unsorted = f"{' '.join(left[0])} are not sorted yet" if left else ""
            return unsorted or _permutation(given, self._words) or _descent([[word] for word in given])
        found: list[str] = []
        if part := _PART.search(step):
            self._part = sorted(_QUOTED.findall(part[1]))
            due = left[0] if left else []
            found.append("" if self._part == due else f"the next part to sort is {' '.join(due) or 'none'}")
        if letters := _LETTER.findall(step):
            place = _ORDINAL.search(step)
            self._place = _ORDINALS.index(place[1].lower()) if place else self._place
            found.append(self._letters(letters))
        if "<" in step or "now have" in step.lower():
            found += self._statement(step)
        return next(filter(None, found), "") if found else None

    def _statement(self, step: str) -> list[str]:
        """Of the order of a part, of the whole, or of the one and hence the other."""
        hence = _HENCE.search(step)
        chain = step[: hence.start()] if hence else step
        groups, found = _groups(chain), list[str]()
        if groups:
            found += self._numbers(chain, groups), _permutation([*joined(*groups)], self._part), _descent(groups)
        expected = [new for group in self._order for new in (groups if group == self._part and groups else [group])]
        self._order = _groups(step[hence.end() :]) if hence else expected
        if hence:
            found += _permutation([*joined(*self._order)], self._words), _descent(self._order)
            found.append("" if self._order == expected else "this is not the order before with the part put in")
        return found

    def _letters(self, letters: list[tuple[str, str, str]]) -> str:
        for word, letter, number in letters:
            real = word[self._place : self._place + 1]
            if letter != real:
                return f"letter {self._place + 1} of {word} is {real or 'missing'}, not {letter}"
            if ord(letter) - 96 != int(number):
                return f"{letter} is letter {ord(letter) - 96} of the alphabet, not {number}"
        return _permutation([word for word, _, _ in letters], self._part)

    def _numbers(self, chain: str, groups: list[list[str]]) -> str:
        for number, group in zip(_NUMBERED.findall(chain), groups, strict=False):
            for word in group:
                letter = word[self._place : self._place + 1]
                if letter and ord(letter) - 96 != int(number):
                    return f"{word} does not belong under {number}"
        return ""


def _groups(text: str) -> list[list[str]]:
    """Each sorted in itself, for within a group the order says nothing."""
    return [sorted(words) for part in text.split("<") if (words := _QUOTED.findall(part))]


def _permutation(given: list[str], words: list[str]) -> str:
    has, wants = Counter(given), Counter(words)
    if missing := wants - has:
        return f"{min(missing)} is left out"
    if extra := has - wants:
        return f"{min(extra)} does not belong here, or stands twice"
    return ""


def _descent(groups: list[list[str]]) -> str:
    for one, other in pairwise(groups):
        if max(one) > min(other):
            return f"{max(one)} does not come before {min(other)}"
    return ""
