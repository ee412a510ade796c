"""LLMOPT without training: five elements, a solver's program, and a judge that sends either back until both are right.

Jiang et al., ICLR 2025 (arXiv 2410.13213). Formulate -> program -> solve -> judge -> formulate or program again ...

As the paper: sets, parameters, variables, objective and constraints come before any code; the judge says of the five
elements and of the code whether each is true, and why, in the authors' form; what is false is written again, and after
new five elements the code too. At most 12 rounds, from memory of the paper: the driving loop is not in the authors'
repository. The paper trains its model for the parts; redraft trains nothing. Ours: the prompts; HiGHS through SciPy
where the authors write Pyomo, in the sandbox where they run programs as they are (a program may import what is
installed beside redraft, so edited prompts may ask for Pyomo); the programmer sees the problem beside the five
elements; greedy decoding; a program that printed no answer goes back whatever the judge says; a judgement that cannot
be read ends the method. `final` holds model and program, its answer is the last line printed: of a program that ran
before of one that did not, then what the judge finds less wrong, among equals the later. What comes out the same again
ends the method.

Calls per item: 2R + F for R rounds, F of which write the five elements (the first does), so at most 3R; with a draft
given 2R - 1 + F, and the first does not; + a run of each program; each waits for the one before. Signal: tool.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import Annotated, cast

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import parse_code
from redraft.agents.parsing.five_elements import Diagnosis, parse_diagnosis, parse_formulation
from redraft.agents.prompt import fence
from redraft.agents.values import TASK_BLANKS, ask
from redraft.errors import MissingExtra
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.program_of_thought import compute
from redraft.graphs.state import stopped_by
from redraft.graphs.trial import TrialState, tried
from redraft.models.base import Sampling
from redraft.schema import Draft, Missing, Revision, StopReason, Verdict
from redraft.tools.sandbox import Limits
from redraft.tools.sandbox.on_demand import OnDemand
from redraft.verifiers.code import may_run_unsafe


class Config(Settings):
    """The rounds are the authors'; the rest is ours."""

    rounds: Annotated[int, Field(ge=1)] = 12
    """The most programs that are run and judged."""
    seconds: Annotated[int, Field(ge=1, le=3600)] = 60
    """Processor time for a solver."""
    temperature: float = 0.0
    max_tokens: int = 2048


class LlmoptState(TrialState, total=False):
    """`formulation` and `program` as last written, empty where a given draft has none; `sound` says whether the judge
    lets the five elements stand; `ran` is what came of the run."""

    formulation: str
    program: str
    sound: bool
    ran: Verdict


