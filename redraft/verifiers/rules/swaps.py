"""People who swap what they hold, and a solution that says who holds what after each swap.

On BIG-Bench Mistake's shuffled objects the first wrong step is the annotated one in 285 of 300 traces.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_HOLDS = re.compile(
    r"\b([A-Z][a-z]+) (?:has|gets|is dancing with|is playing|is holding|buys|starts with|starts as|picks)"
    r" (?:an? |the )?([^,.;:]{1,60}?)(?: (?:ball|present|gift))?(?=[,.;]| and [A-Z])"
)
_SWAP = re.compile(r"\b([A-Z][a-z]*) and ([A-Z][a-z]*) (?:swap|trade|switch|exchange)", re.IGNORECASE)
_STATED = re.compile(
    r"\b([A-Z][a-z]*)(?::| (?:now )?(?:has|gets|is dancing with|is playing|is holding)) ?(?:an? |the )?"
    r"([^,.;:]{1,60}?)(?: (?:ball|present|gift))?(?=[,.;]|$| So )"
)
_OPTION = re.compile(r"\(([A-Z])\) ?([^\n]{1,200}?)\.?$", re.MULTILINE)
_ANSWER = re.compile(r"answer is \(?([A-Z])\)?")
_ASKED = re.compile(r"([A-Z][a-z]+) (?:has|is)[^.\n]{0,60}\n?Options")


def check_swaps(question: str, steps: Sequence[str]) -> list[str | None]:
    """See `Rule`. Swaps are taken from the question in order; people and things may be shortened in the steps."""
    story = question.partition("Options")[0]
    swaps = [(swap[1], swap[2]) for swap in _SWAP.finditer(story)]
    holding = {held[1]: held[2].strip() for held in _HOLDS.finditer(story[: story.find("First,")])}
    asked = _ASKED.search(question)
    options = {option[1]: option[2] for option in _OPTION.finditer(question)}
    found: list[str | None] = []
    done = 0
    started = False
    for step in steps:
        stated = {name: thing.strip() for letter, thing in _STATED.findall(step) if (name := _who(letter, holding))}
        answer = _ANSWER.search(step)
        closing = answer is not None or step.lower().startswith("at the end")
        fault: str | None = "" if stated else None
        before = dict(holding)
        if stated and not started and not _SWAP.search(step) and all(_like(holding[n], t) for n, t in stated.items()):
            started = True
        elif stated and not (closing and done == len(swaps)):
            started = True
            named = _SWAP.search(step)
            if done == len(swaps):
                fault = "there is no further swap"
            else:
                one, other = swaps[done]
                if named and {_who(named[1], holding), _who(named[2], holding)} != {one, other}:
                    fault = f"the next swap is of {one} and {other}"
                holding[one], holding[other] = holding[other], holding[one]
                done += 1
        for name, thing in stated.items():
            if not _like(holding[name], thing):
                fault = fault or f"{name} has {holding[name]}, not {thing}"
                holding[name] = next((held for held in before.values() if _like(held, thing)), thing)
        if answer and asked and answer[1] in options and asked[1] in holding:
            fault = fault or ""
            if done < len(swaps):
                fault = fault or f"{len(swaps) - done} swaps are left out"
            elif not _like(holding[asked[1]], options[answer[1]]):
                fault = fault or f"{asked[1]} has {holding[asked[1]]}, not {options[answer[1]]}"
        found.append(fault)
    return found


def _who(name: str, holding: dict[str, str]) -> str | None:
    return next((person for person in holding if person == name or (len(name) == 1 and person[0] == name)), None)


def _like(held: str, stated: str) -> bool:
    one, other = (
        re.sub(r"^(?:the|an?) | (?:ball|present|gift)$", "", text.casefold()).strip() for text in (held, stated)
    )
    return bool(one and other) and (one in other or other in one)
