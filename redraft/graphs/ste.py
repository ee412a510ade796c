"""STE: learn functions by trial and error, in imagination and for real, and keep what worked as demonstrations.

Wang et al., ACL 2024 (arXiv 2403.04746), exploration. Imagine a request -> act and observe, up to four times -> judge,
for each function in 15 episodes of 4 trials. The task's functions are explored, its request says in what domain.

As the paper: the short-term memory of an episode (its trials with all that was observed) and the long-term memory of a
function (past requests, and whether they were solved) go into each request; requests are imagined at temperature 1;
what is wrong with a call goes back as an observation that says how to put it right; the model judges itself. Ours: the
prompts; calls are read in any format, and repaired where that needs no guess; a trial without an answer is not solved,
without asking the judge; a judgement that cannot be read is none (the authors' code takes all without "No" for solved):
it is counted, and the memory says so. A trial that a model brings no reply to is given up; an exploration ends where no
request can be had. The authors' filter by GPT-4 is one without a model: a trial becomes a demonstration if it was
judged solved, its calls brought values (those that failed on the way are left out), one of them is of the function
explored, and no earlier one has the same request. Their paraphrases and training are not here.

`final` holds the demonstrations as JSONL (`graphs.demonstrations`): the output of a run is what `demonstrations` of
other methods reads. `scores` count trials, the solved, the unjudged, and demonstrations.

Calls per item: F E S (2 + T) at most, for F functions, E = 15 episodes, S = 4 trials, T = 4 turns: 360 a function, and
a function call for each turn. Trials wait for each other: give each function a task of its own, and they run at once.
Signal: tool.
"""

from __future__ import annotations

from dataclasses import replace
from operator import add
from typing import Annotated, cast

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.agent import Agent
from redraft.agents.parsing import Ruling, parse_text
from redraft.agents.parsing.action import parse_turn
from redraft.graphs.calling import make, transcript, unavailable, unread_call
from redraft.graphs.demonstrations import write_demonstrations
from redraft.graphs.graph import Graph
from redraft.graphs.method import FUNCTIONS, Method, Roles, Settings
from redraft.graphs.state import State, stopped_by
from redraft.graphs.ste_memory import Trial, demonstrations, long_term, short_term
from redraft.graphs.tool_calls import blanks
from redraft.models.base import Sampling
from redraft.schema import Draft, Failure, Missing, StopReason, ToolCall, ToolCallTask, Unparsed, Verdict
from redraft.tools.functions.call import write
from redraft.tools.functions.check import Checker
from redraft.verifiers.judges.judge import Asking, Judge


class Config(Settings):
    """The paper's numbers; `most` and `observation` are ours."""

    episodes: Annotated[int, Field(ge=1)] = 15
    trials: Annotated[int, Field(ge=1)] = 4
    """Trials of an episode: the slots of its short-term memory."""
    turns: Annotated[int, Field(ge=1)] = 4
    """Calls, and the answer, in a trial."""
    most: Annotated[int, Field(ge=1)] = 50
    """The most functions of a task."""
    observation: Annotated[int, Field(ge=1)] = 1024
    """Characters of what a call brings, for the model and the record."""
    imagination: float = 1.0
    """The temperature of imagined requests."""
    temperature: float = 0.0
    max_tokens: int = 1024
    guided: bool = False
    """Hold the judge to a JSON schema."""


class SteState(State, total=False):
    """`past` are finished trials, `trial` is the one under way; `written` are its calls that are to be made."""

    past: Annotated[list[Trial], add]
    trial: Trial
    written: Draft | Unparsed


BLANKS = frozenset({"request", "functions", "optional"})


