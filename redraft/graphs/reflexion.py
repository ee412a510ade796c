"""Reflexion: attempt, test, put in words what went wrong, and attempt again with that in mind.

Shinn et al., NeurIPS 2023 (arXiv 2303.11366). For programs: actor -> evaluator, which runs tests that the model wrote
itself -> self-reflection -> actor ..., until the tests pass or the attempts end. At most six tests, those that parse
(section 4.3); ten attempts, as the authors' code; the last three reflections are remembered (the paper: one to three).

As the authors' code: the next attempt sees the last one, what its tests said, and what was learned. Ours: the prompts;
the tests are written beside the first program; of more tests the first count, not a random choice; the task's visible
tests are run too and count before the model's own, which may be wrong; `final` is the program that did best by both,
among equals the later; an attempt that changes nothing ends the method. The authors' code stops early by the hidden
tests too, which redraft does not.

For questions the paper knows only an evaluator that compares with the right answer. That is not correction but a
number of guesses, so it is there only by name: `oracle=true` with a verifier that knows the answers
(`--role verifier=maths:ANSWERS.jsonl`), and the result is marked `oracle`. The model is told that its answer is wrong,
and nothing else. Without `oracle=true` questions and such verifiers are refused.

Calls per item: 2 + 2R for R further attempts (1 + 2R with a draft given or `oracle`), + a trial of each attempt; 1 + 2R
of them one after another. Signal: tool (`oracle=true`: oracle).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, cast

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.agent import Agent
from redraft.agents.parsing import parse_code, visible
from redraft.agents.parsing.asserts import parse_asserts
from redraft.agents.values import TASK_BLANKS, ask
from redraft.errors import ConfigError
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import first_draft, gather
from redraft.graphs.sampling import candidate
from redraft.graphs.state import stopped_by
from redraft.graphs.trial import TrialState, begun, coder, honest_verifier, rewritten, tried
from redraft.models.base import Sampling
from redraft.schema import CodeTask, Draft, Failure, Missing, QuestionTask, StopReason, Task, Verdict
from redraft.verifiers.base import Verifier

WRONG = "The answer is wrong."
"""All that is told of the right answer."""


class Config(Settings):
    """The paper's and the authors' numbers."""

    rounds: Annotated[int, Field(ge=1)] = 9
    """The most attempts after the first."""
    tests: Annotated[int, Field(ge=0)] = 6
    """The most tests of the model's own."""
    memory: Annotated[int, Field(ge=1)] = 3
    """How many reflections are remembered."""
    oracle: bool = False
    """Answer questions, judged by a verifier that knows the right answers."""
    temperature: float = 0.0
    max_tokens: int = 1024


class ReflexionState(TrialState, total=False):
    """`own` are the tests that the model wrote."""

    own: list[str]


