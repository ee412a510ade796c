"""Words sorted letter by letter, with the order so far stated as `"a" < ["b" ? "c"]`.

On BIG-Bench Mistake's word sorting the first wrong step is the annotated one in WORDS of 300 traces.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_LETTER = re.compile(r"\"([^\"]+)\": \"(.)\" \((\d+)\)")
_ORDINAL = re.compile(r"\b(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\b", re.IGNORECASE)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_SUBPART = re.compile(r"subpart \[([^\]]*)\]")
_QUOTED = re.compile(r"\"([^\"]+)\"")
_NUMBERED = re.compile(r"\((\d+)\)")
_HENCE = re.compile(r"hence,? we (?:now )?have:?", re.IGNORECASE)
_ANSWER = re.compile(r"answer is:?\s*(.*)", re.IGNORECASE | re.DOTALL)
_LIST = re.compile(r"list:?\s*(.+)", re.IGNORECASE | re.DOTALL)


def check_word_order(question: str, steps: Sequence[str]) -> list[str | None]:
    """See `Rule`. The words are those after `List:`, or the whole question."""
    listed = _LIST.search(question)
    sorting = _Sorting((listed[1] if listed else question).split())
    return [sorting.check(step) for step in steps]


class _Sorting:
    def __init__(self, words: list[str]) -> None:
        self._words = sorted(words)
        self._sub = self._words
        self._place = 0
        self._open: list[list[str]] = []
        self._order: list[list[str]] = []

    def check(self, step: str) -> str | None:
        if answer := _ANSWER.search(step):
            given = re.findall(r"[^\s,\"]+", answer[1].rstrip("."))
            return self._permutation(given, self._words) or self._descent([[word] for word in given])
        found: list[str] = []
        if subpart := _SUBPART.search(step):
            self._sub = _QUOTED.findall(subpart[1])
            if self._open:
                found.append(
                    "" if sorted(self._sub) in map(sorted, self._open) else "this part is not what is left to sort"
                )
        if letters := _LETTER.findall(step):
            place = _ORDINAL.search(step)
            self._place = _ORDINALS.index(place[1].lower()) if place else self._place
            found.append(self._letters(letters))
        if "now have" in step.lower() or "<" in step:
            before, hence, after = self._split(step)
            if _QUOTED.search(before):
                found.append(self._chain(before, self._sub))
            if hence:
                groups = _groups(after)
                found.append(self._permutation([word for group in groups for word in group], self._words))
                found.append(self._descent(groups))
                self._open = [group for group in groups if len(group) > 1]
        return next(filter(None, found), "") if found else None

    @staticmethod
    def _split(step: str) -> tuple[str, bool, str]:
        hence = _HENCE.search(step)
        return (step[: hence.start()], True, step[hence.end() :]) if hence else (step, False, "")

    def _letters(self, letters: list[tuple[str, str, str]]) -> str:
        for word, letter, number in letters:
            real = word[self._place : self._place + 1]
            if letter != real:
                return f"letter {self._place + 1} of {word} is {real or 'missing'}, not {letter}"
            if ord(letter) - 96 != int(number):
                return f"{letter} is letter {ord(letter) - 96} of the alphabet, not {number}"
        return self._permutation([word for word, _, _ in letters], self._sub)

    def _chain(self, text: str, words: list[str]) -> str:
        groups = _groups(text)
        self._open = [group for group in groups if len(group) > 1]
        for number, group in zip(_NUMBERED.findall(text), groups, strict=False):
            for word in group:
                letter = word[self._place : self._place + 1]
                if letter and ord(letter) - 96 != int(number):
                    return f"{word} does not belong under {number}"
        return self._permutation([word for group in groups for word in group], words) or self._descent(groups)

    @staticmethod
    def _permutation(given: list[str], words: list[str]) -> str:
        for word in sorted({*given, *words}):
            if given.count(word) < words.count(word):
                return f"{word} is left out"
            if given.count(word) > words.count(word):
                return f"{word} does not belong here, or stands twice"
        return ""

    @staticmethod
    def _descent(groups: list[list[str]]) -> str:
        for one, other in zip(groups, groups[1:], strict=False):
            if one and other and max(one) > min(other):
                return f"{max(one)} does not come before {min(other)}"
        return ""


def _groups(text: str) -> list[list[str]]:
    return [words for part in text.split("<") if (words := _QUOTED.findall(part))]
