"""Tool-call correction: parse the calls, check them against their schemas, repair what is unambiguous, ask again.

Ours, on the practice of the field: the taxonomy of errors is that of tool-use benchmarks (BFCL, Patil et al., ICML
2025), and a precise error handed back to the model is STE's corrective observation (Wang et al., ACL 2024, arXiv
2403.04746). Generate -> check -> ask again ..., until the calls can be made or the rounds end. No fault that a program
can repair is sent to the model; each repair is a revision with its reason. A reply to an error replaces the calls only
if it has fewer faults. Whether calls that can be made are the right ones nobody here knows.

Calls per item: 1 + R for R rounds that are needed, of at most two (R with a draft given; none for calls that can be
made or repaired); each waits for the one before. Signal: tool.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, cast

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import visible
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import first_draft
from redraft.graphs.state import State, stopped_by
from redraft.graphs.tool_calls import BLANKS, Examined, blanks, checker, examine, guide, names_twice
from redraft.models.base import Sampling
from redraft.schema import Draft, Failure, Finding, Revision, StopReason, ToolCallTask


class Config(Settings):
    """How often to ask, and how."""

    rounds: Annotated[int, Field(ge=1)] = 2
    """The most times that the model is asked again."""
    repair: bool = True
    """Repair without a model what has one way out."""
    guided: bool = False
    """Hold replies to the functions' schemas, for a server with guided decoding."""
    temperature: float = 0.0
    max_tokens: int = 1024


class CorrectionState(State, total=False):
    """`open` is what is wrong with the draft that stands, `badness` how much that is."""

    open: list[Finding]
    badness: int


def build(roles: Roles, config: Config) -> Graph[CorrectionState]:
    """Generate and check; then ask again while something is wrong."""
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    generator = roles.agent("generator", "tool-calls", BLANKS, visible, sampling)
    refiner = roles.agent("refiner", "tool-calls-correct", BLANKS | {"draft", "faults"}, visible, sampling)

    async def generate(state: CorrectionState) -> CorrectionState:
        task = cast(ToolCallTask, state["task"])
        if failure := names_twice(task.functions):
            return {"verdicts": [failure], "stop": StopReason.FAILED}
        writer = replace(generator, constraint=guide(task)) if config.guided else generator
        draft = await first_draft(task, "generate", lambda: writer(**blanks(task)))
        return {"final": draft, "drafts": [draft]} if isinstance(draft, Draft) else {"stop": stopped_by(draft)}

    async def check(state: CorrectionState) -> CorrectionState:
        task = cast(ToolCallTask, state["task"])
        examined = examine(state["final"], checker(task), task.least, config.repair)
        return {**standing(examined), "verdicts": [] if examined.revisions else [examined.verdict]}

    async def ask_again(state: CorrectionState) -> CorrectionState:
        task, before, found = cast(ToolCallTask, state["task"]), state["final"], state["open"]
        asked = replace(refiner, constraint=guide(task)) if config.guided else refiner
        faults = "\n".join(finding.explanation for finding in found)
        text = await asked(**blanks(task), draft=before.text, faults=faults)
        if not isinstance(text, str):
            missing = Revision(before=before, findings=tuple(found), feedback=faults, after=text, accepted=False)
            return {"revisions": [missing], "stop": stopped_by(text)}
        written = Draft(text=text, node="ask_again")
        examined = examine(written, checker(task), task.least, config.repair)
        better = examined.badness < state["badness"]
        revision = Revision(
            before=before,
            findings=tuple(found),
            feedback=faults,
            after=examined.revisions[0].before if examined.revisions else examined.draft,
            verdicts=() if examined.revisions else (examined.verdict,),
            accepted=better,
        )
        if not better:
            stop = StopReason.UNCHANGED if text == before.text else StopReason.REJECTED
            return {"drafts": [written], "revisions": [revision], "stop": stop}
        update = standing(examined)
        if "stop" not in update and state["steps"].count("ask_again") + 1 == config.rounds:
            update["stop"] = StopReason.ROUND_LIMIT
        drafts = [written, *update.get("drafts", [])]
        return {**update, "drafts": drafts, "revisions": [revision, *update.get("revisions", [])]}

    graph = Graph(CorrectionState)
    graph.nodes(generate, check, ask_again)
    graph.chain(START, "generate")
    graph.branch("generate", lambda state: "check" if "final" in state else END, "check", END)
    graph.branch("check", lambda state: END if "stop" in state else "ask_again", "ask_again", END)
    graph.loop("ask_again", lambda state: "stop" not in state, back_to="ask_again", at_most=config.rounds)
    return graph


def standing(examined: Examined) -> CorrectionState:
    """The state in which the examined draft stands: what is open, and why the method ends, if it does."""
    update: CorrectionState = {
        "final": examined.draft,
        "drafts": [each.after for each in examined.revisions if isinstance(each.after, Draft)],
        "revisions": list(examined.revisions),
        "findings": list(examined.findings),
        "open": list(examined.findings),
        "badness": examined.badness,
    }
    if isinstance(examined.verdict, Failure):
        update["stop"] = StopReason.FAILED
    elif not examined.faults:
        update["stop"] = StopReason.SATISFIED
    return update


METHOD = Method(
    name="tool-correction",
    title="Tool-call correction",
    paper="ours; errors as in BFCL, Patil et al., ICML 2025",
    roles={
        "generator": "writes the calls where no draft is given",
        "refiner": "writes them again, told what is wrong with them",
    },
    signal="tool",
    cost="1 + R for R rounds that are needed (R with a draft given)",
    chain="1 + R",
    prompts=("tool-calls", "tool-calls-correct"),
    config=Config,
    build=build,
    kinds=frozenset({"tool_call"}),
)
