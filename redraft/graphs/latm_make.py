"""LATM, making: a model writes a function for a kind of question, and it is kept if it answers questions held out.

Cai et al., ICLR 2024 (arXiv 2305.17126), tool making. Propose ... -> verify ... -> wrap. Using: `latm`.

As the paper: a function is proposed from three examples at temperature 0.3, with three tries to mend what fails; then
calls for three held-out questions are written, with three tries to mend the calls and never the function; then both are
wrapped for cheaper models, which see worked uses and no answers. How many examples there are is the task's to say.
Ours: the prompts; a retry sees the last reply and its error. Assertions that a model writes it can loosen, so it
writes calls alone: redraft makes them in the sandbox and compares, the held-out answers are in no prompt, calls that
were right are kept, one that brings the answer along (`latm_trial`) counts as wrong, and a function that does no more
than give back an argument is refused. What an answer looks like is the function's business, as the calls convert
nothing. The authors go on with a function that three tries did not mend; here that ends the method.

`final` is the tool as its users see it, and its `answer` the tool as a record, which `ToolLibrary.add` stores; where it
was not verified, the source alone, without an answer. `library` stores what was verified at once.

Calls per item: P + V, P of at most three proposals (with a draft given one less) and V of at most three verifications,
+ a run of each proposal and call; each waits for the one before. Signal: tool.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Literal, cast

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import parse_code, visible
from redraft.agents.prompt import fence
from redraft.errors import ConfigError
from redraft.graphs.graph import Graph
from redraft.graphs.latm_trial import OURS, attempt, wrapped
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import gather
from redraft.graphs.state import State, stopped_by
from redraft.graphs.tool_calls import examine
from redraft.models.base import Sampling
from redraft.schema import Draft, Failure, Missing, Revision, StopReason, ToolCall, ToolMakingTask, Unparsed, Verdict
from redraft.tools.functions.call import write
from redraft.tools.functions.catalogue import Catalogue
from redraft.tools.functions.check import Checker
from redraft.tools.functions.made import defines, from_source, patient
from redraft.tools.functions.made_library import MadeTool, ToolLibrary, UseCase, refuse_name
from redraft.tools.functions.run import Bounds, Function
from redraft.tools.sandbox.on_demand import OnDemand
from redraft.verifiers.code import may_run_unsafe


class Config(Settings):
    """The authors' code's numbers; `seconds` and `library` are ours."""

    proposals: Annotated[int, Field(ge=1)] = 3
    """The most times that the function is written."""
    verifications: Annotated[int, Field(ge=1)] = 3
    """The most times that its calls are written."""
    seconds: Annotated[float, Field(gt=0, le=600)] = 10.0
    """What a call of the function may take."""
    library: Path | None = None
    """A folder to store verified tools in."""
    temperature: float = 0.3
    max_tokens: int = 2048


class MakingState(State, total=False):
    """`written` is the function as last proposed and `trouble` what is wrong with it, empty where nothing is; `right`
    has the calls that brought the right answer, by the index of their question, and `echoes` how many of them only gave
    an argument back; `asked` is the last reply, as far as it was wrong, and `told` why it was."""

    written: Draft
    trouble: str
    right: dict[int, ToolCall]
    echoes: int
    asked: str
    told: str


def build(roles: Roles, config: Config) -> Graph[MakingState]:
    """Propose, verify, wrap."""
    Checker(())  # Says what is not installed.
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    proposer = roles.agent(
        "maker", "latm-propose", frozenset({"examples", "name", "draft", "trouble"}), parse_code, sampling
    )
    caller = roles.agent(
        "maker", "latm-call", frozenset({"tool", "cases", "questions", "draft", "faults"}), visible, sampling
    )
    maker = roles.model("maker").name
    sandbox = roles.own(OnDemand(unsafe=may_run_unsafe()))
    bounds = Bounds(seconds=config.seconds)
    library = ToolLibrary(config.library).create() if config.library else None

    async def propose(state: MakingState) -> MakingState:
        task, before = cast(ToolMakingTask, state["task"]), state.get("written")
        if before is None and task.draft is not None:
            draft = Draft(text=task.draft, node="input")
            text: str | Missing = parse_code(task.draft, task.name)
        else:
            asked = replace(proposer, parse=partial(parse_code, entry_point=task.name))
            shown = fence(before.text) if before else ""
            text = await asked(examples=examples(task), name=task.name, draft=shown, trouble=state.get("trouble", ""))
            draft = Draft(text=text.raw if isinstance(text, Unparsed) else str(text), node="propose")
        if isinstance(text, Failure):
            return {"stop": stopped_by(text)}
        draft = draft.model_copy(update={"text": text}) if isinstance(text, str) else draft
        found = await trouble(text, task.name)
        told: MakingState = {"drafts": [draft], "written": draft}
        verdict = found if isinstance(found, Failure) else stands(found)
        if before is None or found == "":
            told["final"] = draft
        if before is None:
            told["verdicts"] = [verdict]
        else:
            told["revisions"] = [
                Revision(
                    before=before, feedback=state["trouble"], after=draft, verdicts=(verdict,), accepted=found == ""
                )
            ]
        if isinstance(found, Failure):
            return {**told, "stop": StopReason.FAILED}
        made = state.get("steps", []).count("propose") + (task.draft is None)
        if found and made == config.proposals:
            told["stop"] = StopReason.UNPARSED if isinstance(text, Unparsed) else StopReason.ROUND_LIMIT
        return {**told, "trouble": found}

    async def trouble(text: str | Unparsed, name: str | None) -> str | Failure:
        """Why the reply is no function that could be called, empty where it is; Failure where nothing can be run."""
        if isinstance(text, Unparsed):
            return f"There is no code in the reply: {text.reason}."
        try:
            refuse_name(from_source(text, sandbox, name).schema.name)
        except ConfigError as error:
            return str(error)
        failed = await defines(text, sandbox, bounds)
        if failed is None:
            return ""
        return failed if failed.cause in OURS else failed.message

    async def verify(state: MakingState) -> MakingState:
        if "stop" in state:
            return {}
        task, source = cast(ToolMakingTask, state["task"]), state["written"].text
        function = from_source(source, sandbox, task.name, bounds)
        right = state.get("right", {})
        left = [place for place in range(len(task.held_out)) if place not in right]
        questions = [task.held_out[place].question for place in left]
        reply = await caller(
            tool=source, cases=[], questions=questions, draft=state.get("asked", ""), faults=state.get("told", "")
        )
        if isinstance(reply, Failure):
            return {"stop": stopped_by(reply)}
        read = read_calls(reply, function, len(left))
        calls = () if isinstance(read, str) else read
        catalogue = Catalogue([function], patient(bounds))
        trials = await gather(
            attempt(call, task.held_out[place], catalogue) for place, call in zip(left, calls, strict=False)
        )
        if broken := next((each.failure for each in trials if each.failure and each.failure.cause in OURS), None):
            return {"verdicts": [broken], "stop": StopReason.FAILED}
        right = right | {place: call for place, call, each in zip(left, calls, trials, strict=False) if each.right}
        echoes = state.get("echoes", 0) + sum(each.right and each.echo for each in trials)
        failed = [(call, each.told) for call, each in zip(calls, trials, strict=True) if not each.right]
        lines = "\n".join(f"Question {number}: {told}" for number, (_, told) in enumerate(failed, start=1))
        wrong = read if isinstance(read, str) else lines
        asked = write([call for call, _ in failed]) if failed else reply if isinstance(reply, str) else reply.raw
        echoed = echoes == len(task.held_out)
        told: MakingState = {"right": right, "echoes": echoes, "asked": asked, "told": wrong}
        told["verdicts"] = [held_out(len(right), len(task.held_out), ECHO if echoed else wrong, echoed)]
        if echoed:
            told["stop"] = StopReason.REJECTED
        elif wrong and state["steps"].count("verify") + 1 == config.verifications:
            told["stop"] = StopReason.ROUND_LIMIT
        return told

    async def wrap(state: MakingState) -> MakingState:
        if "stop" in state:
            return {}
        task, source, steps = cast(ToolMakingTask, state["task"]), state["written"].text, state["steps"]
        cases = (
            UseCase(question=task.held_out[place].question, call=call) for place, call in sorted(state["right"].items())
        )
        tool = MadeTool(
            source=source,
            function=from_source(source, sandbox, task.name, bounds).schema,
            cases=tuple(cases),
            passed=len(state["right"]),
            held_out=len(task.held_out),
            proposals=steps.count("propose") - (task.draft is not None),
            verifications=steps.count("verify"),
            made_by=maker,
            method=METHOD.name,
        )
        if library:
            await asyncio.to_thread(library.add, tool)
        draft = Draft(text=wrapped(tool), node="wrap", answer=tool.model_dump_json())
        return {"drafts": [draft], "final": draft, "stop": StopReason.SATISFIED}

    graph = Graph(MakingState)
    graph.nodes(propose, verify, wrap)
    graph.chain(START, "propose")
    most = config.proposals + 1  # One more for a draft that is given.
    graph.loop("propose", lambda state: open_still(state, "trouble"), back_to="propose", at_most=most, done="verify")
    most = config.verifications
    graph.loop("verify", lambda state: open_still(state, "told"), back_to="verify", at_most=most, done="wrap")
    graph.chain("wrap", END)
    return graph


ECHO = "The function gives back one of its own arguments: the calls answer the questions, and it does not."


def examples(task: ToolMakingTask) -> str:
    """What the maker sees of the task: never what is held out."""
    return "\n\n".join(f"Question: {each.question}\nAnswer: {each.answer}" for each in task.examples)


def open_still(state: MakingState, key: Literal["trouble", "told"]) -> bool:
    """Whether something is wrong, and may be mended."""
    return "stop" not in state and state.get(key, "") != ""


def stands(trouble: str) -> Verdict:
    """Whether the source defines a function that could be called."""
    passed = not trouble
    return Verdict(verifier="sandbox", signal="tool", score=float(passed), passed=passed, evidence=trouble)


def held_out(right: int, count: int, wrong: str, echoed: bool) -> Verdict:
    """How many held-out questions the function answered."""
    evidence = f"{right} of {count} held-out questions answered.\n{wrong}".strip()
    passed = right == count and not echoed
    return Verdict(verifier="held-out", signal="tool", score=right / count, passed=passed, evidence=evidence)


def read_calls(reply: str | Unparsed, function: Function, count: int) -> tuple[ToolCall, ...] | str:
    """The calls in the reply, mended where that needs no guess; why not, if they are not `count`."""
    if isinstance(reply, Unparsed):
        return f"There are no calls in the reply: {reply.reason}."
    examined = examine(Draft(text=reply, node="verify"), Checker([function.schema], count, count), count)
    if examined.calls is not None and len(examined.calls) == count:
        return examined.calls
    return "; ".join(fault.message for fault in examined.faults)


METHOD = Method(
    name="latm-make",
    title="LATM, making tools",
    paper="Cai et al., ICLR 2024, arXiv 2305.17126",
    roles={"maker": "writes the function, and the calls that it is tried by"},
    signal="tool",
    cost="P + V for P <= 3 proposals (one less with a draft given) and V <= 3 verifications, + a run of each",
    chain="P + V, + their runs",
    prompts=("latm-propose", "latm-call"),
    config=Config,
    build=build,
    kinds=frozenset({"tool_making"}),
)
