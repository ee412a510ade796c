"""AlphaLLM's eta-MCTS: search over the steps of a solution, guided by a value, a process and an outcome critic.

Tian et al., NeurIPS 2024 (arXiv 2404.12253). Select -> expand -> evaluate, again and again, then choose. The tree
itself is in `graphs.search_tree`.

As the paper: nodes are options, not tokens; UCT with c = 1; a node's width follows from how far its children's scores
lie apart; an option too near a sibling (edit distance) is sampled again, and at last the most distant one is kept; each
node is scored by value + process reward + the mean outcome reward of fast rollouts, and the score goes up the path.
From the authors' code: alpha = 2, at most 10 children, 3 by default, 40 at the root; a node's first child is greedy;
search goes on, up to ten times as long, while nothing has ended. The code's helper that looks at the gold is nowhere
here. Ours: the prompts; an option is a step as the model writes it; an expansion makes all children that are wanted;
several leaves are expanded together, by virtual loss; a step that ends a solution is never merged with one of another
answer; ends are not visited again; equal options are one; a critic that says nothing is made up for by the mean of the
others, and a node none speaks of is left out. While no solution has ended in the tree, the best of the rollouts stands.
A draft that the task brings is an end of its own at the root. Where language models play the critics they grade
(`value` and `orm` by a rubric, `prm` step by step), which is no trained critic.

Calls per item, for X expansions and C new nodes: at most 7X + C, and 2C judgements and one of each rollout or end. What
a round expands and judges goes together: it waits for at most 6 + 1 calls and 2 judgements, one after another, and with
L expansions a round there are about 1 + X / L rounds. Signal: the critics'.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from operator import itemgetter
from typing import Annotated, Literal

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.agent import Agent
from redraft.agents.parsing import visible
from redraft.agents.parsing.option import closing_answer, parse_option
from redraft.agents.values import TASK_BLANKS, ask
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import gather
from redraft.graphs.sampling import candidate, score_all
from redraft.graphs.search_tree import Limits, Node, distance, greedy_leaf, grow, select, terminals, texts, wanted
from redraft.graphs.state import State, stopped_by
from redraft.models.base import Sampling
from redraft.schema import Agreement, Draft, Missing, StopReason, Task, Verdict
from redraft.verifiers.vote import Vote


class Config(Settings):
    """The numbers of the paper and of the authors' code; sampling is ours."""

    iterations: Annotated[int, Field(ge=1)] = 40
    """Expansions."""
    terminals: Annotated[int, Field(ge=1)] = 40
    """Solutions after which the search ends."""
    stretch: Annotated[int, Field(ge=1)] = 10
    """How many times `iterations` while there is no solution."""
    together: Annotated[int, Field(ge=1)] = 4
    """Leaves expanded at once (ours)."""
    depth: Annotated[int, Field(ge=1)] = 10
    """The most steps of a solution in the tree."""
    c: float = 1.0
    """Weight of exploration."""
    alpha: float = 2.0
    root_width: Annotated[int, Field(ge=1)] = 40
    least: Annotated[int, Field(ge=1)] = 3
    most: Annotated[int, Field(ge=1)] = 10
    distance: Annotated[int, Field(ge=1)] = 20
    """Edits by which siblings differ."""
    resamples: Annotated[int, Field(ge=0)] = 5
    rollouts: Annotated[int, Field(ge=1)] = 4
    beta_value: float = 1.0
    beta_process: float = 1.0
    beta_outcome: float = 1.0
    choose: Literal["greedy", "leaf", "orm", "vote"] = "greedy"
    """The path of the highest means; the end with the highest score, or outcome reward; the vote weighted by it."""
    guided: bool = False
    """Hold a judging model to a JSON schema."""
    temperature: float = 0.8
    top_p: float = 1.0
    max_tokens: int = 256
    """Of a step."""
    rollout_tokens: int = 1024


