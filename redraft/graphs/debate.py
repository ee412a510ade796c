"""Multi-agent debate: several agents answer, read each other's answers, and answer again; the majority decides.

Du et al., ICML 2024 (arXiv 2305.14325): three agents, two rounds, each later round showing an agent what the others
wrote last.

As the paper: all agents are one model, sampled; the last round's answers vote. The authors' scoring counts a missing
answer as right; here an agent without an answer has no vote. Ours: the prompts; an agent whose reply did not come or
could not be read keeps what it wrote before; the debate ends early once all agree, and says so (`agreed`), unless
`early_stop` is off; a draft that the task brings is the first agent's first answer.

Calls per item: 1 of a samples for the first round, then a per round, at once: 1 + a(r - 1); each round waits for the
one before. Signal: self.
"""

from __future__ import annotations

from typing import Annotated, cast

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import visible
from redraft.agents.values import TASK_BLANKS, ask
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import gather
from redraft.graphs.sampling import candidate, sample, sampled
from redraft.graphs.state import State, stopped_by
from redraft.models.base import Sampling
from redraft.schema import Agreement, Draft, StopReason
from redraft.verifiers.vote import Vote


class Config(Settings):
    """The paper's numbers (section 3)."""

    agents: Annotated[int, Field(ge=2)] = 3
    rounds: Annotated[int, Field(ge=2)] = 2
    """The first answers and each time they are written again."""
    early_stop: bool = True
    """End when all agents give one answer."""
    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens: int = 1024


class DebateState(State, total=False):
    """`stand` is what each agent wrote last; `agreement` how far their answers agree, None where none has one."""

    stand: list[Draft]
    agreement: Agreement | None


def build(roles: Roles, config: Config) -> Graph[DebateState]:
    """Open, then vote and answer again in turn."""
    sampling = Sampling(temperature=config.temperature, top_p=config.top_p, max_tokens=config.max_tokens)
    opener = roles.agent("generator", "solve", TASK_BLANKS | {"answer"}, visible, sampling)
    debater = roles.agent("generator", "debate", TASK_BLANKS | {"own", "others"}, visible, sampling)
    ballot = roles.own(Vote())

    async def first(state: DebateState) -> DebateState:
        given = state["task"].draft is not None
        update = sampled(await sample(state["task"], opener, config.agents - given))
        if "drafts" not in update:
            return {"stop": update["stop"]}
        return {"drafts": update["drafts"], "final": update["final"], "stand": update["drafts"]}

    async def vote(state: DebateState) -> DebateState:
        stand = state["stand"]
        agreement = await ballot.agree(state["task"], stand)
        if not isinstance(agreement, Agreement):
            return {"agreement": None, "stop": stopped_by(agreement)}
        agreed = set(agreement.clusters) == {0}
        return {
            "agreement": agreement,
            "final": stand[cast(int, agreement.winner)],
            "scores": {**agreement.scores, "uncertainty": agreement.uncertainty, "agreed": float(agreed)},
            "stop": StopReason.COMPLETED if agreed and config.early_stop else StopReason.ROUND_LIMIT,
        }

    async def again(state: DebateState) -> DebateState:
        stand, task = state["stand"], ask(state["task"])
        texts = await gather(
            debater(task=task, own=own.text, others=[other.text for other in stand if other is not own])
            for own in stand
        )
        pairs = zip(stand, texts, strict=True)
        after = [candidate(text, "again") if isinstance(text, str) else before for before, text in pairs]
        return {"stand": after, "drafts": [draft for draft in after if draft not in stand]}

    graph = Graph(DebateState)
    graph.nodes(first, vote, again)
    graph.chain(START, "first")
    graph.branch("first", lambda state: "vote" if "stand" in state else END, "vote", END)
    graph.branch("vote", lambda state: END if settled(state, config) else "again", "again", END)
    graph.loop("again", lambda _: True, back_to="vote", at_most=config.rounds)
    return graph


def settled(state: DebateState, config: Config) -> bool:
    """Whether all agree, or every round was used."""
    return state["stop"] is StopReason.COMPLETED or state["steps"].count("again") == config.rounds - 1


METHOD = Method(
    name="debate",
    title="Multi-agent debate",
    paper="Du et al., ICML 2024, arXiv 2305.14325",
    roles={"generator": "every agent: answers, and answers again having read the others"},
    signal="self",
    cost="1, of a samples, + a(r - 1) for a agents and r rounds",
    chain="r",
    prompts=("solve", "debate"),
    config=Config,
    build=build,
    kinds=frozenset({"question"}),
)
