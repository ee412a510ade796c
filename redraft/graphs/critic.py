"""CRITIC: check the output with a tool, criticise it by what the tool says, correct it, and check again.

Gou et al., ICLR 2024 (arXiv 2305.11738). Program -> interact with the tool -> critique -> correct -> interact ...,
for questions (the paper's mathematical program synthesis: the answer is what a Python program prints) and for programs
(the tool is the task's visible tests).

As the paper and the authors' code: at most four corrections; the method stops when the answer is the same after two
corrections in a row; an answer stands until a later program prints one; critique and correction are two calls, and
what is criticised is the latest program that printed an answer. The first program is greedy, the rest at 0.5, as in the
run that the authors evaluate. Their oracle variant, which corrects wrong answers only, is not there. Ours: the prompts,
zero-shot; for programs also: they stop when the tests pass, and the one that passed most stands and is criticised. A
draft of a question that is no program has nothing to run, which the critique is told; its answer stands until a program
prints one. A critique or correction that is missing ends the method.

Calls per item: 1 + 2R for R corrections (2R with a draft given), + a run of each program; each waits for the one
before. Signal: tool.
"""

from __future__ import annotations

from typing import Annotated, cast

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import parse_code, visible
from redraft.agents.values import TASK_BLANKS, ask
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.program_of_thought import compute, same_answer
from redraft.graphs.revise import first_draft
from redraft.graphs.state import stopped_by
from redraft.graphs.trial import TrialState, coder, honest_verifier, tried
from redraft.models.base import Sampling
from redraft.schema import CodeTask, Draft, Revision, StopReason, Verdict
from redraft.tools.sandbox.on_demand import OnDemand
from redraft.verifiers.code import may_run_unsafe


class Config(Settings):
    """The authors' numbers."""

    rounds: Annotated[int, Field(ge=1)] = 4
    """The most corrections."""
    generate_temperature: float = 0.0
    temperature: float = 0.5
    max_tokens: int = 1024


class CriticState(TrialState, total=False):
    """`answers` has the answer that stood after each run; of a program, the program."""

    answers: list[str | None]


def build(roles: Roles, config: Config) -> Graph[CriticState]:
    """Program and interact; then critique, correct and interact in turn."""
    first = Sampling(temperature=config.generate_temperature, max_tokens=config.max_tokens)
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    generator = roles.agent("generator", "critic-program", TASK_BLANKS | {"question"}, parse_code, first)
    blanks = TASK_BLANKS | {"question", "draft", "evidence"}
    critic = roles.agent("critic", "critic-critique", blanks, visible, sampling)
    refiner = roles.agent("refiner", "critic-correct", blanks | {"critique"}, parse_code, sampling)
    verifier, sandbox = honest_verifier(roles), roles.own(OnDemand(unsafe=may_run_unsafe()))

    async def program(state: CriticState) -> CriticState:
        task = state["task"]
        writer = coder(generator, task)
        draft = await first_draft(task, "program", lambda: writer(task=ask(task), question=task.kind == "question"))
        return {"final": draft, "trial": draft} if isinstance(draft, Draft) else {"stop": stopped_by(draft)}

    async def interact(state: CriticState) -> CriticState:
        task, draft, last = state["task"], state["trial"], state["steps"].count("correct") == config.rounds
        if isinstance(task, CodeTask):
            verdict = await verifier.score(task, draft)
        else:
            draft, verdict = await compute(sandbox, draft)
        told = tried(cast(TrialState, {**state, "trial": draft}), [verdict], last)
        stands = told.get("final", state["final"])
        answers = [*state.get("answers", []), stands.text if isinstance(task, CodeTask) else stands.answer]
        if isinstance(verdict, Verdict) and not (isinstance(task, CodeTask) and verdict.passed):
            told.pop("stop", None)
            if _stable(answers):
                told["stop"] = StopReason.UNCHANGED
            elif last:
                told["stop"] = StopReason.ROUND_LIMIT
        if "final" not in told and state.get("best"):
            told["evidence"] = state["evidence"]
        return cast(CriticState, {**told, "drafts": [draft], "answers": answers})

    async def critique(state: CriticState) -> CriticState:
        text = await critic(**shown(state))
        return {"comment": text} if isinstance(text, str) else {"stop": stopped_by(text)}

    async def correct(state: CriticState) -> CriticState:
        before, said = state["final"], state["comment"]
        text = await coder(refiner, state["task"])(**shown(state), critique=said)
        if isinstance(text, str):
            return {"trial": Draft(text=text, node="correct"), "before": before, "feedback": said}
        missing = Revision(before=before, feedback=said, after=text, accepted=False)
        return {"revisions": [missing], "stop": stopped_by(text)}

    graph = Graph(CriticState)
    graph.nodes(program, interact, critique, correct)
    graph.chain(START, "program")
    graph.branch("program", lambda state: "interact" if "trial" in state else END, "interact", END)
    graph.branch("interact", lambda state: END if "stop" in state else "critique", "critique", END)
    graph.branch("critique", lambda state: END if "stop" in state else "correct", "correct", END)
    graph.loop("correct", lambda state: "stop" not in state, back_to="interact", at_most=config.rounds + 1)
    return graph


def shown(state: CriticState) -> dict[str, object]:
    """What critic and refiner see: the task, the draft that stands, and what the tool said of it."""
    task, draft = state["task"], state["final"].text
    return {"task": ask(task), "question": task.kind == "question", "draft": draft, "evidence": state["evidence"]}


def _stable(answers: list[str | None]) -> bool:
    """Whether two corrections in a row left the answer as it was."""
    return len(answers) > 2 and same_answer(answers[-3], answers[-2]) and same_answer(answers[-2], answers[-1])


METHOD = Method(
    name="critic",
    title="CRITIC",
    paper="Gou et al., ICLR 2024, arXiv 2305.11738",
    roles={
        "generator": "writes the program where no draft is given; for a question, one that prints the answer",
        "critic": "says what is wrong, by what the tool said",
        "refiner": "corrects the program by the critique",
        "verifier": "the tool of programs: runs the task's visible tests",
    },
    signal="tool",
    cost="1 + 2R for R corrections (2R with a draft given), + a run of each program",
    chain="1 + 2R, + 1 + R runs",
    prompts=("critic-program", "critic-critique", "critic-correct"),
    config=Config,
    build=build,
    kinds=frozenset({"question", "code"}),
    defaults={"verifier": "tests"},
)
