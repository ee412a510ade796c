"""MAgICoRe: vote on easy questions, and refine the chains of hard ones by what reward models say of their steps.

Chen et al., EMNLP 2025 (arXiv 2409.12147). Solver: k chains -> an outcome and a process reward for each -> easy? vote,
weighted by reward; hard? reviewer and refiner work on every chain, the best k of old and new stay, and again.

A question is hard when neither condition for ease holds: the chains that give the majority's answer have a mean
z-scored reward of 0 or more; and the rewards' mass over the answers is concentrated, by outcome and by process reward
(`confidence` of 0.5 or more, which is an entropy of at most ln 3). As the authors' code: the reward of a chain is its
outcome reward plus the product of its steps'; a chain without an answer has a process reward of 0; the scores that the
reviewer sees are round(score, 1) * 10. The code (as released it does not run) goes on from round n's raw chains; the
paper, and redraft, from the pool of the best k. The z-score needs the mean and deviation of rewards over a data set:
`calibration` takes them from the first sample of each item of an earlier run's OUT, so that one question works; without
it a question's own chains are the measure, which is redraft's. A chain that cannot be scored leaves the pool; a review
or refinement that fails leaves its chain as it is.

Calls per item: 1, of k samples, + 2k for each of R rounds of refinement, and two judgements of each chain; the longest
row is 1 + 2R calls and 1 + R judgements. Signal: the reward models' (a language model as orm or prm: self).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import visible
from redraft.agents.values import TASK_BLANKS, ask
from redraft.graphs.difficulty import Chain, annotated, hard, measure, read_measure
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import accept_or_keep, gather, outcome
from redraft.graphs.sampling import candidate, sample, sampled, score_all
from redraft.graphs.state import State, stopped_by
from redraft.models.base import Sampling
from redraft.schema import Agreement, Draft, Missing, Revision, StopReason, Verdict
from redraft.verifiers.vote import Vote


class Config(Settings):
    """The authors' numbers."""

    k: Annotated[int, Field(ge=1)] = 40
    """Chains."""
    rounds: Annotated[int, Field(ge=1)] = 3
    """The most rounds of refinement of a hard question."""
    confidence: float = 0.5
    """The least concentration of the rewards that makes a question easy."""
    calibration: Path | None = None
    """OUT of an earlier run of magicore, whose first samples' rewards are the measure."""
    guided: bool = False
    """Hold a judging model to a JSON schema."""
    temperature: float = 0.8
    top_p: float = 0.95
    max_tokens: int = 1000


class MagicoreState(State, total=False):
    """`pool` are the chains in the running; `agreement` how their answers agree; `reviews` one for each of the pool."""

    pool: list[Chain]
    fresh: list[Draft]
    agreement: Agreement
    reviews: list[str | None]