class MctsState(State, total=False):
    """`leaves` are being expanded, `fresh` the options that came of it, each with its parent; `expanded` counts."""

    tree: list[Node]
    leaves: list[int]
    fresh: list[Node]
    expanded: int
    best_rollout: float


def build(roles: Roles, config: Config) -> Graph[MctsState]:
    """Select, expand, evaluate; choose."""
    limits = Limits(config.root_width, config.least, config.most, config.alpha, config.depth)
    first, told = Sampling(max_tokens=config.max_tokens), TASK_BLANKS | {"steps", "number"}
    betas = (config.beta_value, config.beta_process, config.beta_outcome)
    sampling = Sampling(temperature=config.temperature, top_p=config.top_p, max_tokens=config.max_tokens)
    finishing = Sampling(temperature=config.temperature, top_p=config.top_p, max_tokens=config.rollout_tokens)
    greedy = roles.agent("generator", "mcts-step", told, parse_option, first)
    policy = roles.agent("generator", "mcts-step", told, parse_option, sampling)
    fast = roles.agent("rollout", "mcts-rollout", told, visible, finishing)
    value, orm = roles.outcome_reward("value", config.guided), roles.outcome_reward("orm", config.guided)
    prm = roles.process_reward("prm", config.guided)
    ballot = roles.own(Vote())

    async def choose_leaves(state: MctsState) -> MctsState:
        tree, expanded = state.get("tree") or [Node(parent=None)], state.get("expanded", 0)
        ends = len(terminals(tree))
        told: MctsState = {"tree": tree, "leaves": []}
        given = state["task"].draft
        if len(tree) == 1 and given is not None:
            told = {**told, "final": candidate(given, "input"), "drafts": [candidate(given, "input")]}
        if ends >= config.terminals:
            return {**told, "stop": StopReason.COMPLETED}
        left = config.iterations * (1 if ends else config.stretch) - expanded
        if left <= 0:
            return {**told, "stop": StopReason.ROUND_LIMIT}
        leaves = select(tree, limits, config.c, min(config.together, left))
        return {**told, "leaves": leaves} if leaves else {**told, "stop": StopReason.COMPLETED}

    async def expand(state: MctsState) -> MctsState:
        tree, leaves, task = state["tree"], state["leaves"], state["task"]
        lacking = {leaf: wanted(tree, leaf, limits) for leaf in leaves}
        kept: dict[int, list[str]] = {leaf: [] for leaf in leaves}
        spare: dict[int, list[str]] = {leaf: [] for leaf in leaves}
        missing: list[Missing] = []

        def gap(leaf: int, text: str) -> int:
            siblings = [tree[child].text for child in tree[leaf].children] + kept[leaf]
            return min((apart(text, sibling, config.distance) for sibling in siblings), default=config.distance)

        async def options(leaf: int, begins: bool) -> list[str | Missing]:
            said = {"task": ask(task), "steps": numbered(texts(tree, leaf)), "number": tree[leaf].depth + 1}
            one = 1 if begins and not tree[leaf].children else 0
            asked: list[tuple[Agent[str], int]] = [(greedy, one), (policy, lacking[leaf] - one)]
            return [text for some in await gather(who.samples(n, **said) for who, n in asked if n) for text in some]

        for attempt in range(1 + config.resamples):
            asking = [leaf for leaf in leaves if lacking[leaf]]
            for leaf, replies in zip(asking, await gather(options(leaf, not attempt) for leaf in asking), strict=True):
                read = [text for text in replies if isinstance(text, str)]
                missing += [text for text in replies if not isinstance(text, str)]
                for text in read:
                    (kept if gap(leaf, text) >= config.distance else spare)[leaf].append(text)
                lacking[leaf] = wanted(tree, leaf, limits) - len(kept[leaf]) if read else 0
        for leaf in leaves:
            for text in sorted(spare[leaf], key=lambda text: -gap(leaf, text)):
                if len(kept[leaf]) < wanted(tree, leaf, limits) and gap(leaf, text):
                    kept[leaf].append(text)
        fresh = [option(leaf, text) for leaf in leaves for text in kept[leaf]]
        update: MctsState = {
            "tree": [node.model_copy(update={"spent": n in kept and not kept[n]}) for n, node in enumerate(tree)],
            "expanded": state.get("expanded", 0) + len(leaves),
        }
        if not fresh and missing:
            update = {**update, "stop": stopped_by(missing[0])}
        if len(tree) == 1 and "final" in state:
            draft = state["final"]
            fresh.append(Node(parent=0, text=draft.text, terminal=True, answer=draft.answer))
        return {**update, "fresh": fresh}

    async def evaluate(state: MctsState) -> MctsState:
        tree, fresh, task = state["tree"], state["fresh"], state["task"]
        steps = [[*texts(tree, node.parent or 0), node.text] for node in fresh]
        drafts = [draft_of(task, node, each) for node, each in zip(fresh, steps, strict=True)]

        async def finish(node: Node, each: Sequence[str], draft: Draft) -> list[Draft]:
            if node.terminal:
                return [draft]
            said = {"task": ask(task), "steps": numbered(each), "number": len(each) + 1}
            written = await fast.samples(config.rollouts, **said)
            return [candidate(f"{said['steps']}\n\n{text}", "rollout") for text in written if isinstance(text, str)]

        judging = gather([score_all(task, drafts, value), score_all(task, drafts, prm)])
        rolling = gather(finish(*each) for each in zip(fresh, steps, drafts, strict=True))
        (values, processes), ends = await asyncio.gather(judging, rolling)
        outcomes = await score_all(task, [draft for some in ends for draft in some], orm)
        left = iter(outcomes)
        rewards = [[verdict.score for _ in some if isinstance(verdict := next(left), Verdict)] for some in ends]
        children = [
            node.model_copy(update={"score": score, "outcome": mean(reward) if node.terminal else None})
            for node, worth, stepwise, reward in zip(fresh, values, processes, rewards, strict=True)
            if (score := combined(betas, (number(worth), last_step(stepwise), mean(reward)))) is not None
        ]
        grown = grow(tree, children)
        told: MctsState = {
            "tree": grown,
            "verdicts": [*values, *processes, *outcomes],
            "drafts": [d for node, d in zip(fresh, drafts, strict=True) if node.terminal and d.node != "input"],
        }
        if done := terminals(grown):
            return {**told, "final": end_of(task, grown, best(grown, done))}
        judged = zip([draft for some in ends for draft in some], outcomes, strict=True)
        rolled = [(verdict.score, draft) for draft, verdict in judged if isinstance(verdict, Verdict)]
        score, draft = max(rolled, key=itemgetter(0), default=(-math.inf, drafts[0] if drafts else None))
        if draft and ("final" not in state or score > state.get("best_rollout", -math.inf)):
            return {**told, "final": draft, "best_rollout": score}
        return told

    async def choose(state: MctsState) -> MctsState:
        tree, task = state["tree"], state["task"]
        done = terminals(tree)
        scores = {"nodes": float(len(tree) - 1), "ends": float(len(done)), "expanded": float(state["expanded"])}
        if not done:
            return {"scores": scores, "drafts": [state["final"]] if state["final"].node != "input" else []}
        rewards, picked = [max(tree[at].outcome or 0.0, 0.0) for at in done], best(tree, done)
        if config.choose == "greedy" and tree[greedy_leaf(tree)].terminal:
            picked = greedy_leaf(tree)
        elif config.choose == "orm":
            picked = max(zip(rewards, done, strict=True), key=itemgetter(0))[1]
        elif config.choose == "vote":
            agreement = await ballot.weigh([end_of(task, tree, at) for at in done], rewards)
            if isinstance(agreement, Agreement) and agreement.winner is not None:
                picked, scores = done[agreement.winner], {**scores, **agreement.scores}
        return {"final": end_of(task, tree, picked), "scores": {**scores, "score": tree[picked].score}}

    graph = Graph(MctsState)
    graph.nodes(choose_leaves, expand, evaluate, choose)
    graph.chain(START, "choose_leaves")
    graph.branch("choose_leaves", lambda state: "expand" if state["leaves"] else "choose", "expand", "choose")
    graph.branch("expand", after_expand, "evaluate", "choose", END)
    bound = config.iterations * config.stretch
    graph.loop("evaluate", lambda state: "stop" not in state, back_to="choose_leaves", at_most=bound + 1, done="choose")
    graph.chain("choose", END)
    return graph


