"""RCI: the model finds problems with its own answer, then improves the answer by what it found.

Kim et al., NeurIPS 2023 (arXiv 2303.17491), "recursively criticizes and improves". Generate -> critique -> improve,
as one growing chat, a fixed number of rounds.

As the paper: the critique is asked for whatever the answer is like, and read by nobody but the model. Its loop for
reasoning tasks runs a set number of rounds; a widely used port (CorrectBench) ends it when the answer equals the gold,
which redraft does not do. Ours: the prompts; the rounds end early when the answer no longer changes; each round starts
from the task and the draft that stands, not from all the rounds before. `verify` asks the pairwise verifier and keeps
the draft unless it prefers the improved one.

Calls per item: 1 + 2R for R rounds (2R with a draft given), + 2 per round with `verify`; each waits for the one
before, but for the verifier's two. Signal: self.
"""

from __future__ import annotations

from typing import Annotated

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import parse_text, visible
from redraft.agents.values import TASK_BLANKS, ask
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import accept_or_keep, final_draft, first_draft, outcome
from redraft.graphs.state import State, stopped_by
from redraft.models.base import Sampling
from redraft.schema import Draft, StopReason


class Config(Settings):
    """The paper's one round of criticism for reasoning, at temperature 0, and our options."""

    rounds: Annotated[int, Field(ge=1)] = 1
    """Critiques and improvements."""
    temperature: float = 0.0
    max_tokens: int = 1024
    verify: bool = False
    """Keep the draft unless the pairwise verifier prefers the improved one."""
    threshold: float = 0.03
    """With a metric as verifier: the difference of scores that is no tie."""


class RciState(State, total=False):
    """`critique` is what the model found in the draft that stands."""

    critique: str


def build(roles: Roles, config: Config) -> Graph[RciState]:
    """Generate, then criticise and improve in turn."""
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    generator = roles.agent("generator", "generate", TASK_BLANKS, parse_text, sampling)
    critic = roles.agent("critic", "rci-critique", TASK_BLANKS | {"draft"}, visible, sampling)
    refiner = roles.agent("refiner", "rci-improve", TASK_BLANKS | {"draft", "critique"}, parse_text, sampling)
    verifier = (
        roles.pair_verifier("verifier", "draft-pair-verifier", TASK_BLANKS, sampling, False, config.threshold)
        if config.verify
        else None
    )

    async def generate(state: RciState) -> RciState:
        task = state["task"]
        draft = await first_draft(task, "generate", lambda: generator(task=ask(task)))
        return {"final": draft, "drafts": [draft]} if isinstance(draft, Draft) else {"stop": stopped_by(draft)}

    async def criticize(state: RciState) -> RciState:
        critique = await critic(task=ask(state["task"]), draft=state["final"].text)
        return {"critique": critique} if isinstance(critique, str) else {"stop": stopped_by(critique)}

    async def improve(state: RciState) -> RciState:
        task, draft, critique = state["task"], state["final"], state["critique"]
        text = await refiner(task=ask(task), draft=draft.text, critique=critique)
        after = Draft(text=text, node="improve") if isinstance(text, str) else text
        revision = await accept_or_keep(task, draft, after, verifier, feedback=critique)
        return {
            "final": final_draft(revision),
            "drafts": [after] if isinstance(after, Draft) else [],
            "revisions": [revision],
            "stop": StopReason.ROUND_LIMIT if revision.accepted else outcome(revision),
        }

    graph = Graph(RciState)
    graph.nodes(generate, criticize, improve)
    graph.chain(START, "generate")
    graph.branch("generate", lambda state: "criticize" if "final" in state else END, "criticize", END)
    graph.branch("criticize", lambda state: END if gave_up(state) else "improve", "improve", END)
    graph.loop("improve", lambda state: state["revisions"][-1].accepted, back_to="criticize", at_most=config.rounds)
    return graph


def gave_up(state: RciState) -> bool:
    """Whether the last critique is missing; `stop` may still be that of the round before."""
    return state.get("stop") not in (None, StopReason.ROUND_LIMIT)


METHOD = Method(
    name="rci",
    title="RCI",
    paper="Kim et al., NeurIPS 2023, arXiv 2303.17491",
    roles={
        "generator": "answers where no draft is given",
        "critic": "finds problems with the answer",
        "refiner": "improves the answer by what was found",
        "verifier": "with verify=true: compares before and after; or a metric",
    },
    signal="self",
    cost="1 + 2R for R rounds (2R with a draft given); verify: + 2R",
    chain="1 + 2R; verify: 1 + 3R",
    prompts=("generate", "rci-critique", "rci-improve", "draft-pair-verifier"),
    config=Config,
    build=build,
)
