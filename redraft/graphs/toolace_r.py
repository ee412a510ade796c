"""ToolACE-R: the model goes over its own calls until it writes the same calls again.

Zeng et al., AAAI 2026 (arXiv 2504.01400), adaptive self-refinement at inference (Algorithm 1). Generate -> refine ...,
each round from the latest calls, until two in a row are the same or the rounds end. The paper trains models for this;
its iterations of training are not here.

As the paper: the loop has no feedback from outside, and its stop rule compares two outputs in a row. Ours: the prompts,
as there is no official code; calls are compared, not texts (the order of calls and arguments does not count, 2.0 is 2);
a reply without readable calls ends the loop. Models that were not trained for it change right calls, so a refinement
stands only if its calls are valid by the functions' schemas (`accept=false`: as the paper, the last output stands);
the loop goes on from it all the same. `verify` asks the pairwise verifier as well, and keeps the calls unless it
prefers the refined ones.

Calls per item: 1 + R for R rounds of at most five (R with a draft given), + 2R with `verify`; each waits for the one
before, but for the verifier's two. Signal: tool (`accept=false`: self).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, cast

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import visible
from redraft.agents.parsing.tool_calls import parse_tool_calls
from redraft.agents.values import TASK_BLANKS
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import accept_or_keep, final_draft, first_draft
from redraft.graphs.state import State, stopped_by
from redraft.graphs.tool_calls import BLANKS, blanks, checker, examine, guide, names_twice
from redraft.models.base import Sampling
from redraft.schema import Draft, Revision, StopReason, ToolCall, ToolCallTask, Unparsed
from redraft.tools.functions.call import canonical


class Config(Settings):
    """The paper's stop rule, and our options."""

    rounds: Annotated[int, Field(ge=1)] = 5
    """The most refinements."""
    accept: bool = True
    """Let calls stand only if they are valid by their schemas."""
    verify: bool = False
    """Let refined calls stand only if the pairwise verifier prefers them."""
    guided: bool = False
    """Hold replies to the functions' schemas, for a server with guided decoding."""
    temperature: float = 0.0
    max_tokens: int = 1024


class RefinementState(State, total=False):
    """`latest` is what the next round starts from, which may not stand."""

    latest: Draft


def build(roles: Roles, config: Config) -> Graph[RefinementState]:
    """Generate, then refine until nothing changes."""
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    generator = roles.agent("generator", "tool-calls", BLANKS, visible, sampling)
    refiner = roles.agent("refiner", "toolace-refine", BLANKS | {"draft"}, visible, sampling)
    verifier = (
        roles.pair_verifier("verifier", "draft-pair-verifier", TASK_BLANKS, sampling, config.guided)
        if config.verify
        else None
    )

    async def generate(state: RefinementState) -> RefinementState:
        task = cast(ToolCallTask, state["task"])
        if failure := names_twice(task.functions):
            return {"verdicts": [failure], "stop": StopReason.FAILED}
        writer = replace(generator, constraint=guide(task)) if config.guided else generator
        draft = await first_draft(task, "generate", lambda: writer(**blanks(task)))
        if not isinstance(draft, Draft):
            return {"stop": stopped_by(draft)}
        return {"final": draft, "latest": draft, "drafts": [draft]}

    async def refine(state: RefinementState) -> RefinementState:
        task, before, latest = cast(ToolCallTask, state["task"]), state["final"], state["latest"]
        asked = replace(refiner, constraint=guide(task)) if config.guided else refiner
        text = await asked(**blanks(task), draft=latest.text)
        if not isinstance(text, str):
            revision = Revision(before=before, after=text, accepted=False)
            return {"revisions": [revision], "stop": stopped_by(text)}
        calls = parse_tool_calls(text)
        after = Draft(text=text, node="refine")
        if isinstance(calls, Unparsed):
            revision = Revision(before=before, after=calls, accepted=False)
            return {"drafts": [after], "revisions": [revision], "stop": StopReason.UNPARSED}
        if _same(calls, latest):
            revision = Revision(before=before, after=after, accepted=False)
            return {"drafts": [after], "revisions": [revision], "stop": StopReason.UNCHANGED}
        revision = await judged(task, before, after)
        update: RefinementState = {
            "final": final_draft(revision),
            "latest": after,
            "drafts": [after],
            "revisions": [revision],
        }
        if state["steps"].count("refine") + 1 == config.rounds:
            update["stop"] = StopReason.ROUND_LIMIT
        return update

    async def judged(task: ToolCallTask, before: Draft, after: Draft) -> Revision:
        if not config.accept:
            return await accept_or_keep(task, before, after, verifier)
        examined = examine(after, checker(task), task.least, mend=False)
        if examined.faults:
            verdicts = (examined.verdict,)
            return Revision(
                before=before, findings=examined.findings, after=examined.draft, verdicts=verdicts, accepted=False
            )
        revision = await accept_or_keep(task, before, examined.draft, verifier)
        return revision.model_copy(update={"verdicts": (examined.verdict, *revision.verdicts)})

    graph = Graph(RefinementState)
    graph.nodes(generate, refine)
    graph.chain(START, "generate")
    graph.branch("generate", lambda state: "refine" if "final" in state else END, "refine", END)
    graph.loop("refine", lambda state: "stop" not in state, back_to="refine", at_most=config.rounds)
    return graph


def _same(calls: tuple[ToolCall, ...], draft: Draft) -> bool:
    before = parse_tool_calls(draft.text)
    return not isinstance(before, Unparsed) and canonical(before) == canonical(calls)


METHOD = Method(
    name="toolace-r",
    title="ToolACE-R",
    paper="Zeng et al., AAAI 2026, arXiv 2504.01400",
    roles={
        "generator": "writes the calls where no draft is given",
        "refiner": "goes over its calls and writes them again",
        "verifier": "with verify=true: compares before and after; or a metric",
    },
    signal="tool",
    cost="1 + R for R rounds (R with a draft given); verify: + 2R",
    chain="1 + R; verify: 1 + 2R",
    prompts=("tool-calls", "toolace-refine", "draft-pair-verifier"),
    config=Config,
    build=build,
    kinds=frozenset({"tool_call"}),
)
