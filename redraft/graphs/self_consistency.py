"""Self-consistency: sample many chains of thought, and answer what most of them come to.

Wang et al., ICLR 2023 (arXiv 2203.11171): 40 samples at temperature 0.7, the unweighted vote of their final answers.

As the paper: the vote is over answers, however they were reached; a sample without an answer has no vote. Ours: a
zero-shot prompt; answers are the same where they are equal as maths (`verifiers.vote`), not only as text; the chain
that first gave the winning answer is the final draft. A draft that the task brings is one more candidate.

Calls per item: 1, of k samples. Signal: self.
"""

from __future__ import annotations

from typing import Annotated, cast

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import visible
from redraft.agents.values import TASK_BLANKS
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.sampling import sample, sampled
from redraft.graphs.state import State, stopped_by
from redraft.models.base import Sampling
from redraft.schema import Agreement, StopReason
from redraft.verifiers.vote import Vote


class Config(Settings):
    """The paper's numbers (section 3.1)."""

    k: Annotated[int, Field(ge=1)] = 40
    """Samples."""
    temperature: float = 0.7
    top_p: float = 1.0
    max_tokens: int = 1024


def build(roles: Roles, config: Config) -> Graph[State]:
    """Generate, vote."""
    sampling = Sampling(temperature=config.temperature, top_p=config.top_p, max_tokens=config.max_tokens)
    generator = roles.agent("generator", "solve", TASK_BLANKS | {"answer"}, visible, sampling)
    ballot = roles.own(Vote())

    async def generate(state: State) -> State:
        return sampled(await sample(state["task"], generator, config.k))

    async def vote(state: State) -> State:
        agreement = await ballot.agree(state["task"], state["drafts"])
        if not isinstance(agreement, Agreement):
            return {"stop": stopped_by(agreement)}
        return {
            "final": state["drafts"][cast(int, agreement.winner)],
            "scores": {**agreement.scores, "uncertainty": agreement.uncertainty},
            "stop": StopReason.COMPLETED,
        }

    graph = Graph(State)
    graph.nodes(generate, vote)
    graph.chain(START, "generate")
    graph.branch("generate", lambda state: "vote" if "final" in state else END, "vote", END)
    graph.chain("vote", END)
    return graph


METHOD = Method(
    name="self-consistency",
    title="Self-consistency",
    paper="Wang et al., ICLR 2023, arXiv 2203.11171",
    roles={"generator": "reasons and answers, many times"},
    signal="self",
    cost="1, of k samples",
    chain="1",
    prompts=("solve",),
    config=Config,
    build=build,
    kinds=frozenset({"question"}),
)
