"""SuperCorrect at inference: a teacher's thought template, a student's solution, and its first error mended in turn.

Yang et al., ICLR 2025 (arXiv 2410.09008). Template -> solve -> inspect -> correct -> inspect ...

The paper trains: templates are distilled from a teacher, then the student learns by preference from the teacher's
traces of correction. redraft trains nothing; it plays the same parts with prompts. From the authors' page: the tags of
a hierarchical solution (`<Step1>`, inside it `<Key>`, then `<Generalized>` and `<Answer>`), greedy decoding, 1,024
tokens. From the paper's outline: the teacher names the erroneous step, the cause and the correction. All else is ours
and no claim of fidelity: that the teacher is asked while solving, `template` (the authors' evaluation gives none),
`rounds`, the tags of the inspection, and that the steps before the error are kept word for word while the student goes
on from it. A template that does not come is done without; a solution without tags is a draft all the same, its steps
read as `verifiers.steps` does. `verify` asks the pairwise verifier, and keeps the draft unless it prefers the other.

Calls per item: 2 + 2R for R rounds (1 + 2R with a draft given; one less without `template`), + 2 a round with
`verify`; each waits for the one before, but for the verifier's two. Signal: self.
"""

from __future__ import annotations

from typing import Annotated

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import visible
from redraft.agents.parsing.hierarchy import Correction, Solution, parse_correction, parse_solution, write_solution
from redraft.agents.values import TASK_BLANKS, ask
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import accept_or_keep, final_draft, outcome
from redraft.graphs.sampling import candidate
from redraft.graphs.state import State, stopped_by
from redraft.models.base import Sampling
from redraft.schema import Draft, Finding, Missing, StopReason, Unparsed, Verdict
from redraft.verifiers.steps import split_steps


class Config(Settings):
    """Greedy decoding and 1,024 tokens are the authors'; the rest is ours."""

    template: bool = True
    """Ask the teacher for a thought template first."""
    rounds: Annotated[int, Field(ge=1)] = 3
    """The most errors corrected, one after the other."""
    temperature: float = 0.0
    max_tokens: int = 1024
    verify: bool = False
    """Keep the draft unless the pairwise verifier prefers the correction."""
    threshold: float = 0.03
    """With a metric as verifier: the difference of scores that is no tie."""


class SuperCorrectState(State, total=False):
    """`template` is the teacher's, empty where there is none; `steps` are those of the draft that stands; `error` is
    the first wrong one, where one was found."""

    template: str
    steps_of_draft: list[str]
    error: tuple[int, str, str] | None


