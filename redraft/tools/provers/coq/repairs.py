"""What may stand for a step that fails, with a tool doing its work. Text only; whether it works is for Coq to say."""

from __future__ import annotations

import re

from redraft.tools.provers.base import Tool
from redraft.tools.provers.coq.sentences import without_comments

HOLE = "admit"
_ENDS = re.compile(r"(?:Qed|Defined|Save)\s*\.")
_NO_TACTIC = re.compile(r"[A-Z]\w*\b|[-+*{}]|\d+\s*:\s*\{")
"""Commands, bullets and braces: no tool does their work."""
_PART = re.compile(r'"(?:[^"]|"")*"|[\[({]|[\])}]|;|\bby\b')


def repairs(step: str, tool: Tool) -> list[str]:
    """The step with `tool` for what follows `by`, or for its last tactic, and the tool alone, which ends the goal.

    At the end of the proof, the tool for all goals that are left.
    """
    bare = " ".join(without_comments(step).split())
    if _ENDS.fullmatch(bare):
        return [f"all: {tool.step} {bare}"]
    if _NO_TACTIC.match(bare):
        return []
    tactic = tool.step.removesuffix(".")
    # Some tools go as far as they can; here they end the goal or fail. The hammer does so itself, and only by itself.
    solved = tool.step if tool.finds else f"solve [{tactic}]."
    if by := _last(bare, "by"):
        return [f"{bare[:by]}by ({tactic}).", solved]
    kept = [f"{bare[:chain]}; {solved}"] if (chain := _last(bare, ";")) is not None else []
    return [*kept, solved]


def _last(sentence: str, word: str) -> int | None:
    """Where `word` stands last outside of brackets and strings."""
    depth, at = 0, None
    for found in _PART.finditer(sentence):
        if found[0] in "[({":
            depth += 1
        elif found[0] in "])}":
            depth -= 1
        elif found[0] == word and depth == 0:
            at = found.start()
    return at