def after_expand(state: MctsState) -> str:
    """Where to go when no option came: to the choice if there is anything to choose."""
    if state["fresh"] or "stop" not in state:
        return "evaluate"
    return "choose" if "final" in state else END


def option(parent: int, text: str) -> Node:
    """A child of `parent` for the option `text`."""
    answer = closing_answer(text)
    return Node(parent=parent, text=text, terminal=answer is not None, answer=answer)


def apart(text: str, other: str, limit: int) -> int:
    """The edit distance up to `limit`, which is also how far two different final answers lie apart."""
    return limit if closing_answer(text) != closing_answer(other) else distance(text, other, limit)


def numbered(steps: Sequence[str]) -> str:
    """The text of a solution of these steps."""
    return "\n\n".join(f"Step {number}: {step}" for number, step in enumerate(steps, start=1))


def draft_of(task: Task, node: Node, steps: Sequence[str]) -> Draft:
    """The solution up to `node`, of which `steps` are the options; the draft that the task brings as it is."""
    if list(steps) == [task.draft] and node.terminal:
        return Draft(text=node.text, node="input", answer=node.answer)
    return Draft(text=numbered(steps), node="expand", answer=node.answer)


def end_of(task: Task, tree: Sequence[Node], at: int) -> Draft:
    """The solution that ends at node `at`."""
    return draft_of(task, tree[at], texts(tree, at))


