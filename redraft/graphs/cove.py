"""Chain-of-Verification: plan questions that check the draft, answer each without seeing it, then write it again.

Dhuliawala et al., Findings of ACL 2024 (arXiv 2309.11495), the factored variant: every question is answered in a call
of its own that sees neither the draft nor the other questions, so that the draft's mistakes are not repeated.

As the paper: baseline, plan, execute, final. No code of the authors is known. Ours: the prompts, zero-shot; at most
`questions` are asked, all at once; a check that brought no answer is left out of the last prompt, and where none did
the draft stands. `verify` asks the pairwise verifier and keeps the draft unless it prefers the final answer.

Calls per item: 3 + Q for Q questions (2 + Q with a draft given), + 2 with `verify`; 4 of them one after another, 5
with `verify`. Signal: self.
"""

from __future__ import annotations

from typing import Annotated, TypedDict

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import parse_text
from redraft.agents.parsing.listing import parse_list
from redraft.agents.values import TASK_BLANKS, ask
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import accept_or_keep, final_draft, first_draft, gather, outcome
from redraft.graphs.state import State, stopped_by
from redraft.models.base import Sampling
from redraft.schema import Draft, StopReason


class Config(Settings):
    """Temperature 0; the paper names no number of questions."""

    questions: Annotated[int, Field(ge=1)] = 8
    """The most questions asked."""
    temperature: float = 0.0
    max_tokens: int = 1024
    verify: bool = False
    """Keep the draft unless the pairwise verifier prefers the final answer."""
    threshold: float = 0.03
    """With a metric as verifier: the difference of scores that is no tie."""


class Check(TypedDict):
    """A question and what was found."""

    question: str
    answer: str


class CoveState(State, total=False):
    """`questions` check the draft; `checks` are those that were answered."""

    questions: list[str]
    checks: list[Check]


def build(roles: Roles, config: Config) -> Graph[CoveState]:
    """Baseline, plan, execute, final."""
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    generator = roles.agent("generator", "generate", TASK_BLANKS, parse_text, sampling)
    planner = roles.agent("critic", "cove-plan", TASK_BLANKS | {"draft", "most"}, parse_list, sampling)
    answerer = roles.agent("answerer", "cove-answer", frozenset({"question"}), parse_text, sampling)
    refiner = roles.agent("refiner", "cove-final", TASK_BLANKS | {"draft", "checks"}, parse_text, sampling)
    verifier = (
        roles.pair_verifier("verifier", "draft-pair-verifier", TASK_BLANKS, sampling, False, config.threshold)
        if config.verify
        else None
    )

    async def baseline(state: CoveState) -> CoveState:
        task = state["task"]
        draft = await first_draft(task, "baseline", lambda: generator(task=ask(task)))
        return {"final": draft, "drafts": [draft]} if isinstance(draft, Draft) else {"stop": stopped_by(draft)}

    async def plan(state: CoveState) -> CoveState:
        questions = await planner(task=ask(state["task"]), draft=state["final"].text, most=config.questions)
        if not isinstance(questions, tuple):
            return {"stop": stopped_by(questions)}
        return {"questions": list(questions[: config.questions])}

    async def execute(state: CoveState) -> CoveState:
        answers = await gather(answerer(question=question) for question in state["questions"])
        pairs = zip(state["questions"], answers, strict=True)
        checks = [Check(question=question, answer=answer) for question, answer in pairs if isinstance(answer, str)]
        if checks:
            return {"checks": checks}
        return {"stop": next(stopped_by(answer) for answer in answers if not isinstance(answer, str))}

    async def final(state: CoveState) -> CoveState:
        task, draft, checks = state["task"], state["final"], state["checks"]
        text = await refiner(task=ask(task), draft=draft.text, checks=checks)
        after = Draft(text=text, node="final") if isinstance(text, str) else text
        feedback = "\n".join(f"{check['question']} {check['answer']}" for check in checks)
        revision = await accept_or_keep(task, draft, after, verifier, feedback=feedback)
        return {
            "final": final_draft(revision),
            "drafts": [after] if isinstance(after, Draft) else [],
            "revisions": [revision],
            "stop": StopReason.COMPLETED if revision.accepted and not verifier else outcome(revision),
        }

    graph = Graph(CoveState)
    graph.nodes(baseline, plan, execute, final)
    graph.chain(START, "baseline")
    graph.branch("baseline", lambda state: "plan" if "final" in state else END, "plan", END)
    graph.branch("plan", lambda state: "execute" if "questions" in state else END, "execute", END)
    graph.branch("execute", lambda state: "final" if "checks" in state else END, "final", END)
    graph.chain("final", END)
    return graph


METHOD = Method(
    name="cove",
    title="Chain-of-Verification",
    paper="Dhuliawala et al., Findings of ACL 2024, arXiv 2309.11495",
    roles={
        "generator": "answers where no draft is given",
        "critic": "plans the questions that check the answer",
        "answerer": "answers one question, without seeing the answer it checks",
        "refiner": "writes the final answer",
        "verifier": "with verify=true: compares before and after; or a metric",
    },
    signal="self",
    cost="3 + Q for Q questions (2 + Q with a draft given); verify: + 2",
    chain="4; verify: 5",
    prompts=("generate", "cove-plan", "cove-answer", "cove-final", "draft-pair-verifier"),
    config=Config,
    build=build,
)
