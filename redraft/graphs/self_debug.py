"""Self-Debug: run the program, explain it line by line, and fix it by what the tests said, until they pass.

Chen et al., ICLR 2024 (arXiv 2304.05128). Generate -> execute the task's visible tests -> explain -> fix -> execute
..., at most ten turns; the paper's unit-test feedback with code explanation (`explain=false`: without).

As the paper: greedy decoding; the loop stops when the visible tests pass or the turns end; the model is told the first
failed test with its values, then debugs its latest program. Hidden tests are nowhere: a verifier that knows them is
refused. Ours: the prompts, zero-shot; each turn starts from the task and the latest program, not from all the turns
before; a fix that changes nothing ends the turns, since the next would be the same; `final` is the program that
passed most tests, among equals the later (the paper takes the last). An explanation that is missing is done without.

Calls per item: 1 + 2T for T turns (2T with a draft given), 1 + T with `explain=false`, + a run of the tests for each
program; each waits for the one before. Signal: tool.
"""

from __future__ import annotations

from typing import Annotated

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import parse_code, visible
from redraft.agents.values import TASK_BLANKS, ask
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import first_draft
from redraft.graphs.trial import TrialState, begun, coder, honest_verifier, rewritten, tried
from redraft.models.base import Sampling
from redraft.schema import Draft


class Config(Settings):
    """The paper's numbers (section 5)."""

    turns: Annotated[int, Field(ge=1)] = 10
    """The most fixes."""
    explain: bool = True
    """Have the program explained line by line before it is fixed."""
    temperature: float = 0.0
    max_tokens: int = 1024


def build(roles: Roles, config: Config) -> Graph[TrialState]:
    """Generate and execute; then explain, fix and execute in turn."""
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    generator = roles.agent("generator", "generate", TASK_BLANKS, parse_code, sampling)
    explainer = roles.agent("critic", "self-debug-explain", TASK_BLANKS | {"draft"}, visible, sampling)
    blanks = TASK_BLANKS | {"draft", "explanation", "evidence"}
    refiner = roles.agent("refiner", "self-debug-fix", blanks, parse_code, sampling)
    verifier = honest_verifier(roles)

    async def generate(state: TrialState) -> TrialState:
        task = state["task"]
        return begun(await first_draft(task, "generate", lambda: coder(generator, task)(task=ask(task))))

    async def execute(state: TrialState) -> TrialState:
        verdict = await verifier.score(state["task"], state["trial"])
        return tried(state, [verdict], last=state["steps"].count("fix") == config.turns)

    async def explain(state: TrialState) -> TrialState:
        text = await explainer(task=ask(state["task"]), draft=state["trial"].text) if config.explain else ""
        return {"comment": text if isinstance(text, str) else ""}

    async def fix(state: TrialState) -> TrialState:
        task, draft, explanation, evidence = state["task"], state["trial"].text, state["comment"], state["evidence"]
        text = await coder(refiner, task)(task=ask(task), draft=draft, explanation=explanation, evidence=evidence)
        after = Draft(text=text, node="fix") if isinstance(text, str) else text
        return rewritten(state, after, feedback=evidence)

    graph = Graph(TrialState)
    graph.nodes(generate, execute, explain, fix)
    graph.chain(START, "generate")
    graph.branch("generate", lambda state: "execute" if "trial" in state else END, "execute", END)
    graph.branch("execute", lambda state: END if "stop" in state else "explain", "explain", END)
    graph.chain("explain", "fix")
    graph.loop("fix", lambda state: "stop" not in state, back_to="execute", at_most=config.turns + 1)
    return graph


METHOD = Method(
    name="self-debug",
    title="Self-Debug",
    paper="Chen et al., ICLR 2024, arXiv 2304.05128",
    roles={
        "generator": "writes the program where no draft is given",
        "critic": "explains the program line by line",
        "refiner": "fixes it by the explanation and what its tests said",
        "verifier": "runs the task's visible tests",
    },
    signal="tool",
    cost="1 + 2T for T turns (2T with a draft given); explain=false: 1 + T; + a run of the tests for each program",
    chain="1 + 2T, + 1 + T runs",
    prompts=("generate", "self-debug-explain", "self-debug-fix"),
    config=Config,
    build=build,
    kinds=frozenset({"code"}),
    defaults={"verifier": "tests"},
)