def build(roles: Roles, config: Config) -> Graph[SteState]:
    """Imagine, act and execute in turn, judge; and again."""
    imagining = Sampling(temperature=config.imagination, max_tokens=config.max_tokens)
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    explorer = roles.agent("explorer", "ste-imagine", BLANKS | {"name", "past", "recent"}, parse_text, imagining)
    caller: Agent[tuple[ToolCall, ...] | str] = roles.agent(
        "caller", "ste-act", BLANKS | {"history", "last"}, parse_turn, sampling
    )
    judging = Asking(config.guided, config.temperature, config.max_tokens, prompts=roles.prompts)
    critic = Judge(
        roles.model("critic"),
        judging.prompt("ste-judge", "request", "history", "answer"),
        ("Yes", "No"),
        judging,
        "critic",
    )
    functions = roles.functions()
    each = config.episodes * config.trials

    async def offer(state: SteState) -> SteState:
        task = cast(ToolCallTask, state["task"])
        failure = await unavailable(functions, task)
        if not failure and len(task.functions) > config.most:
            message = f"{len(task.functions)} functions, where at most {config.most} are explored at once"
            failure = Failure(cause="too_many_functions", message=message)
        return {"verdicts": [failure], "stop": StopReason.FAILED} if failure else {}

    async def imagine(state: SteState) -> SteState:
        task = cast(ToolCallTask, state["task"])
        number = state["steps"].count("imagine")
        name, episode = task.functions[number // each].name, number % each // config.trials
        before = [trial for trial in state["past"] if trial.function == name]
        past = long_term([trial for trial in before if trial.episode < episode])
        recent = short_term([trial for trial in before if trial.episode == episode])
        text = await replace(explorer, repeat=number)(**blanks(task), name=name, past=past, recent=recent)
        if isinstance(text, Failure):
            return {"stop": stopped_by(text)}
        request = text if isinstance(text, str) else ""
        return {"trial": Trial(function=name, episode=episode, request=request)}

    async def act(state: SteState) -> SteState:
        trial = state["trial"]
        asked = {**blanks(cast(ToolCallTask, state["task"])), "request": trial.request}
        last = len(trial.moves) + 1 == config.turns
        said = await caller(**asked, history=transcript(trial.moves), last=last)
        if isinstance(said, str):
            return {"trial": trial.model_copy(update={"answer": said})}
        if isinstance(said, Failure):
            lost: SteState = {"trial": trial.model_copy(update={"failure": said.cause})}
            return {**lost, "stop": StopReason.BUDGET} if stopped_by(said) is StopReason.BUDGET else lost
        return {"written": Draft(text=write(said), node="act") if isinstance(said, tuple) else said}

    async def execute(state: SteState) -> SteState:
        trial, written = state["trial"], state["written"]
        if isinstance(written, Unparsed):
            move = unread_call(written)
        else:
            check = Checker(cast(ToolCallTask, state["task"]).functions)
            move = (await make(written, check, functions, config.observation)).move
        return {"trial": trial.model_copy(update={"moves": (*trial.moves, move)})}

    async def judge(state: SteState) -> SteState:
        trial = state["trial"]
        if not trial.request:
            return kept(state, None)
        if not trial.answer:
            return kept(state, trial.model_copy(update={"solved": None if trial.failure else False}))
        asked: dict[str, object] = {"request": trial.request, "history": transcript(trial.moves)}
        ruling = await critic({**asked, "answer": trial.answer})
        if not isinstance(ruling, Ruling):
            ended: SteState = {"stop": StopReason.BUDGET} if stopped_by(ruling) is StopReason.BUDGET else {}
            return {**kept(state, trial, ruling), **ended}
        solved = ruling.word == "Yes"
        said = Verdict(verifier="critic", signal="self", score=float(solved), passed=solved, evidence=ruling.reason)
        return kept(state, trial.model_copy(update={"solved": solved}), said)

    def goes_on(state: SteState) -> bool:
        functions = cast(ToolCallTask, state["task"]).functions
        return "stop" not in state and state["steps"].count("imagine") < len(functions) * each

    def after_imagine(state: SteState) -> str:
        if "stop" in state:
            return END
        return "act" if state["trial"].request else "judge"

    def after_act(state: SteState) -> str:
        if "stop" in state:
            return END
        return "judge" if state["trial"].answer or state["trial"].failure else "execute"

    slots = config.most * each
    graph = Graph(SteState)
    graph.nodes(offer, imagine, act, execute, judge)
    graph.chain(START, "offer")
    graph.branch("offer", lambda state: END if "stop" in state else "imagine", "imagine", END)
    graph.branch("imagine", after_imagine, "act", "judge", END)
    graph.branch("act", after_act, "execute", "judge", END)
    graph.loop(
        "execute",
        lambda state: len(state["trial"].moves) < config.turns,
        back_to="act",
        at_most=slots * config.turns,
        done="judge",
    )
    graph.loop("judge", goes_on, back_to="imagine", at_most=slots)
    return graph


def kept(state: SteState, trial: Trial | None, judgement: Verdict | Missing | None = None) -> SteState:
    """The memory with `trial`, if one came about, and what is worth showing of it so far."""
    past = [*state["past"], *([trial] if trial else [])]
    found = demonstrations(past)
    final = Draft(text=write_demonstrations(found), node="judge")
    verdicts = [each for each in (trial.verdict if trial else None, judgement) if each]
    return {
        "past": [trial] if trial else [],
        "final": final,
        "drafts": [trial.draft] if trial else [],
        "verdicts": verdicts,
        "scores": {
            "trials": len(past),
            "solved": sum(each.solved is True for each in past),
            "unjudged": sum(each.solved is None for each in past),
            "unimagined": state["steps"].count("imagine") - len(past),
            "demonstrations": len(found),
        },
    }


METHOD = Method(
    name="ste",
    title="STE",
    paper="Wang et al., ACL 2024, arXiv 2403.04746",
    roles={
        "explorer": "imagines what somebody might ask",
        "caller": "calls and answers",
        "critic": "says whether the request was answered",
        FUNCTIONS: "what is explored: `python:FILE.py`, `mcp:COMMAND`, or in Python a catalogue",
    },
    signal="tool",
    cost="F E S (2 + T) at most, for F functions, E episodes of S trials, T turns; + a function call for each turn",
    chain="F E S (2 + T)",
    prompts=("ste-imagine", "ste-act", "ste-judge"),
    config=Config,
    build=build,
    kinds=frozenset({"tool_call"}),
)