def build(roles: Roles, config: Config) -> Graph[LlmoptState]:
    """Formulate, program, solve, judge, and again."""
    if find_spec("scipy") is None:
        raise MissingExtra("SciPy", "solvers")
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    blanks = TASK_BLANKS | {"formulation", "program", "evidence", "analysis"}
    formulator = roles.agent("generator", "llmopt-formulate", blanks, parse_formulation, sampling)
    programmer = roles.agent("programmer", "llmopt-program", blanks, parse_code, sampling)
    critic = roles.agent("critic", "llmopt-judge", blanks, parse_diagnosis, sampling)
    sandbox = roles.own(OnDemand(unsafe=may_run_unsafe(), packages=True))
    # HiGHS starts a thread for every second processor.
    limits = Limits(cpu=config.seconds, wall=1.5 * config.seconds, processes=64)

    async def formulate(state: LlmoptState) -> LlmoptState:
        given = state["task"].draft
        if given is not None and "formulation" not in state:
            draft = Draft(text=given, node="input")
            formulation, program = taken_apart(given)
            return {"formulation": formulation, "program": program, "final": draft, "trial": draft}
        if state.get("formulation") and state["sound"]:
            return {}
        text = await formulator(**shown(state))
        if not isinstance(text, str):
            return ended(state, text)
        if "final" in state:
            return {"formulation": text}
        return {"formulation": text, "final": Draft(text=text, node="formulate")}

    async def program(state: LlmoptState) -> LlmoptState:
        text = await programmer(**shown(state))
        if not isinstance(text, str):
            return ended(state, text)
        draft = Draft(text=f"{state['formulation']}\n\n{fence(text.strip())}", node="program")
        if "trial" not in state:
            return {"program": text, "trial": draft}
        before, said = state["trial"], state["comment"]
        if draft.text == before.text:
            same = Revision(before=before, feedback=said, after=draft, accepted=False)
            return {"revisions": [same], "stop": StopReason.UNCHANGED}
        return {"program": text, "trial": draft, "before": before, "feedback": said}

    async def solve(state: LlmoptState) -> LlmoptState:
        written = Draft(text=fence(state["program"]), node="program") if state["program"] else state["trial"]
        ran, verdict = await compute(sandbox, written, limits)
        draft = state["trial"].model_copy(update={"answer": ran.answer})
        told: LlmoptState = {"trial": draft, "drafts": [draft]}
        if "best" not in state:
            told["final"] = draft
        if isinstance(verdict, Verdict):
            return {**told, "ran": verdict, "evidence": verdict.evidence}
        return cast(LlmoptState, {**told, **tried(cast(TrialState, {**state, **told}), [verdict], last=True)})

    async def judge(state: LlmoptState) -> LlmoptState:
        found = await critic(**shown(state))
        last = state["steps"].count("judge") + 1 == config.rounds
        told = tried(state, [state["ran"], judgement(found)], last)
        if not isinstance(found, Diagnosis):
            return cast(LlmoptState, told)
        return cast(
            LlmoptState,
            {**told, "evidence": state["evidence"], "comment": found.analysis, "sound": found.formulation},
        )

    def route(state: LlmoptState) -> str:
        if "stop" in state:
            return END
        return "solve" if "trial" in state and "judge" not in state["steps"] else "program"

    graph = Graph(LlmoptState)
    graph.nodes(formulate, program, solve, judge)
    graph.chain(START, "formulate")
    graph.branch("formulate", route, "program", "solve", END)
    graph.branch("program", lambda state: END if "stop" in state else "solve", "solve", END)
    graph.branch("solve", lambda state: END if "stop" in state else "judge", "judge", END)
    graph.loop("judge", lambda state: "stop" not in state, back_to="formulate", at_most=config.rounds)
    return graph


def shown(state: LlmoptState) -> dict[str, object]:
    """What the roles see; what there is not yet is empty."""
    return {
        "task": ask(state["task"]),
        "formulation": state.get("formulation", ""),
        "program": state.get("program", ""),
        "evidence": state.get("evidence", ""),
        "analysis": state.get("comment", ""),
    }


def ended(state: LlmoptState, missing: Missing) -> LlmoptState:
    """The end of a method that can write no further; what stood stands."""
    stop = stopped_by(missing)
    if "trial" not in state:
        return {"stop": stop}
    lost = Revision(before=state["trial"], feedback=state["comment"], after=missing, accepted=False)
    return {"revisions": [lost], "stop": stop}


def judgement(found: Diagnosis | Missing) -> Verdict | Missing:
    """The judge's diagnosis as a verdict: 1 where both are right, 0.5 where one is."""
    if not isinstance(found, Diagnosis):
        return found
    score = (found.formulation + found.code) / 2
    return Verdict(verifier="critic", signal="self", score=score, passed=score == 1, evidence=found.analysis)


def taken_apart(draft: str) -> tuple[str, str]:
    """The five elements before the program, and the program; empty what the draft does not have."""
    program = parse_code(draft)
    if not isinstance(program, str):
        program = ""
    before = re.sub(r"[ \t]*`{3,}[\w ]*$", "", draft.partition(program)[0].rstrip()) if program else draft
    formulation = parse_formulation(before)
    return (formulation.strip() if isinstance(formulation, str) else ""), program


METHOD = Method(
    name="llmopt",
    title="LLMOPT without training",
    paper="Jiang et al., ICLR 2025, arXiv 2410.13213",
    roles={
        "generator": "puts the problem as a model of five elements",
        "programmer": "writes the program that solves the model",
        "critic": "says of model and program whether each is right, and why",
    },
    signal="tool",
    cost="2R + F for R rounds, F of which formulate (2R - 1 + F with a draft given), + a run of each program",
    chain="3R, + R runs",
    prompts=("llmopt-formulate", "llmopt-program", "llmopt-judge"),
    config=Config,
    build=build,
    kinds=frozenset({"question"}),
)
