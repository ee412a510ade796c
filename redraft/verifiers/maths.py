"""Right or wrong, for tasks with one right answer. It sees the gold, so its signal is `oracle`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import ConfigDict

from redraft.agents.parsing.answer import parse_answer
from redraft.schema import Draft, Failure, Missing, Signal, Task, Text, Unparsed, Verdict
from redraft.tools.maths import Maths
from redraft.verifiers.gold import Row, gold_of, read_gold
from redraft.verifiers.kind import Kind, OpenModel


class RightAnswer(Row):
    """A line of gold: `question` and its `answer`, or a solution that ends with it, as in GSM8K."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    answer: Text

    @property
    def final(self) -> str:
        """The answer alone."""
        found = parse_answer(self.answer)
        return self.answer.strip() if isinstance(found, Unparsed) else found


class RightOrWrong:
    """1 where a draft's answer equals the right one by math-verify, 0 where it does not.

    `answers` maps a task's text to its right answer. The draft's answer is `Draft.answer`, or else what
    `parse_answer` finds in its text; Unparsed where it finds none. Evidence says both answers and the rule by which
    they were found equal or not; what could not be told is not equal, and says so. Raises MissingExtra without
    math-verify, unless `maths` is given.
    """

    name = "maths"
    signal: Signal = "oracle"

    def __init__(self, answers: Mapping[str, str], maths: Maths | None = None) -> None:
        self._answers = dict(answers)
        self._maths = maths or Maths()

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """Whether `draft` has the right answer; Failure for a task without gold."""
        if isinstance(right := gold_of(task, self._answers), Failure):
            return right
        answer = parse_answer(draft.text) if draft.answer is None else draft.answer
        if isinstance(answer, Unparsed):
            return answer
        found = await self._maths.equal(answer, right)
        return Verdict(
            verifier=self.name,
            signal=self.signal,
            score=float(found.equal),
            passed=found.equal,
            evidence=f"{answer[:200]!r} {'equals' if found.equal else 'is not'} {right[:200]!r} ({found.rule})",
        )

    async def aclose(self) -> None:
        """End the processes of math-verify."""
        await self._maths.aclose()


def _open(path: str, _: OpenModel) -> RightOrWrong:
    rows = read_gold(Path(path), RightAnswer)
    return RightOrWrong({question: row.final for question, row in rows.items()})


KIND = Kind(
    name="maths",
    argument="ANSWERS.jsonl",
    judges="draft",
    signal="oracle",
    about="the answer equals the right one",
    needs="lines with question and answer; redraft[maths]",
    cost="no call",
    source="math-verify",
    open=_open,
    tasks=frozenset({"question"}),
)
