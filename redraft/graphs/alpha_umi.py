"""alpha-UMi: small models work as one agent, a planner that thinks, a caller that calls, a summarizer that answers.

Shen et al., EMNLP 2024 (arXiv 2401.07324), inference. Plan -> call -> execute -> plan ..., until the planner hands over
to the summarizer or gives up. Each role may be a model of its own; the paper fine-tunes one backbone into three, which
is no part of redraft.

As the paper and its code: the planner reads the request, the functions and what was done so far, thinks, and names who
is next (`Next: caller.`, `Next: conclusion.`, `Next: give up.`); the caller writes one call, which is executed, and
what it brings goes back to the planner; temperature 0.5; a planner is asked up to five times (there for an empty reply,
here for one that names nobody), and words that still name nobody go to the caller, which `scores["unmarked"]` counts.
Ours: the prompts, zero-shot or with `demonstrations`; calls are read in any format, checked against the task's schemas
and repaired where that needs no guess (each repair a revision); what is wrong with the rest goes back to the planner as
an observation, as does what a function raised; a result is cut to `observation` characters and the steps are bounded,
after which the summarizer answers from what there is; a draft that holds calls is the first step. `final` is the
answer, its `answer` the calls that brought a value; until there is one, those calls.

Calls per item: 2T + 2 for T steps (2T where a draft is the first of them), + 1 for each further asking of the planner;
+ T function calls; each waits for the one before. Signal: tool.
"""

from __future__ import annotations

from dataclasses import replace
from operator import add
from pathlib import Path
from typing import Annotated, cast

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import visible
from redraft.agents.parsing.action import parse_action
from redraft.agents.parsing.next_role import NO_MARK, Plan, parse_plan
from redraft.graphs.calling import Move, calls_of, make, transcript, unavailable, unread_call, worked
from redraft.graphs.demonstrations import nearest, read_demonstrations, shown
from redraft.graphs.graph import Graph
from redraft.graphs.method import FUNCTIONS, Method, Roles, Settings
from redraft.graphs.state import State, stopped_by
from redraft.graphs.tool_calls import blanks, guide
from redraft.models.base import Regex, Sampling
from redraft.schema import Draft, Missing, StopReason, ToolCallTask, Unparsed
from redraft.tools.functions.call import write
from redraft.tools.functions.check import Checker


class Config(Settings):
    """Temperature and attempts are the paper's code's; the bounds are ToolBench's, with which it was run."""

    steps: Annotated[int, Field(ge=1)] = 12
    """The most steps with a call."""
    attempts: Annotated[int, Field(ge=1)] = 5
    """How often a planner is asked that names nobody."""
    calls: Annotated[int, Field(ge=1)] = 1
    """The most calls in one step."""
    observation: Annotated[int, Field(ge=1)] = 1024
    """Characters of what a call brings, for the models and the record."""
    demonstrations: Path | None = None
    """Worked examples that `ste` made: JSONL, or the output of its run."""
    shots: Annotated[int, Field(ge=0)] = 4
    """The most of them that are shown, those with the likest requests."""
    guided: bool = False
    """Hold the planner to its form and the caller to the functions' schemas, for a server with guided decoding."""
    temperature: float = 0.5
    max_tokens: int = 1024


class UmiState(State, total=False):
    """`moves` are the steps so far. Of the step under way: `thought` is the planner's, `plan` who is next, `written`
    what the caller wrote."""

    moves: Annotated[list[Move], add]
    plan: str
    thought: str
    written: Draft | Unparsed


FORM = Regex(r"[^\n]{1,400}\nNext: (caller|conclusion|give up)\.")
BLANKS = frozenset({"request", "functions", "optional", "history", "examples"})


