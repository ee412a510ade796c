"""Candidates: several drafts of one task, sampled at once, and scores for them. Choosing among them is the method's."""

from __future__ import annotations

from collections.abc import Sequence

from redraft.agents.agent import Agent
from redraft.agents.parsing.answer import parse_answer
from redraft.agents.values import ask
from redraft.graphs.revise import gather
from redraft.graphs.state import State, stopped_by
from redraft.schema import Draft, Missing, Task, Unparsed, Verdict
from redraft.verifiers.base import Verifier


def candidate(text: str, node: str) -> Draft:
    """A draft, with the answer in it where one can be read."""
    answer = parse_answer(text)
    return Draft(text=text, node=node, answer=None if isinstance(answer, Unparsed) else answer)


async def sample(task: Task, generator: Agent[str], n: int) -> list[Draft | Missing]:
    """`n` candidates in one request of the prompt `solve`; the draft that the task brings goes before them."""
    texts = await generator.samples(n, task=ask(task), answer=task.kind == "question")
    given = [candidate(task.draft, "input")] if task.draft is not None else []
    return [*given, *(candidate(text, "sample") if isinstance(text, str) else text for text in texts)]


def sampled(candidates: Sequence[Draft | Missing]) -> State:
    """The state after sampling: those that came, or why the method ends. The first stands until one is chosen."""
    drafts = [each for each in candidates if isinstance(each, Draft)]
    if drafts:
        return {"drafts": drafts, "final": drafts[0]}
    return {"stop": next(stopped_by(each) for each in candidates if not isinstance(each, Draft))}


async def score_all(task: Task, drafts: Sequence[Draft], verifier: Verifier) -> list[Verdict | Missing]:
    """A verdict for each draft, all at once."""
    return await gather(verifier.score(task, draft) for draft in drafts)
