"""GLoRe: refine a solution as a whole and from its first bad step, and let an outcome reward choose among all three.

Havrilla et al., ICML 2024 (arXiv 2402.10963). Draft -> global refinement, from the task and the draft; local
refinement, from the first step whose score is below the threshold, marked `[BAD]` -> the outcome reward (ORM) picks the
best of draft, global and local refinement.

The paper trains all four models (ORM; a step-wise one, SORM, for the place; two refiners) and no code of its authors is
known; this port trains none. A process reward stands for the SORM, prompted models for the refiners. As the paper: the
draft is always a candidate, and without a bad step there is no local refinement. Ours: the prompts and the threshold of
0.5; the steps before the mark are kept to the letter and what the local refiner writes is put after them, unless it
wrote those out again; a refinement that is missing or says the same as the draft is no candidate, and where that goes
for both nothing is asked of the ORM; a refinement wins only over a draft that has a score, and among equals the earlier
one stands.

Calls per item: 3 (2 without a bad step; one less with a draft given), a judgement of the draft's steps and one of each
candidate, 3 at most; in a row 2 calls, at most one of them after the steps' judgement, and 2 judgements. Signal: the
reward models' (a language model as orm or prm: self).
"""

from __future__ import annotations

import asyncio
from typing import Annotated

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import visible
from redraft.agents.values import TASK_BLANKS, ask
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import first_draft
from redraft.graphs.sampling import candidate, score_all
from redraft.graphs.state import State, stopped_by
from redraft.models.base import Sampling
from redraft.schema import Draft, Failure, Missing, Revision, StopReason, Task, Verdict
from redraft.verifiers.steps import split_steps


class Config(Settings):
    """The paper drafts greedily; the threshold is ours."""

    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5
    """A step with a score below it is bad."""
    guided: bool = False
    """Hold a judging model to a JSON schema."""
    temperature: float = 0.0
    max_tokens: int = 1024


class GloreState(State, total=False):
    """`proposed` are the refinements, not chosen among yet: global, then local where there is one."""

    proposed: list[Revision]


def build(roles: Roles, config: Config) -> Graph[GloreState]:
    """Draft, refine in both ways, rerank."""
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    blanks = TASK_BLANKS | {"draft"}
    generator = roles.agent("generator", "solve", TASK_BLANKS | {"answer"}, visible, sampling)
    global_refiner = roles.agent("global_refiner", "glore-global", blanks, visible, sampling)
    local_refiner = roles.agent("local_refiner", "glore-local", blanks, visible, sampling)
    orm, prm = roles.outcome_reward("orm", config.guided), roles.process_reward("prm", config.guided)

    async def draft(state: GloreState) -> GloreState:
        task = state["task"]
        first = await first_draft(task, "draft", lambda: generator(task=ask(task), answer=True))
        if not isinstance(first, Draft):
            return {"stop": stopped_by(first)}
        first = candidate(first.text, first.node)
        return {"final": first, "drafts": [first]}

    async def refine(state: GloreState) -> GloreState:
        task, first = state["task"], state["final"]
        whole, (verdict, local) = await asyncio.gather(refine_globally(task, first), refine_locally(task, first))
        proposed = [whole, local] if local else [whole]
        drafts = [revision.after for revision in proposed if isinstance(revision.after, Draft)]
        return {"verdicts": [verdict], "drafts": drafts, "proposed": proposed}

    async def refine_globally(task: Task, first: Draft) -> Revision:
        text = await global_refiner(task=ask(task), draft=first.text)
        after = candidate(text, "global") if isinstance(text, str) else text
        return Revision(before=first, after=after, accepted=False)

    async def refine_locally(task: Task, first: Draft) -> tuple[Verdict | Missing, Revision | None]:
        """What the process reward said, and the refinement where it found a bad step."""
        verdict = placed(await prm.score(task, first), first)
        if not isinstance(verdict, Verdict):
            return verdict, None
        bad = next((n for n, score in enumerate(verdict.steps) if score < config.threshold), None)
        if bad is None:
            return verdict, None
        right, wrong = cut(first.text, bad)
        text = await local_refiner(task=ask(task), draft=f"{right}\n\n[BAD] {wrong}".strip())
        after = candidate(joined(right, text), "local") if isinstance(text, str) else text
        return verdict, Revision(before=first, feedback=f"[BAD] before step {bad + 1}", after=after, accepted=False)

    async def rerank(state: GloreState) -> GloreState:
        first, proposed = state["final"], state["proposed"]
        candidates: dict[str, Draft] = {first.text: first}
        for revision in proposed:
            if isinstance(revision.after, Draft):
                candidates.setdefault(revision.after.text, revision.after)
        rivals = list(candidates.values())[1:]
        if not rivals:
            missing = [r.after for r in proposed if not isinstance(r.after, Draft)]
            return {"revisions": proposed, "stop": stopped_by(missing[0]) if missing else StopReason.UNCHANGED}
        own, *theirs = await score_all(state["task"], [first, *rivals], orm)
        judged = dict(zip((rival.text for rival in rivals), theirs, strict=True))
        scored = [(r, v.score) for r, v in zip(rivals, theirs, strict=True) if isinstance(v, Verdict)]
        told: GloreState = {"verdicts": [own]}
        if not isinstance(own, Verdict) or not scored:
            missing_verdicts = [v for v in (own, *theirs) if not isinstance(v, Verdict)]
            revisions = [with_verdict(r, judged, None) for r in proposed]
            return {**told, "revisions": revisions, "stop": stopped_by(missing_verdicts[0])}
        rival, score = max(scored, key=lambda pair: pair[1])
        final = rival if score > own.score else first
        return {
            **told,
            "final": final,
            "revisions": [with_verdict(r, judged, final) for r in proposed],
            "scores": {"draft": own.score, "final": max(score, own.score)},
            "stop": StopReason.REJECTED if final is first else StopReason.ACCEPTED,
        }

    graph = Graph(GloreState)
    graph.nodes(draft, refine, rerank)
    graph.chain(START, "draft")
    graph.branch("draft", lambda state: "refine" if "final" in state else END, "refine", END)
    graph.chain("refine", "rerank", END)
    return graph


