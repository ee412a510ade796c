"""IAPrompt: say what the query is essentially after, then answer it with that in view, in line with policy.

Zhang et al., COLING 2025 (arXiv 2401.06561), "Intention Analysis Makes LLMs A Good Jailbreak Defender". Analyze ->
answer: two stages in one chat, no training, no stop rule.

As the paper and the authors' demo: greedy decoding; the analysis looks at safety, ethics and law, and is forbidden to
answer; the second turn has the first in its history. The phrase that the analysis is to begin with is asked for and,
as there, not checked. Ours: the prompts; `policy` states rules of one's own, where the paper leaves them to the model;
a draft that the task brings is shown in the second turn, to be put right, and stands where no answer comes. The
paper's variant that does both in one reply is left out.

Calls per item: 2, one after the other. Signal: self.
"""

from __future__ import annotations

from langgraph.graph import END, START

from redraft.agents.parsing import parse_text, visible
from redraft.agents.values import TASK_BLANKS, ask
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import accept_or_keep, final_draft, outcome
from redraft.graphs.state import State, stopped_by
from redraft.models.base import Sampling
from redraft.schema import Draft, StopReason


class Config(Settings):
    """The demo's greedy decoding and its 1,024 tokens."""

    policy: str = ""
    """Rules that the answer keeps to; empty: the model's own."""
    temperature: float = 0.0
    max_tokens: int = 1024


class IaState(State, total=False):
    """`intention` is what the query is essentially after."""

    intention: str


def build(roles: Roles, config: Config) -> Graph[IaState]:
    """Analyze, answer."""
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    analyst = roles.agent("critic", "iaprompt-intention", TASK_BLANKS, visible, sampling)
    blanks = TASK_BLANKS | {"intention", "policy", "draft"}
    generator = roles.agent("generator", "iaprompt-answer", blanks, parse_text, sampling)

    async def analyze(state: IaState) -> IaState:
        task = state["task"]
        given = [Draft(text=task.draft, node="input")] if task.draft is not None else []
        start: IaState = {"drafts": given, "final": given[0]} if given else {}
        intention = await analyst(task=ask(task))
        return (
            {**start, "intention": intention}
            if isinstance(intention, str)
            else {**start, "stop": stopped_by(intention)}
        )

    async def answer(state: IaState) -> IaState:
        task, intention = state["task"], state["intention"]
        text = await generator(task=ask(task), intention=intention, policy=config.policy, draft=task.draft or "")
        after = Draft(text=text, node="answer") if isinstance(text, str) else text
        written = [after] if isinstance(after, Draft) else []
        if "final" in state:
            revision = await accept_or_keep(task, state["final"], after, None, feedback=intention)
            stop = StopReason.COMPLETED if revision.accepted else outcome(revision)
            return {"final": final_draft(revision), "drafts": written, "revisions": [revision], "stop": stop}
        if not isinstance(after, Draft):
            return {"stop": stopped_by(after)}
        return {"final": after, "drafts": written, "stop": StopReason.COMPLETED}

    graph = Graph(IaState)
    graph.nodes(analyze, answer)
    graph.chain(START, "analyze")
    graph.branch("analyze", lambda state: "answer" if "intention" in state else END, "answer", END)
    graph.chain("answer", END)
    return graph


METHOD = Method(
    name="iaprompt",
    title="IAPrompt",
    paper="Zhang et al., COLING 2025, arXiv 2401.06561",
    roles={
        "critic": "says what the query is essentially after",
        "generator": "answers with that in view, in line with policy",
    },
    signal="self",
    cost="2",
    chain="2",
    prompts=("iaprompt-intention", "iaprompt-answer"),
    config=Config,
    build=build,
)
