"""A person as verifier: the run pauses with a question, and goes on with the answer, in this process or another.

The pause is LangGraph's interrupt, so the workflow needs a checkpointer to keep the run in the meantime. How a run is
named, found again and answered is `redraft.graphs.threads`. Signal: human.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeGuard

from langgraph.types import interrupt

from redraft.schema import Draft, Failure, Finding, Missing, Noun, Signal, Task, Verdict
from redraft.verifiers.kind import Kind

Answer = Literal[True, False, "tie"]
"""Whether the later draft is better; `"tie"` where neither is."""


class Question(Noun):
    """Is `after` a better answer to `task` than `before`? `findings` is all that the critic marked, where it marks."""

    task: Task
    before: Draft
    after: Draft
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Person:
    """Asks a person, one question of a run at a time, in the order in which the method compares.

    The question goes out as plain JSON (`task`, `before`, `after`); the answer comes back as an `Answer`, or as
    `{"asked": question, "answer": Answer}`, which counts for that question alone: when the run goes on, the node that
    asked runs again from its start, and a refiner without a response store may write something else this time. Then
    the person is asked about that.
    """

    name: str = "person"
    signal: Signal = "human"

    async def prefer(self, task: Task, before: Draft, after: Draft) -> Verdict | Missing:
        """Pause until there is an answer. A Failure (`bad_answer`) where it is none of the three."""
        # Nothing is awaited before asking: LangGraph matches a node's answers to its questions by their order.
        asked = Question(task=task, before=before, after=after).model_dump(mode="json", exclude={"findings"})
        reply = interrupt(asked)
        while isinstance(reply, dict) and reply.get("asked", asked) != asked:
            reply = interrupt(asked)
        return self.verdict(reply["answer"] if isinstance(reply, dict) and "answer" in reply else reply)

    def verdict(self, answer: object) -> Verdict | Failure:
        """What `answer` amounts to."""
        if not is_answer(answer):
            return Failure(cause="bad_answer", message=f"a person answers true, false or 'tie', not {answer!r}")
        score, evidence = {
            True: (1.0, "the later draft is better"),
            False: (0.0, "the later draft is not better"),
            "tie": (0.5, "neither is better"),
        }[answer]
        return Verdict(verifier=self.name, signal=self.signal, score=score, passed=answer is True, evidence=evidence)

    async def aclose(self) -> None:
        """Nothing to let go of."""


def is_answer(answer: object) -> TypeGuard[Answer]:
    """Whether `answer` is one of the three; 1 and 0 are not, nor is "yes"."""
    return isinstance(answer, bool) or answer == "tie"


KIND = Kind(
    name="person",
    argument="",
    judges="pair",
    signal="human",
    about="a person, for whom the run pauses",
    needs="a checkpointer",
    cost="no call",
    source="",
    open=lambda _, __: Person(),
)
