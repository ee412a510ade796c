"""LATM, using: a question goes to the tool that was made for its kind, and a call of that tool answers it.

Cai et al., ICLR 2024 (arXiv 2305.17126), dispatcher and tool user. Dispatch -> use, or else solve. Making: `latm-make`.

As the paper: the dispatcher sees what each tool is for and names one or none; the user sees the function with worked
uses and writes a call at temperature 0, once; the call is made. Ours: the prompts; a call alone where the authors run
code that the model writes around it; it is mended where that needs no guess, checked by the function's signature and
made in the sandbox. Where no tool suits or the call brings nothing, which the verdict says, the question is answered
without one (`solve=false`: it is not; the paper then has a tool made). A given draft stands in for that answer.

`library` is a folder of tools (`ToolLibrary`), read when the workflow is built: the latest version of each.

Calls per item: 2, or 3 where a call of a tool brings nothing; with a draft given or `solve=false` 1 where no tool suits
and else 2; + a run of the call; each waits for the one before. Signal: tool.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import visible
from redraft.agents.parsing.tool_choice import NONE, parse_tool_choice
from redraft.agents.values import TASK_BLANKS, ask
from redraft.errors import ConfigError
from redraft.graphs.graph import Graph
from redraft.graphs.latm_trial import OURS, answer_text, shown_cases
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.sampling import candidate
from redraft.graphs.state import State, stopped_by
from redraft.graphs.tool_calls import examine
from redraft.models.base import Choice, Sampling
from redraft.schema import Draft, Failure, Missing, Revision, StopReason, Unparsed, Verdict
from redraft.tools.functions.call import write
from redraft.tools.functions.catalogue import Catalogue
from redraft.tools.functions.check import Checker
from redraft.tools.functions.made import from_source, patient
from redraft.tools.functions.made_library import StoredTool, ToolLibrary
from redraft.tools.functions.run import Bounds
from redraft.tools.sandbox.on_demand import OnDemand
from redraft.verifiers.code import may_run_unsafe


class Config(Settings):
    """The paper's temperature; the rest is ours."""

    library: Path | None = None
    """The folder of tools. Needed."""
    solve: bool = True
    """Answer without a tool where none answers."""
    guided: bool = False
    """Hold the dispatcher to the tools' names, for a server with guided decoding."""
    seconds: Annotated[float, Field(gt=0, le=600)] = 10.0
    """What a call of a tool may take."""
    temperature: float = 0.0
    max_tokens: int = 1024


class UsingState(State, total=False):
    """`tool` is the name of the tool that suits, if one does; `answered` says that it did."""

    tool: str
    answered: bool