def build(roles: Roles, config: Config) -> Graph[ReflexionState]:
    """Attempt and evaluate; then reflect, retry and evaluate in turn."""
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    prompt, read = ("solve", visible) if config.oracle else ("generate", parse_code)
    generator = roles.agent("generator", prompt, TASK_BLANKS | {"answer"}, read, sampling)
    tester = roles.agent("tester", "reflexion-tests", TASK_BLANKS | {"most"}, parse_asserts, sampling)
    reflector = roles.agent("critic", "reflexion-reflect", TASK_BLANKS | {"draft", "evidence"}, visible, sampling)
    blanks = TASK_BLANKS | {"draft", "evidence", "lessons", "answer"}
    refiner = roles.agent("refiner", "reflexion-retry", blanks, read, sampling)
    verifier = _oracle(roles) if config.oracle else honest_verifier(roles)

    def reading(agent: Agent[str], task: Task) -> Agent[str]:
        return agent if config.oracle else coder(agent, task)

    def made(text: str, node: str) -> Draft:
        return candidate(text, node) if config.oracle else Draft(text=text, node=node)

    async def write_tests(task: Task) -> tuple[str, ...] | Missing:
        if config.oracle or not config.tests:
            return ()
        writer = replace(tester, parse=partial(parse_asserts, entry_point=getattr(task, "entry_point", None)))
        return await writer(task=ask(task), most=config.tests)

    async def write(task: Task) -> Draft | Missing:
        draft = await first_draft(
            task, "attempt", lambda: reading(generator, task)(task=ask(task), answer=config.oracle)
        )
        return made(draft.text, draft.node) if isinstance(draft, Draft) else draft

    async def attempt(state: ReflexionState) -> ReflexionState:
        task = state["task"]
        if (objection := _objection(task, config.oracle)) is not None:
            return {"verdicts": [objection], "stop": StopReason.FAILED}
        draft, own = await asyncio.gather(write(task), write_tests(task))
        told = cast(ReflexionState, begun(draft))
        if isinstance(own, tuple):
            return {**told, "own": list(own[: config.tests])}
        if "stop" not in told and not _visible(task):
            told["stop"] = stopped_by(own)
        return {**told, "own": []}

    async def evaluate(state: ReflexionState) -> ReflexionState:
        verdicts = await _verdicts(state["task"], state["trial"], state["own"], verifier)
        told = tried(state, verdicts, last=state["steps"].count("retry") == config.rounds)
        # The evidence of an oracle may hold the right answer.
        return cast(ReflexionState, {**told, "evidence": WRONG} if config.oracle else told)

    async def reflect(state: ReflexionState) -> ReflexionState:
        text = await reflector(task=ask(state["task"]), draft=state["trial"].text, evidence=state["evidence"])
        return {"comment": text} if isinstance(text, str) else {"stop": stopped_by(text)}

    async def retry(state: ReflexionState) -> ReflexionState:
        task, lesson = state["task"], state["comment"]
        lessons = [*(revision.feedback for revision in state.get("revisions", [])), lesson][-config.memory :]
        text = await reading(refiner, task)(
            task=ask(task),
            draft=state["trial"].text,
            evidence=state["evidence"],
            lessons=lessons,
            answer=config.oracle,
        )
        after = made(text, "retry") if isinstance(text, str) else text
        return cast(ReflexionState, rewritten(state, after, feedback=lesson))

    graph = Graph(ReflexionState)
    graph.nodes(attempt, evaluate, reflect, retry)
    graph.chain(START, "attempt")
    graph.branch("attempt", lambda state: END if "stop" in state else "evaluate", "evaluate", END)
    graph.branch("evaluate", lambda state: END if "stop" in state else "reflect", "reflect", END)
    graph.branch("reflect", lambda state: END if "stop" in state else "retry", "retry", END)
    graph.loop("retry", lambda state: "stop" not in state, back_to="evaluate", at_most=config.rounds + 1)
    return graph


def _oracle(roles: Roles) -> Verifier:
    verifier = roles.verifier("verifier")
    if verifier.signal != "oracle":
        raise ConfigError(
            f"oracle=true needs a verifier that knows the answers, such as maths:ANSWERS.jsonl, not {verifier.name}"
        )
    return verifier


def _objection(task: Task, oracle: bool) -> Failure | None:
    if isinstance(task, QuestionTask if oracle else CodeTask):
        return None
    why = "oracle=true is for questions" if oracle else "without oracle=true reflexion takes programs only"
    return Failure(cause="wrong_kind", message=f"{why}, and this is a {task.kind} task")


def _visible(task: Task) -> tuple[str, ...]:
    return task.tests if isinstance(task, CodeTask) else ()


async def _verdicts(task: Task, draft: Draft, own: Sequence[str], verifier: Verifier) -> list[Verdict | Missing]:
    """What the task's tests say, and then what the model's own do."""
    if not own:
        return [await verifier.score(task, draft)]
    by_own = task.model_copy(update={"tests": tuple(own)})
    judged = await gather(verifier.score(each, draft) for each in ([task, by_own] if _visible(task) else [by_own]))
    last = judged.pop()
    return [*judged, last.model_copy(update={"verifier": "own-tests"}) if isinstance(last, Verdict) else last]


METHOD = Method(
    name="reflexion",
    title="Reflexion",
    paper="Shinn et al., NeurIPS 2023, arXiv 2303.11366",
    roles={
        "generator": "makes the first attempt where no draft is given (the paper's actor)",
        "tester": "writes tests for the program, without seeing it",
        "critic": "puts in words what went wrong (the paper's self-reflection)",
        "refiner": "makes the next attempt, with what was learned",
        "verifier": "runs the tests; with oracle=true: knows the right answers",
    },
    signal="tool",
    cost="2 + 2R for R further attempts (1 + 2R with a draft given, or oracle=true), + a trial of each attempt",
    chain="1 + 2R, + 1 + R trials",
    prompts=("generate", "solve", "reflexion-tests", "reflexion-reflect", "reflexion-retry"),
    config=Config,
    build=build,
    kinds=frozenset({"code", "question"}),
    defaults={"verifier": "tests"},
)
