"""Self-Refine: the same model writes, reviews and rewrites, until its review says that the draft is good.

Madaan et al., NeurIPS 2023 (arXiv 2303.17651). Generate -> feedback -> refine -> feedback ..., at most four attempts;
the refiner sees every draft so far with its feedback. First draft at temperature 0, the rest at 0.7.

As the paper: the loop stops on the model's own verdict or at the limit. Ours: the prompts, which serve any task and
do not assert an error (the authors' maths prompt does); feedback and refinement are two calls for every task, as in
all of the paper's tasks but maths; the verdict is a line of its own. A review without a readable verdict is still
feedback: the loop goes on, as the authors' does without its stop phrase, and the review counts as unparsed. The gold
answer is nowhere (the authors' maths evaluation counts a problem as solved at every later attempt once any was
right). `verify` asks the pairwise verifier and keeps the draft unless it prefers the refined one.

Calls per item: 1 + 2R for R rounds (2R with a draft given), + 2 per round with `verify`; each waits for the one
before. Signal: self.
"""

from __future__ import annotations

from typing import Annotated

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import Feedback, parse_feedback, parse_text
from redraft.agents.values import TASK_BLANKS, ask
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import accept_or_keep, final_draft, first_draft, outcome
from redraft.graphs.state import State, stopped_by
from redraft.models.base import JsonSchema, Sampling
from redraft.schema import Draft, Failure, StopReason, Unparsed

FEEDBACK_SCHEMA = JsonSchema(
    '{"type":"object","properties":{"feedback":{"type":"string","maxLength":2000},"satisfied":{"type":"boolean"}},'
    '"required":["feedback","satisfied"],"additionalProperties":false}'
)


class Config(Settings):
    """The paper's numbers (section 3, appendix on GSM8K) and our options."""

    rounds: Annotated[int, Field(ge=1)] = 4
    """Attempts at a better draft."""
    generate_temperature: float = 0.0
    temperature: float = 0.7
    max_tokens: int = 1024
    verify: bool = False
    """Keep the draft unless the pairwise verifier prefers the refined one."""
    threshold: float = 0.03
    """With a metric as verifier: the difference of scores that is no tie."""
    guided: bool = False
    """Hold the review to a JSON schema, for a model that does not keep to a format."""


class RefineState(State, total=False):
    """`feedback` is the review of the draft that stands."""

    feedback: str


def build(roles: Roles, config: Config) -> Graph[RefineState]:
    """Generate, then feedback and refine in turn."""
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    first = Sampling(temperature=config.generate_temperature, max_tokens=config.max_tokens)
    generator = roles.agent("generator", "generate", TASK_BLANKS, parse_text, first)
    critic = roles.agent(
        "critic",
        "self-refine-feedback",
        TASK_BLANKS | {"draft", "guided"},
        parse_feedback,
        sampling,
        FEEDBACK_SCHEMA if config.guided else None,
    )
    refiner = roles.agent("refiner", "self-refine-refine", TASK_BLANKS | {"history"}, parse_text, sampling)
    verifier = (
        roles.pair_verifier("verifier", "draft-pair-verifier", TASK_BLANKS, sampling, config.guided, config.threshold)
        if config.verify
        else None
    )

    async def generate(state: RefineState) -> RefineState:
        task = state["task"]
        draft = await first_draft(task, "generate", lambda: generator(task=ask(task)))
        return {"final": draft, "drafts": [draft]} if isinstance(draft, Draft) else {"stop": stopped_by(draft)}

    async def feedback(state: RefineState) -> RefineState:
        review = await critic(task=ask(state["task"]), draft=state["final"].text, guided=config.guided)
        if isinstance(review, Failure):
            return {"stop": stopped_by(review)}
        if isinstance(review, Feedback) and review.satisfied:
            return {"feedback": review.text, "stop": StopReason.SATISFIED}
        return {"feedback": review.raw if isinstance(review, Unparsed) else review.text}

    async def refine(state: RefineState) -> RefineState:
        draft, earlier = state["final"], state.get("revisions", [])
        history = [{"draft": revision.before.text, "feedback": revision.feedback} for revision in earlier]
        history.append({"draft": draft.text, "feedback": state["feedback"]})
        text = await refiner(task=ask(state["task"]), history=history)
        after = Draft(text=text, node="refine") if isinstance(text, str) else text
        revision = await accept_or_keep(state["task"], draft, after, verifier, feedback=state["feedback"])
        update: RefineState = {
            "final": final_draft(revision),
            "drafts": [after] if isinstance(after, Draft) else [],
            "revisions": [revision],
        }
        if not revision.accepted:
            update["stop"] = outcome(revision)
        elif len(earlier) + 1 == config.rounds:
            update["stop"] = StopReason.ROUND_LIMIT
        return update

    graph = Graph(RefineState)
    graph.nodes(generate, feedback, refine)
    graph.chain(START, "generate")
    graph.branch("generate", lambda state: "feedback" if "final" in state else END, "feedback", END)
    graph.branch("feedback", lambda state: END if "stop" in state else "refine", "refine", END)
    graph.loop("refine", lambda state: "stop" not in state, back_to="feedback", at_most=config.rounds)
    return graph


METHOD = Method(
    name="self-refine",
    title="Self-Refine",
    paper="Madaan et al., NeurIPS 2023, arXiv 2303.17651",
    roles={
        "generator": "writes where no draft is given",
        "critic": "reviews the draft and says whether it is good",
        "refiner": "rewrites it by the review",
        "verifier": "with verify=true: compares before and after; or a metric",
    },
    signal="self",
    cost="1 + 2R for R rounds (2R with a draft given); verify: + 2R",
    chain="1 + 2R; verify: 1 + 3R",
    prompts=("generate", "self-refine-feedback", "self-refine-refine", "draft-pair-verifier"),
    config=Config,
    build=build,
)