def placed(verdict: Verdict | Missing, draft: Draft) -> Verdict | Missing:
    """`verdict`; Failure (`no_steps`) where it has no score for each step, so that no bad one could be found."""
    wanted = len(split_steps(draft.text))
    if isinstance(verdict, Verdict) and len(verdict.steps) != wanted:
        found = f"{verdict.verifier} scored {len(verdict.steps)} of the draft's {wanted} steps"
        return Failure(cause="no_steps", message=found)
    return verdict


def cut(text: str, bad: int) -> tuple[str, str]:
    """`text` before its step number `bad` (from 0), and from that step on."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    steps, at = split_steps(text), 0
    for step in steps[:bad]:
        at = text.index(step, at) + len(step)
    return text[:at], text[text.index(steps[bad], at) :]


def joined(right: str, text: str) -> str:
    """The local refiner's `text` after the steps that stand; alone where it begins with the first of them."""
    repeats = not right.strip() or text.startswith(split_steps(right)[0])
    return text if repeats else f"{right}\n\n{text}"


def with_verdict(revision: Revision, judged: dict[str, Verdict | Missing], final: Draft | None) -> Revision:
    """`revision` with what the ORM said of it, accepted where it is the one chosen."""
    after = revision.after
    if not isinstance(after, Draft) or after.text not in judged:
        return revision
    return revision.model_copy(update={"verdicts": (judged[after.text],), "accepted": after is final})


METHOD = Method(
    name="glore",
    title="GLoRe",
    paper="Havrilla et al., ICML 2024, arXiv 2402.10963",
    roles={
        "generator": "solves where no draft is given",
        "global_refiner": "writes the solution anew",
        "local_refiner": "writes the solution on from its first bad step",
        "prm": "scores each step, to find the first bad one: a process reward model; or a model, which criticises each",
        "orm": "scores draft and refinements: a reward model; or a model, which grades by a rubric",
    },
    signal="self",
    cost="3 (2 without a bad step), + a judgement of the steps and at most 3 of candidates",
    chain="2, + 2 judgements",
    prompts=("solve", "glore-global", "glore-local", "judge-rubric", "judge-critique"),
    config=Config,
    build=build,
    kinds=frozenset({"question"}),
)