def build(roles: Roles, config: Config) -> Graph[SuperCorrectState]:
    """Template, solve, and while a step is wrong: inspect, correct."""
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    told = TASK_BLANKS | {"template"}
    outliner = roles.agent("teacher", "supercorrect-template", TASK_BLANKS, visible, sampling)
    solver = roles.agent("generator", "supercorrect-solve", told, visible, sampling)
    inspector = roles.agent("teacher", "supercorrect-inspect", told | {"steps"}, parse_correction, sampling)
    blanks = told | {"kept", "wrong", "cause", "correction"}
    corrector = roles.agent("generator", "supercorrect-correct", blanks, parse_solution, sampling)
    verifier = (
        roles.pair_verifier("verifier", "draft-pair-verifier", TASK_BLANKS, sampling, False, config.threshold)
        if config.verify
        else None
    )

    async def template(state: SuperCorrectState) -> SuperCorrectState:
        outline = await outliner(task=ask(state["task"])) if config.template else ""
        return {"template": outline if isinstance(outline, str) else ""}

    async def solve(state: SuperCorrectState) -> SuperCorrectState:
        task = state["task"]
        text = task.draft or await solver(task=ask(task), template=state["template"])
        if not isinstance(text, str):
            return {"stop": stopped_by(text)}
        draft = solution(text, "solve" if task.draft is None else "input")
        return {"final": draft, "drafts": [draft], "steps_of_draft": steps(text)}

    async def inspect(state: SuperCorrectState) -> SuperCorrectState:
        found = await inspector(task=ask(state["task"]), template=state["template"], steps=state["steps_of_draft"])
        if isinstance(found, Correction) and found.step > len(state["steps_of_draft"]):
            found = Unparsed(raw=str(found.step), reason=f"there is no step {found.step}")
        if not isinstance(found, Correction):
            return {"error": None, "verdicts": [found], "stop": stopped_by(found)}
        right = found.step == 0
        verdict = Verdict(
            verifier="teacher",
            signal="self",
            score=float(right),
            passed=right,
            evidence=found.cause,
            first_error=None if right else found.step - 1,
        )
        if right:
            return {"error": None, "verdicts": [verdict], "stop": StopReason.SATISFIED}
        return {"error": (found.step, found.cause, found.correction), "verdicts": [verdict]}

    async def correct(state: SuperCorrectState) -> SuperCorrectState:
        task, draft, before = state["task"], state["final"], state["steps_of_draft"]
        error = Correction(*(state["error"] or ()))
        kept, wrong = before[: error.step - 1], before[error.step - 1]
        trace = {"cause": error.cause, "correction": error.correction}
        written = await corrector(task=ask(task), template=state["template"], kept=kept, wrong=wrong, **trace)
        after: Draft | Missing
        if isinstance(written, Solution):
            # A student that begins anew further up means those steps to be replaced as well.
            whole = [*kept[: written.first - 1], *written.steps]
            after = Draft(
                text=write_solution(whole, written.generalized, written.answer), node="correct", answer=written.answer
            )
        else:
            after = written
        finding = Finding(
            severity="major",
            category=f"step {error.step}",
            quote=wrong,
            explanation=f"{error.cause}\n{error.correction}",
        )
        revision = await accept_or_keep(task, draft, after, verifier, [finding])
        final = final_draft(revision)
        return {
            "final": final,
            "steps_of_draft": steps(final.text),
            "drafts": [after] if isinstance(after, Draft) else [],
            "findings": [*state.get("findings", []), finding],
            "revisions": [revision],
            "stop": StopReason.ROUND_LIMIT if revision.accepted else outcome(revision),
        }

    graph = Graph(SuperCorrectState)
    graph.nodes(template, solve, inspect, correct)
    graph.chain(START, "template", "solve")
    graph.branch("solve", lambda state: "inspect" if "final" in state else END, "inspect", END)
    graph.branch("inspect", lambda state: "correct" if state["error"] else END, "correct", END)
    graph.loop("correct", lambda state: state["revisions"][-1].accepted, back_to="inspect", at_most=config.rounds)
    return graph


def steps(text: str) -> list[str]:
    """The steps of a solution in tags, or of one without."""
    read = parse_solution(text)
    return list(read.steps if isinstance(read, Solution) else split_steps(text))


def solution(text: str, node: str) -> Draft:
    """A draft with the answer in its tags, or else where any answer can be read."""
    read = parse_solution(text)
    return Draft(text=text, node=node, answer=read.answer) if isinstance(read, Solution) else candidate(text, node)


METHOD = Method(
    name="supercorrect",
    title="SuperCorrect",
    paper="Yang et al., ICLR 2025, arXiv 2410.09008",
    roles={
        "teacher": "writes the thought template, and finds the first wrong step, its cause and its correction",
        "generator": "solves, and goes on from the corrected step (the paper's student)",
        "verifier": "with verify=true: compares before and after; or a metric",
    },
    signal="self",
    cost="2 + 2R for R rounds (1 + 2R with a draft given; one less without template); verify: + 2R",
    chain="2 + 2R; verify: 2 + 3R",
    prompts=(
        "supercorrect-template",
        "supercorrect-solve",
        "supercorrect-inspect",
        "supercorrect-correct",
        "draft-pair-verifier",
    ),
    config=Config,
    build=build,
    kinds=frozenset({"question"}),
)
