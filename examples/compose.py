"""Two ways to a workflow of one's own: published methods in a row, and a few agents and a verifier drawn as a graph.

python examples/compose.py [MODEL]
"""

import sys

from langgraph.graph import END, START

import redraft
from redraft.agents.parsing import parse_text
from redraft.agents.values import TASK_BLANKS, ask
from redraft.graphs.graph import Graph
from redraft.graphs.revise import accept_or_keep, final_draft, first_draft, outcome
from redraft.graphs.state import State, stopped_by
from redraft.models.base import Sampling

# Base -> S1 -> S2: the final draft of Chain-of-Verification is the draft that Self-Refine starts from.
ROW = redraft.compose("cove", "self-refine")
SETTINGS = {"cove.questions": 2, "self-refine": {"rounds": 1}}


class Config(redraft.Settings):
    """How often the draft is criticised."""

    rounds: int = 2


def build(roles: redraft.Roles, config: Config) -> Graph[State]:
    """Generator -> critic and refiner -> verifier, again while the verifier accepts."""
    sampling = Sampling(max_tokens=256)
    generator = roles.agent("generator", "generate", TASK_BLANKS, parse_text, sampling)
    critic = roles.agent("critic", "rci-critique", TASK_BLANKS | {"draft"}, parse_text, sampling)
    refiner = roles.agent("refiner", "rci-improve", TASK_BLANKS | {"draft", "critique"}, parse_text, sampling)
    verifier = roles.pair_verifier("verifier", "draft-pair-verifier", TASK_BLANKS, sampling, guided=True)

    async def generate(state: State) -> State:
        task = state["task"]
        draft = await first_draft(task, "generate", lambda: generator(task=ask(task)))
        return {"final": draft, "drafts": [draft]} if isinstance(draft, redraft.Draft) else {"stop": stopped_by(draft)}

    async def refine(state: State) -> State:
        task, before = state["task"], state["final"]
        critique = await critic(task=ask(task), draft=before.text)
        if not isinstance(critique, str):
            return {"stop": stopped_by(critique)}
        text = await refiner(task=ask(task), draft=before.text, critique=critique)
        after = redraft.Draft(text=text, node="refine") if isinstance(text, str) else text
        revision = await accept_or_keep(task, before, after, verifier, feedback=critique)
        return {"revisions": [revision], "final": final_draft(revision), "stop": outcome(revision)}

    graph = Graph(State)
    graph.nodes(generate, refine)
    graph.chain(START, "generate")
    graph.branch("generate", lambda state: "refine" if "final" in state else END, "refine", END)
    accepted = redraft.StopReason.ACCEPTED
    graph.loop("refine", lambda state: state["stop"] is accepted, back_to="refine", at_most=config.rounds)
    return graph


CAREFUL = redraft.Method(
    name="careful",
    title="Careful",
    paper="none",
    roles={"generator": "drafts", "critic": "finds fault", "refiner": "mends it", "verifier": "compares"},
    signal="self",
    cost="1 + 4R",
    chain="1 + 3R",
    prompts=("generate", "rci-critique", "rci-improve", "draft-pair-verifier"),
    config=Config,
    build=build,
)

if __name__ == "__main__":
    task = redraft.QuestionTask(question="A pen costs 2 euros and a book 5. What do three pens and a book cost?")
    model = sys.argv[1] if len(sys.argv) > 1 else "local"
    # A method of one's own is a stage like any other.
    for method, settings in ((ROW, SETTINGS), (redraft.compose(CAREFUL, "rci"), {"careful.rounds": 1})):
        with redraft.workflow(method, model, **settings) as flow:
            result = flow.run(task)
        print(method.name, "|", dict(result.stages), "|", result.usage.calls, "calls")
        print(result.final.text if result.final else "no draft")
