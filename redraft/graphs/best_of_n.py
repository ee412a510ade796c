"""Best-of-N: sample many drafts, have each scored, and take the best, or the answer that weighs most.

The baseline of every verifier (Cobbe et al. 2021, arXiv 2110.14168; Lightman et al., ICLR 2024, arXiv 2305.20050, for
process rewards). `choose=best` takes the highest score; `choose=vote` adds the scores of drafts with the same answer
up and takes the heaviest answer, the weighted self-consistency of MAgICoRe's easy questions (arXiv 2409.12147). Where
the verifier judges step by step, `aggregate` says how the steps' scores become the draft's: their product, least,
mean or last; otherwise, and with `own`, its own score counts.

Ours: a draft that could not be scored is no candidate for `best` and weighs nothing in the vote, nor does one scored
below 0; among equals the first wins; where nothing could be scored the first draft stands. A draft that the task brings
is one more candidate.

Calls per item: 1, of n samples, and a judgement of each, all at once. Signal: the verifier's.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Annotated, Literal, cast

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import visible
from redraft.agents.values import TASK_BLANKS
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.sampling import sample, sampled, score_all
from redraft.graphs.state import State, stopped_by
from redraft.models.base import Sampling
from redraft.schema import Agreement, Missing, StopReason, Verdict
from redraft.verifiers.reward import AGGREGATES, Aggregate
from redraft.verifiers.vote import Vote


class Config(Settings):
    """MAgICoRe's sampling (section 4)."""

    n: Annotated[int, Field(ge=1)] = 40
    """Samples."""
    choose: Literal["best", "vote"] = "best"
    aggregate: Aggregate | Literal["own"] = "own"
    """How the scores of steps become that of the draft."""
    guided: bool = False
    """Hold a judging model to a JSON schema."""
    temperature: float = 0.8
    top_p: float = 0.95
    max_tokens: int = 1000


def build(roles: Roles, config: Config) -> Graph[State]:
    """Generate, score, choose."""
    sampling = Sampling(temperature=config.temperature, top_p=config.top_p, max_tokens=config.max_tokens)
    generator = roles.agent("generator", "solve", TASK_BLANKS | {"answer"}, visible, sampling)
    verifier = roles.verifier("verifier", config.guided)
    ballot = roles.own(Vote())

    async def generate(state: State) -> State:
        return sampled(await sample(state["task"], generator, config.n))

    async def score(state: State) -> State:
        verdicts = await score_all(state["task"], state["drafts"], verifier)
        if any(isinstance(verdict, Verdict) for verdict in verdicts):
            return {"verdicts": verdicts}
        return {"verdicts": verdicts, "stop": next(stopped_by(v) for v in verdicts if not isinstance(v, Verdict))}

    async def choose(state: State) -> State:
        drafts, scores = state["drafts"], scores_of(state["verdicts"], config.aggregate)
        winner, best = max(((n, score) for n, score in enumerate(scores) if score is not None), key=itemgetter(1))
        if config.choose == "best":
            return {"final": drafts[winner], "scores": {"score": best}, "stop": StopReason.COMPLETED}
        agreement = await ballot.weigh(drafts, [max(score or 0.0, 0.0) for score in scores])
        if not isinstance(agreement, Agreement):
            return {"final": drafts[winner], "stop": stopped_by(agreement)}
        return {
            "final": drafts[cast(int, agreement.winner)],
            "scores": {**agreement.scores, "uncertainty": agreement.uncertainty},
            "stop": StopReason.COMPLETED,
        }

    graph = Graph(State)
    graph.nodes(generate, score, choose)
    graph.chain(START, "generate")
    graph.branch("generate", lambda state: "score" if "final" in state else END, "score", END)
    graph.branch("score", lambda state: END if "stop" in state else "choose", "choose", END)
    graph.chain("choose", END)
    return graph


def scores_of(verdicts: Sequence[Verdict | Missing], aggregate: Aggregate | Literal["own"]) -> list[float | None]:
    """The number that counts of each verdict; None where there is none."""
    return [None if isinstance(v, Missing) else _score(v, aggregate) for v in verdicts]


def _score(verdict: Verdict, aggregate: Aggregate | Literal["own"]) -> float:
    return AGGREGATES[aggregate](verdict.steps) if aggregate != "own" and verdict.steps else verdict.score


METHOD = Method(
    name="best-of-n",
    title="Best-of-N",
    paper="Cobbe et al. 2021, arXiv 2110.14168; weighted vote: MAgICoRe, arXiv 2409.12147",
    roles={
        "generator": "drafts, many times",
        "verifier": "scores each draft: a reward model, tests, a judge; a model grades by a rubric",
    },
    signal="self",
    cost="1, of n samples, + n judgements",
    chain="2",
    prompts=("solve", "judge-rubric"),
    config=Config,
    build=build,
)