def best(tree: Sequence[Node], nodes: Sequence[int]) -> int:
    """The node with the highest score, the first among equals."""
    return max(nodes, key=lambda at: tree[at].score)


def number(verdict: Verdict | Missing) -> float | None:
    """The score, if there is one."""
    return verdict.score if isinstance(verdict, Verdict) else None


def last_step(verdict: Verdict | Missing) -> float | None:
    """What the process critic gives the last step, or the whole where it does not judge by steps."""
    return verdict.steps[-1] if isinstance(verdict, Verdict) and verdict.steps else number(verdict)


def mean(scores: Sequence[float]) -> float | None:
    """The mean, if there is one."""
    return math.fsum(scores) / len(scores) if scores else None


def combined(betas: Sequence[float], scores: Sequence[float | None]) -> float | None:
    """The sum of beta times score; what is missing counts as the mean of the rest. None where all is missing."""
    said = [(beta, score) for beta, score in zip(betas, scores, strict=True) if score is not None and beta]
    weight = math.fsum(beta for beta, _ in said)
    return math.fsum(beta * score for beta, score in said) * math.fsum(betas) / weight if weight else None


METHOD = Method(
    name="mcts",
    title="eta-MCTS",
    paper="Tian et al. (AlphaLLM), NeurIPS 2024, arXiv 2404.12253",
    roles={
        "generator": "writes the next step",
        "rollout": "finishes a solution fast: a smaller model, if there is one",
        "value": "scores an unfinished solution: a reward model; or a model, which grades by a rubric",
        "prm": "process reward of the last step: a process reward model; or a model, which criticises each step",
        "orm": "outcome reward of finished solutions: a reward model; or a model, which grades by a rubric",
    },
    signal="self",
    cost="at most 7X + C for X expansions and C new nodes, + 2 judgements a node and 1 a rollout or end",
    chain="a round of expansions together: at most 7, + 2 judgements; about X / L rounds, L expanded at once",
    prompts=("mcts-step", "mcts-rollout", "judge-rubric", "judge-critique"),
    config=Config,
    build=build,
    kinds=frozenset({"question"}),
)
