"""Formulate-and-Solve: the model puts a word problem as a system of equations, and SymPy, not the model, solves it.

Kao, Wang and Hsieh 2024 (arXiv 2407.05134, for problems of three unknowns and more). Formulate -> solve -> answer.

As the authors' code: five steps of formulation, of which the last is the equations; SymPy has 30 seconds, solves for
every letter, and leaves inequalities out; a second call reads the answer off the solution, in a box; where there is no
solution, or one that is not of numbers, the same call answers from the working alone. Greedy decoding, 2,048 tokens and
512. The authors' prompt has three or five worked examples, which the model writes itself and of which the best of ten
sets is taken, by its score against the right answers of ten items; redraft asks without examples and needs no answers.
Ours: the prompts; the equations stand in a code block, and one that cannot be read is no solution rather than left
out; names may be longer than a letter; SymPy evaluates what it parses, so it runs in the sandbox. A draft that the task
brings is taken for the formulation.

Calls per item: 2 (1 with a draft given), one after the other, + a run of SymPy. Signal: tool.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import visible
from redraft.agents.parsing.equations import parse_equations
from redraft.agents.values import TASK_BLANKS, ask
from redraft.errors import MissingExtra
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import first_draft
from redraft.graphs.sampling import candidate
from redraft.graphs.state import State, stopped_by
from redraft.models.base import Sampling
from redraft.schema import Draft, Failure, Missing, StopReason, Unparsed, Verdict
from redraft.tools.equations import SECONDS, solve_system
from redraft.tools.sandbox import SandboxUnusable
from redraft.tools.sandbox.on_demand import OnDemand
from redraft.verifiers.code import may_run_unsafe


class Config(Settings):
    """The authors' numbers."""

    seconds: Annotated[int, Field(ge=1, le=600)] = SECONDS
    """Processor time for SymPy."""
    temperature: float = 0.0
    max_tokens: int = 2048
    answer_tokens: int = 512


class FormulateState(State, total=False):
    """`solution` is SymPy's, in words; empty where there is none."""

    solution: str


def build(roles: Roles, config: Config) -> Graph[FormulateState]:
    """Formulate, solve, answer."""
    if find_spec("sympy") is None:
        raise MissingExtra("SymPy", "solvers")
    formulating = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    answering = Sampling(temperature=config.temperature, max_tokens=config.answer_tokens)
    formulator = roles.agent("generator", "formulate-and-solve-formulate", TASK_BLANKS, visible, formulating)
    blanks = TASK_BLANKS | {"working", "solution"}
    reader = roles.agent("generator", "formulate-and-solve-answer", blanks, visible, answering)
    sandbox = roles.own(OnDemand(unsafe=may_run_unsafe(), packages=True))

    async def formulate(state: FormulateState) -> FormulateState:
        task = state["task"]
        draft = await first_draft(task, "formulate", lambda: formulator(task=ask(task)))
        return {"final": draft, "drafts": [draft]} if isinstance(draft, Draft) else {"stop": stopped_by(draft)}

    async def solve(state: FormulateState) -> FormulateState:
        verdict = await solved(state["final"])
        if isinstance(verdict, Failure):
            return {"verdicts": [verdict], "stop": stopped_by(verdict)}
        return {"verdicts": [verdict], "solution": _solution(verdict)}

    async def solved(draft: Draft) -> Verdict | Missing:
        equations = parse_equations(draft.text)
        if isinstance(equations, Unparsed):
            return equations
        try:
            found = await solve_system(sandbox, equations, config.seconds)
        except SandboxUnusable as error:
            return Failure(cause="sandbox_unusable", message=str(error))
        if found is None:
            return Failure(cause="sandbox_lost", message="the sandbox ended under SymPy")
        there = bool(found.solutions)
        return Verdict(verifier="sympy", signal="tool", score=float(there), passed=there, evidence=found.words)

    async def answer(state: FormulateState) -> FormulateState:
        text = await reader(task=ask(state["task"]), working=state["final"].text, solution=state["solution"])
        if not isinstance(text, str):
            return {"stop": stopped_by(text)}
        draft = candidate(text, "answer")
        return {"final": draft, "drafts": [draft], "stop": StopReason.COMPLETED}

    graph = Graph(FormulateState)
    graph.nodes(formulate, solve, answer)
    graph.chain(START, "formulate")
    graph.branch("formulate", lambda state: END if "stop" in state else "solve", "solve", END)
    graph.branch("solve", lambda state: END if "stop" in state else "answer", "answer", END)
    graph.chain("answer", END)
    return graph


def _solution(verdict: Verdict | Unparsed) -> str:
    return verdict.evidence if isinstance(verdict, Verdict) and verdict.passed else ""


METHOD = Method(
    name="formulate-and-solve",
    title="Formulate-and-Solve",
    paper="Kao et al. 2024, arXiv 2407.05134",
    roles={"generator": "puts the problem as equations, and reads the answer off their solution"},
    signal="tool",
    cost="2 (1 with a draft given), + a run of SymPy",
    chain="2, + 1 run",
    prompts=("formulate-and-solve-formulate", "formulate-and-solve-answer"),
    config=Config,
    build=build,
    kinds=frozenset({"question"}),
)
