"""A solution judged step by step by rules, each step against those before it as the solution states them.

So a step that builds correctly on a wrong one is right, and the first wrong step is where the reasoning went astray:
the mistake location of BIG-Bench Mistake (Tyen et al. 2024, arXiv 2311.08516). Each rule says on how many of its
traces it points at the annotated step. Signal: tool.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from redraft.schema import Draft, Missing, Signal, Task, Unparsed, Verdict
from redraft.verifiers.gold import text_of
from redraft.verifiers.kind import Kind, OpenModel
from redraft.verifiers.rules.arithmetic import check_arithmetic
from redraft.verifiers.rules.brackets import check_brackets
from redraft.verifiers.rules.swaps import check_swaps
from redraft.verifiers.rules.word_order import check_word_order
from redraft.verifiers.steps import split_steps

Rule = Callable[[str, Sequence[str]], list[str | None]]
"""From the task's text and the steps to one entry per step: None nothing to check, "" right, else what is wrong."""


class StepRules:
    """Judges each step by `rule`. The score is the part of the checked steps that are right.

    `steps` has 0 for a wrong step and 1 for any other, checked or not; evidence says how many were checked and what is
    wrong with the first wrong one. Passes where none is wrong. Unparsed where nothing could be checked.
    """

    signal: Signal = "tool"

    def __init__(self, name: str, rule: Rule) -> None:
        self.name = name
        self._rule = rule

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """No call and no process: microseconds per step."""
        steps = split_steps(draft.text)
        found = self._rule(text_of(task), steps)
        checked = sum(entry is not None for entry in found)
        if not checked:
            return Unparsed(raw=draft.text, reason=f"{self.name}: there is nothing to check in {len(steps)} steps")
        wrong = [index for index, entry in enumerate(found) if entry]
        first = wrong[0] if wrong else None
        fault = "" if first is None else f"; step {first + 1} is wrong: {found[first]}"
        return Verdict(
            verifier=self.name,
            signal=self.signal,
            score=(checked - len(wrong)) / checked,
            passed=not wrong,
            evidence=f"{checked} of {len(steps)} steps checked{fault}",
            steps=tuple(float(not entry) for entry in found),
            first_error=first,
        )

    async def aclose(self) -> None:
        """Nothing to let go of."""


def _kind(name: str, rule: Rule, about: str, tasks: frozenset[str]) -> Kind:
    def open(_: str, __: OpenModel) -> StepRules:
        return StepRules(name, rule)

    return Kind(
        name=name,
        argument="",
        judges="draft",
        signal="tool",
        about=about,
        needs="a solution in steps",
        cost="no call",
        source="rules; Tyen et al., ACL Findings 2024",
        open=open,
        tasks=tasks,
    )


KINDS = (
    _kind("arithmetic", check_arithmetic, "every equation in a step computed again", frozenset()),
    _kind("brackets", check_brackets, "the stack of a Dyck word replayed", frozenset({"question"})),
    _kind("word-order", check_word_order, "words sorted step by step", frozenset({"question"})),
    _kind("swaps", check_swaps, "who holds what after each swap", frozenset({"question"})),
)