def build(roles: Roles, config: Config) -> Graph[MagicoreState]:
    """Solve, score, and while it is hard: review, refine, score again."""
    sampling = Sampling(temperature=config.temperature, top_p=config.top_p, max_tokens=config.max_tokens)
    solver = roles.agent("generator", "solve", TASK_BLANKS | {"answer"}, visible, sampling)
    reviewer = roles.agent("critic", "magicore-review", TASK_BLANKS | {"solution"}, visible, sampling)
    refiner = roles.agent("refiner", "magicore-refine", TASK_BLANKS | {"draft", "feedback"}, visible, sampling)
    orm, prm = roles.outcome_reward("orm", config.guided), roles.process_reward("prm", config.guided)
    ballot = roles.own(Vote())
    calibrated = read_measure(config.calibration) if config.calibration else None

    async def solve(state: MagicoreState) -> MagicoreState:
        update = sampled(await sample(state["task"], solver, config.k))
        if "drafts" not in update:
            return {"stop": update["stop"]}
        return {"drafts": update["drafts"], "final": update["final"], "fresh": update["drafts"]}

    async def score(state: MagicoreState) -> MagicoreState:
        task, fresh = state["task"], state["fresh"]
        outcomes, processes = await gather([score_all(task, fresh, orm), score_all(task, fresh, prm)])
        chains = [
            Chain(draft=draft, outcome=whole.score, steps=stepwise.steps)
            for draft, whole, stepwise in zip(fresh, outcomes, processes, strict=True)
            if isinstance(whole, Verdict) and isinstance(stepwise, Verdict)
        ]
        pool = sorted([*state.get("pool", []), *chains], key=lambda chain: -chain.reward)[: config.k]
        told: MagicoreState = {"verdicts": [*outcomes, *processes], "pool": pool}
        if not pool:
            return {**told, "stop": _why(outcomes + processes)}
        scores = {} if "pool" in state or not chains else {"first_reward": chains[0].reward}
        return {**told, "scores": {**state.get("scores", {}), **scores}}

    async def vote(state: MagicoreState) -> MagicoreState:
        pool = state["pool"]
        agreement = await ballot.weigh([chain.draft for chain in pool], [chain.reward for chain in pool])
        if not isinstance(agreement, Agreement) or agreement.winner is None:
            return {"final": pool[0].draft, "stop": StopReason.UNPARSED}
        difficult = hard(pool, agreement.clusters, calibrated or measure(pool), config.confidence)
        spent = state["steps"].count("refine") == config.rounds
        return {
            "agreement": agreement,
            "final": pool[agreement.winner].draft,
            "scores": {**state["scores"], **agreement.scores, "hard": float(difficult)},
            "stop": StopReason.ROUND_LIMIT if difficult and spent else StopReason.COMPLETED,
        }

    async def review(state: MagicoreState) -> MagicoreState:
        task = ask(state["task"])
        reviews = await gather(reviewer(task=task, solution=annotated(chain)) for chain in state["pool"])
        return {"reviews": [text if isinstance(text, str) else None for text in reviews]}

    async def refine(state: MagicoreState) -> MagicoreState:
        task, pairs = state["task"], zip(state["pool"], state["reviews"], strict=True)
        reviewed = [(chain.draft, review) for chain, review in pairs if review is not None]
        texts = await gather(refiner(task=ask(task), draft=d.text, feedback=feedback) for d, feedback in reviewed)
        after = [candidate(text, "refine") if isinstance(text, str) else text for text in texts]
        revisions: list[Revision] = await gather(
            accept_or_keep(task, draft, new, None, feedback=feedback)
            for (draft, feedback), new in zip(reviewed, after, strict=True)
        )
        fresh = [revision.after for revision in revisions if revision.accepted and isinstance(revision.after, Draft)]
        told: MagicoreState = {"revisions": revisions, "drafts": fresh, "fresh": fresh}
        return told if fresh else {**told, "stop": outcome(revisions[0]) if revisions else StopReason.FAILED}

    def after_vote(state: MagicoreState) -> str:
        return "review" if state["scores"].get("hard") and state["stop"] is StopReason.COMPLETED else END

    graph = Graph(MagicoreState)
    graph.nodes(solve, score, vote, review, refine)
    graph.chain(START, "solve")
    graph.branch("solve", lambda state: "score" if "fresh" in state else END, "score", END)
    graph.branch("score", lambda state: "vote" if state["pool"] else END, "vote", END)
    graph.branch("vote", after_vote, "review", END)
    graph.chain("review", "refine")
    graph.loop("refine", lambda state: bool(state["fresh"]), back_to="score", at_most=config.rounds + 1)
    return graph


def _why(verdicts: list[Verdict | Missing]) -> StopReason:
    return next(stopped_by(verdict) for verdict in verdicts if not isinstance(verdict, Verdict))


METHOD = Method(
    name="magicore",
    title="MAgICoRe",
    paper="Chen et al., EMNLP 2025, arXiv 2409.12147",
    roles={
        "generator": "solves, many times (the paper's solver)",
        "orm": "outcome reward of a chain: a reward model; or a model, which grades by a rubric",
        "prm": "process reward of its steps: a process reward model; or a model, which criticises each step",
        "critic": "says what is wrong with a chain, its steps' scores in view (the paper's reviewer)",
        "refiner": "writes the chain again by the review",
    },
    signal="self",
    cost="1, of k samples, + 2k for each of R rounds on hard questions, + 2 judgements of each chain",
    chain="1 + 2R, + 1 + R judgements",
    prompts=("solve", "magicore-review", "magicore-refine", "judge-rubric", "judge-critique"),
    config=Config,
    build=build,
    kinds=frozenset({"question"}),
)