def build(roles: Roles, config: Config) -> Graph[UmiState]:
    """Plan, call and execute in turn; then conclude."""
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    planner = roles.agent("planner", "umi-plan", BLANKS, parse_plan, sampling, FORM if config.guided else None)
    caller = roles.agent("caller", "umi-call", BLANKS | {"thought", "most"}, parse_action, sampling)
    summarizer = roles.agent("summarizer", "umi-answer", BLANKS | {"thought"}, visible, sampling)
    functions = roles.functions()
    demonstrations = read_demonstrations(config.demonstrations) if config.demonstrations else []

    def told(state: UmiState) -> dict[str, object]:
        task = cast(ToolCallTask, state["task"])
        examples = shown(nearest(demonstrations, task, config.shots))
        return {**blanks(task), "history": transcript(state["moves"]), "examples": examples}

    async def offer(state: UmiState) -> UmiState:
        task = cast(ToolCallTask, state["task"])
        if failure := await unavailable(functions, task):
            return {"verdicts": [failure], "stop": StopReason.FAILED}
        if task.draft is None:
            return {}
        draft = Draft(text=task.draft, node="input")
        return {"final": draft, "drafts": [draft], "written": draft}

    async def plan(state: UmiState) -> UmiState:
        found: Plan | Missing
        for attempt in range(config.attempts):
            found = await replace(planner, repeat=attempt)(**told(state))
            if not isinstance(found, Unparsed):
                break
        if isinstance(found, Plan):
            update: UmiState = {"plan": found.next, "thought": found.rationale}
            return {**update, "stop": StopReason.GAVE_UP} if found.next == "give up" else update
        thought = visible(found.raw) if isinstance(found, Unparsed) and found.reason == NO_MARK else None
        if not isinstance(thought, str):
            return {"stop": stopped_by(found)}
        scores = state.get("scores", {})
        return {"plan": "caller", "thought": thought, "scores": {**scores, "unmarked": scores.get("unmarked", 0) + 1}}

    async def call(state: UmiState) -> UmiState:
        task = cast(ToolCallTask, state["task"]).model_copy(update={"least": 1, "most": config.calls})
        asking = replace(caller, constraint=guide(task)) if config.guided else caller
        calls = await asking(**told(state), thought=state["thought"], most=config.calls)
        if isinstance(calls, tuple):
            return {"written": Draft(text=write(calls), node="call")}
        return {"written": calls} if isinstance(calls, Unparsed) else {"stop": stopped_by(calls)}

    async def execute(state: UmiState) -> UmiState:
        written, thought = state["written"], state.get("thought", "")
        if isinstance(written, Unparsed):
            return {"moves": [unread_call(written, thought)]}
        most = None if written.node == "input" else config.calls
        check = Checker(cast(ToolCallTask, state["task"]).functions, 1, most)
        made = await make(written, check, functions, config.observation, thought)
        revised = [each.after for each in made.examined.revisions if isinstance(each.after, Draft)]
        update: UmiState = {
            "moves": [made.move],
            "drafts": [*([] if written.node == "input" else [written]), *revised],
            "revisions": list(made.examined.revisions),
            "verdicts": [made.verdict],
        }
        done = calls_of([*state["moves"], made.move], "execute")
        return {**update, "final": done} if worked([made.move]) else update

    async def conclude(state: UmiState) -> UmiState:
        thought = state["thought"] if state.get("plan") == "conclusion" else ""
        text = await summarizer(**told(state), thought=thought)
        if not isinstance(text, str):
            return {"stop": stopped_by(text)}
        draft = Draft(text=text, node="conclude", answer=write(worked(state["moves"])))
        stop = StopReason.SATISFIED if state.get("plan") == "conclusion" else StopReason.ROUND_LIMIT
        return {"final": draft, "drafts": [draft], "stop": stop}

    def after_plan(state: UmiState) -> str:
        if "stop" in state:
            return END
        return "call" if state["plan"] == "caller" else "conclude"

    graph = Graph(UmiState)
    graph.nodes(offer, plan, call, execute, conclude)
    graph.chain(START, "offer")
    graph.branch(
        "offer", lambda s: END if "stop" in s else "execute" if "written" in s else "plan", "plan", "execute", END
    )
    graph.branch("plan", after_plan, "call", "conclude", END)
    graph.branch("call", lambda state: END if "stop" in state else "execute", "execute", END)
    graph.loop("execute", lambda state: True, back_to="plan", at_most=config.steps, done="conclude")
    graph.chain("conclude", END)
    return graph


METHOD = Method(
    name="alpha-umi",
    title="alpha-UMi",
    paper="Shen et al., EMNLP 2024, arXiv 2401.07324",
    roles={
        "planner": "thinks, and says who is next",
        "caller": "writes the call that the planner wants",
        "summarizer": "answers from what the calls brought",
        FUNCTIONS: "what is called: `python:FILE.py`, `mcp:COMMAND`, or in Python a catalogue",
    },
    signal="tool",
    cost="2T + 2 for T steps, + 1 for each further asking of the planner, + T function calls",
    chain="2T + 2, + T function calls",
    prompts=("umi-plan", "umi-call", "umi-answer"),
    config=Config,
    build=build,
    kinds=frozenset({"tool_call"}),
)