def build(roles: Roles, config: Config) -> Graph[UsingState]:
    """Dispatch and use; solve where that brings nothing."""
    if config.library is None:
        raise ConfigError("latm uses tools that were made: set library to a folder of them (--set library=PATH)")
    tools = {tool.name: tool for tool in ToolLibrary(config.library).latest()}
    if not tools:
        raise ConfigError(f"there are no tools in {config.library}; latm-make makes them")
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    choose = partial(parse_tool_choice, names=tools)
    choice = Choice((*tools, NONE)) if config.guided else None
    blanks = frozenset({"tools", "question"})
    dispatcher = roles.agent("dispatcher", "latm-dispatch", blanks, choose, sampling, choice)
    blanks = frozenset({"tool", "cases", "questions", "draft", "faults"})
    user = roles.agent("user", "latm-call", blanks, visible, sampling)
    generator = roles.agent("generator", "solve", TASK_BLANKS | {"answer"}, visible, sampling)
    sandbox = roles.own(OnDemand(unsafe=may_run_unsafe()))
    bounds = Bounds(seconds=config.seconds)
    functions = (from_source(tool.source, sandbox, tool.name, bounds) for tool in tools.values())
    catalogue = Catalogue(functions, patient(bounds))
    offered = [{"name": tool.name, "about": about(tool)} for tool in tools.values()]

    async def dispatch(state: UsingState) -> UsingState:
        given = state["task"].draft
        told: UsingState = {}
        if given is not None:
            draft = candidate(given, "input")
            told = {"final": draft, "drafts": [draft]}
        name = await dispatcher(tools=offered, question=ask(state["task"]))
        if not isinstance(name, str):
            return {**told, "stop": stopped_by(name)}
        if name != NONE:
            return {**told, "tool": name, "verdicts": [suits(f"{name} suits", True)]}
        told |= {"verdicts": [suits("no tool suits", False)], "scores": {"tool": 0.0}}
        if given is None and not config.solve:
            missing = Failure(cause="no_tool", message=f"none of the tools in {config.library} suits the question")
            return {**told, "verdicts": [*told["verdicts"], missing], "stop": StopReason.FAILED}
        return told

    async def use(state: UsingState) -> UsingState:
        tool, before = tools[state["tool"]], state.get("final")
        questions = [ask(state["task"])]
        reply = await user(tool=tool.source, cases=shown_cases(tool.cases), questions=questions, draft="", faults="")
        if isinstance(reply, Failure):
            return {"stop": stopped_by(reply)}
        draft, verdict, mended = await called(reply, tool)
        told: UsingState = {"drafts": [draft], "revisions": mended, "verdicts": [verdict]}
        if draft.answer is not None:
            if before is not None:
                revision = Revision(before=before, after=draft, verdicts=(verdict,), accepted=True)
                told |= {"revisions": [*mended, revision], "verdicts": []}
            return {**told, "final": draft, "answered": True, "scores": {"tool": 1.0}}
        told["scores"] = {"tool": 0.0}
        if before is None:
            told["final"] = draft
            if not config.solve:
                told["stop"] = StopReason.FAILED
        return told

    async def called(reply: str | Unparsed, tool: StoredTool) -> tuple[Draft, Verdict | Missing, list[Revision]]:
        """The call made: with its answer where it brings one, what came of it, and how it was mended before."""
        if isinstance(reply, Unparsed):
            return Draft(text=reply.raw, node="use"), reply, []
        written = Draft(text=reply, node="use")
        examined = examine(written, Checker([catalogue.functions[tool.name].schema], 1, 1))
        if examined.calls is None or examined.faults:
            return written, examined.verdict, list(examined.revisions)
        brought = await catalogue.call(examined.calls[0])
        if isinstance(brought, Failure):
            verdict = brought if brought.cause in OURS else outcome(brought.message, False)
            return written, verdict, list(examined.revisions)
        answer = answer_text(brought.value)
        text = f"{write(examined.calls)}\n\nAnswer: {answer}"
        draft = Draft(text=text, node="use", answer=answer)
        return draft, outcome(f"{tool.name} brought {answer}"[:1000], True), list(examined.revisions)

    async def solve(state: UsingState) -> UsingState:
        text = await generator(task=ask(state["task"]), answer=True)
        if not isinstance(text, str):
            return {"stop": stopped_by(text)}
        draft = candidate(text, "solve")
        return {"drafts": [draft], "final": draft}

    def otherwise(state: UsingState) -> str:
        return "solve" if config.solve and "stop" not in state and state["task"].draft is None else END

    graph = Graph(UsingState)
    graph.nodes(dispatch, use, solve)
    graph.chain(START, "dispatch")
    graph.branch("dispatch", lambda state: "use" if "tool" in state else otherwise(state), "use", "solve", END)
    graph.branch("use", lambda state: END if "answered" in state else otherwise(state), "solve", END)
    graph.chain("solve", END)
    return graph


def about(tool: StoredTool) -> str:
    """What the dispatcher sees of a tool."""
    (first, *_) = [*(case.question for case in tool.cases), ""]
    return f"{tool.function.description}\n\nA question that it answered:\n{first}".strip()


def suits(evidence: str, passed: bool) -> Verdict:
    """What the dispatcher says."""
    return Verdict(verifier="dispatcher", signal="self", score=float(passed), passed=passed, evidence=evidence)


def outcome(evidence: str, passed: bool) -> Verdict:
    """What came of a call. Whether its answer is right nobody says."""
    return Verdict(verifier="made-tool", signal="tool", score=float(passed), passed=passed, evidence=evidence)


METHOD = Method(
    name="latm",
    title="LATM, using tools",
    paper="Cai et al., ICLR 2024, arXiv 2305.17126",
    roles={
        "dispatcher": "says which tool answers the question, if any",
        "user": "writes the call of that tool",
        "generator": "answers the question where no tool does",
    },
    signal="tool",
    cost="2, or 3 where a call of a tool brings nothing, + a run of the call",
    chain="3, + 1 run",
    prompts=("latm-dispatch", "latm-call", "solve"),
    config=Config,
    build=build,
    kinds=frozenset({"question"}),
)
