"""A method of your own from the shared parts: shorten a text, keep the shorter version only if a judge prefers it.

python examples/own_method.py [MODEL]
"""

import sys
import tempfile
from pathlib import Path

from langgraph.graph import END, START

import redraft
from redraft.agents.parsing import parse_text
from redraft.agents.values import TASK_BLANKS, ask
from redraft.graphs.graph import Graph
from redraft.graphs.revise import accept_or_keep, final_draft, outcome
from redraft.graphs.state import State
from redraft.models.base import Sampling

PROMPT = "[user]\nShorten the text between the bars. Write nothing but the shorter text.\n{{ draft | fence }}\n"


class Config(redraft.Settings):
    """How long a shorter text may be."""

    max_tokens: int = 128


def build(roles: redraft.Roles, config: Config) -> Graph[State]:
    """One node: shorten, then accept or keep."""
    sampling = Sampling(max_tokens=config.max_tokens)
    refiner = roles.agent("refiner", "shorten", frozenset({"draft"}), parse_text, sampling)
    verifier = roles.pair_verifier("verifier", "draft-pair-verifier", TASK_BLANKS, sampling, guided=True)

    async def shorten(state: State) -> State:
        before = redraft.Draft(text=state["task"].draft or ask(state["task"]), node="input")
        text = await refiner(draft=before.text)
        after = redraft.Draft(text=text, node="shorten") if isinstance(text, str) else text
        revision = await accept_or_keep(state["task"], before, after, verifier)
        return {"revisions": [revision], "final": final_draft(revision), "stop": outcome(revision)}

    graph = Graph(State)
    graph.nodes(shorten)
    graph.chain(START, "shorten", END)
    return graph


SHORTEN = redraft.Method(
    name="shorten",
    title="Shorten",
    paper="none",
    roles={"refiner": "shortens", "verifier": "compares"},
    signal="self",
    cost="3",
    chain="2",
    prompts=("shorten", "draft-pair-verifier"),
    config=Config,
    build=build,
    draft="needed",
)

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as prompts:
        (Path(prompts) / "shorten.jinja").write_text(PROMPT)
        task = redraft.TextTask(text="A short notice.", draft="Please be so kind as to close the door behind you.")
        with redraft.workflow(SHORTEN, sys.argv[1] if len(sys.argv) > 1 else "local", prompts=prompts) as flow:
            result = flow.run(task)
    print(result.stop, "|", result.final.text if result.final else "", "|", result.usage.calls, "calls")
