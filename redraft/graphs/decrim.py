"""DeCRIM: take the instruction apart into constraints, have each one judged, and refine by those that are violated.

Ferraz et al., Findings of EMNLP 2024 (arXiv 2410.06458). Response -> decompose -> critic -> refine -> critic ..., until
every constraint is satisfied or the rounds are used up. The authors published no code; ten rounds are a public
re-implementation's.

As the paper: the refiner works on the newest response and is told which constraints it violates, and why. Ours: the
prompts; one critic call a constraint, with a strict verdict; the task's own constraints are checked by code
(`check=false`: judged) and the decomposer is asked for the others. One that code cannot check is judged, and why it
could not be is among the errors. A verdict that is missing counts for neither side: the refiner is not told of the
constraint, the response does not pass as satisfied, and drafts are compared by the constraints that were judged of
both. Where nothing is violated but a verdict is missing, there is nothing to refine by and the method ends. The result
is the draft that keeps most constraints, the earlier one among equals; the re-implementation takes the last, and an
unread critic for all constraints violated. Where the decomposition is missing, the task's own constraints stand alone;
an instruction without any constraint ends as `no_findings`.

Calls per item: 2 + J + R(1 + J) for R rounds and J constraints that a model judges (one less with a draft given); in a
row 2 + 2R. Signal: tool where code checked a constraint, else self.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import parse_text
from redraft.agents.parsing.listing import parse_any_list
from redraft.agents.values import TASK_BLANKS, ask
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import first_draft
from redraft.graphs.state import State, stopped_by
from redraft.models.base import Sampling
from redraft.schema import (
    Draft,
    Failure,
    Finding,
    InstructionTask,
    Missing,
    Revision,
    StopReason,
    Task,
    Unparsed,
    Verdict,
)
from redraft.verifiers.constraints.verifier import Constraints, installed
from redraft.verifiers.judges.constraint import ConstraintJudge, in_words
from redraft.verifiers.judges.judge import Asking


class Config(Settings):
    """Ten rounds at temperature 0, and our options."""

    rounds: Annotated[int, Field(ge=1)] = 10
    """The most refinements."""
    constraints: Annotated[int, Field(ge=1)] = 20
    """The most constraints taken from the decomposition; those after them are left out."""
    check: bool = True
    """Check the task's own constraints by code (redraft[constraints]), not by the critic."""
    guided: bool = False
    """Hold the critic to a JSON schema."""
    temperature: float = 0.0
    max_tokens: int = 1024


class DecrimState(State, total=False):
    """`constraints` in words, the task's own first. `judged` has a verdict of each for the newest draft, `best` for the
    one that stands."""

    constraints: list[str]
    judged: list[Verdict | Unparsed | Failure]
    best: list[Verdict | Unparsed | Failure]


Verdicts = list[Verdict | Unparsed | Failure]


def build(roles: Roles, config: Config) -> Graph[DecrimState]:
    """Respond and decompose, then criticise and refine in turn."""
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    generator = roles.agent("generator", "generate", TASK_BLANKS, parse_text, sampling)
    listing = TASK_BLANKS | {"known", "most"}
    decomposer = roles.agent("decomposer", "decrim-decompose", listing, parse_any_list, sampling)
    asking = Asking(guided=config.guided, max_tokens=config.max_tokens, prompts=roles.prompts)
    critic = ConstraintJudge(roles.model("critic"), asking=asking)
    remarks = TASK_BLANKS | {"draft", "count", "violated"}
    refiner = roles.agent("refiner", "decrim-refine", remarks, parse_text, sampling)
    if config.check:
        installed()
    code = Constraints() if config.check else None

    async def respond_and_decompose(state: DecrimState) -> DecrimState:
        task, own = state["task"], own_constraints(state["task"])
        draft, listed = await asyncio.gather(
            first_draft(task, "respond", lambda: generator(task=ask(task))),
            decomposer(task=ask(task), known="\n".join(own), most=config.constraints),
        )
        if not isinstance(draft, Draft):
            return {"stop": stopped_by(draft)}
        update: DecrimState = {"final": draft, "drafts": [draft], "constraints": own}
        if isinstance(listed, tuple):
            update["constraints"] = [*own, *(text for text in listed[: config.constraints] if text not in own)]
        if not update["constraints"]:
            update["stop"] = StopReason.NO_FINDINGS if isinstance(listed, tuple) else stopped_by(listed)
        return update

    async def criticize(state: DecrimState) -> DecrimState:
        draft, constraints = state["drafts"][-1], state["constraints"]
        judged, unchecked = await judge(state["task"], draft, constraints)
        better = "best" not in state or gain(state["best"], judged) > 0
        best = judged if better else state["best"]
        update: DecrimState = {
            "final": draft if better else state["final"],
            "judged": judged,
            "best": best,
            "findings": violated(constraints, best),
            "scores": {"kept": float(sum(map(kept, best))), "constraints": float(len(best))},
            "stop": conclusion(judged),
        }
        if "best" not in state:
            return {**update, "verdicts": [*unchecked, *judged]}
        revision = Revision(
            before=state["drafts"][-2],
            findings=tuple(violated(constraints, state["judged"])),
            after=draft,
            verdicts=(*unchecked, *judged),
            accepted=better,
        )
        return {**update, "revisions": [revision]}

    async def judge(task: Task, draft: Draft, constraints: Sequence[str]) -> tuple[Verdicts, list[Failure]]:
        """A verdict for each constraint, and why code could not check some of the task's own."""
        checked = await code.each(task, draft) if code and own_constraints(task) else ()
        checked = (checked,) if isinstance(checked, Failure) else checked
        verdicts: dict[int, Verdict | Missing] = {n: v for n, v in enumerate(checked) if isinstance(v, Verdict)}
        asked = [n for n in range(len(constraints)) if n not in verdicts]
        answers = await critic.each(task, draft, [constraints[n] for n in asked])
        verdicts.update(zip(asked, answers, strict=True))
        return [verdicts[n] for n in range(len(constraints))], [v for v in checked if isinstance(v, Failure)]

    async def refine(state: DecrimState) -> DecrimState:
        before, findings = state["drafts"][-1], violated(state["constraints"], state["judged"])
        remarks = "\n".join(finding.explanation for finding in findings)
        text = await refiner(task=ask(state["task"]), draft=before.text, count=len(findings), violated=remarks)
        after = Draft(text=text, node="refine") if isinstance(text, str) else text
        if isinstance(after, Draft) and after.text != before.text:
            return {"drafts": [after]}
        return {
            "revisions": [Revision(before=before, findings=tuple(findings), after=after, accepted=False)],
            "stop": StopReason.UNCHANGED if isinstance(after, Draft) else stopped_by(after),
        }

    graph = Graph(DecrimState)
    graph.nodes(respond_and_decompose, criticize, refine)
    graph.chain(START, "respond_and_decompose")
    graph.branch("respond_and_decompose", lambda state: END if "stop" in state else "criticize", "criticize", END)
    graph.loop("criticize", goes_on, back_to="refine", at_most=config.rounds + 1)
    graph.branch("refine", lambda state: "criticize" if goes_on(state) else END, "criticize", END)
    return graph


def own_constraints(task: Task) -> list[str]:
    """The constraints that the task brings, in words."""
    return [in_words(constraint) for constraint in task.constraints] if isinstance(task, InstructionTask) else []


def kept(verdict: Verdict | Missing) -> bool:
    """Whether the verdict is there, and says that the constraint is kept."""
    return isinstance(verdict, Verdict) and verdict.passed


def violated(constraints: Sequence[str], judged: Verdicts) -> list[Finding]:
    """A finding for each constraint that was judged, and not kept."""
    return [
        Finding(
            severity="major",
            category="constraint",
            explanation=constraint + (f" ({verdict.evidence})" if verdict.evidence else ""),
        )
        for constraint, verdict in zip(constraints, judged, strict=True)
        if isinstance(verdict, Verdict) and not verdict.passed
    ]


def gain(before: Verdicts, after: Verdicts) -> int:
    """How many more constraints the later draft keeps, of those that were judged of both."""
    both = ((a, b) for a, b in zip(before, after, strict=True) if isinstance(a, Verdict) and isinstance(b, Verdict))
    return sum(b.passed - a.passed for a, b in both)


def conclusion(judged: Verdicts) -> StopReason:
    """Why the method ends with the newest draft; ROUND_LIMIT where it goes on if there are rounds left."""
    if any(isinstance(verdict, Verdict) and not verdict.passed for verdict in judged):
        return StopReason.ROUND_LIMIT
    missing = [verdict for verdict in judged if not isinstance(verdict, Verdict)]
    return stopped_by(missing[0]) if missing else StopReason.SATISFIED


def goes_on(state: DecrimState) -> bool:
    """Whether the newest draft is one to refine, or one to criticise."""
    return state["stop"] is StopReason.ROUND_LIMIT


METHOD = Method(
    name="decrim",
    title="DeCRIM",
    paper="Ferraz et al., Findings of EMNLP 2024, arXiv 2410.06458",
    roles={
        "generator": "responds where no draft is given",
        "decomposer": "lists the constraints of the instruction",
        "critic": "says of each constraint whether the response keeps it",
        "refiner": "writes the response again by the constraints that are violated",
    },
    signal="self",
    cost="2 + J + R(1 + J) for R rounds and J constraints that no program can check",
    chain="2 + 2R",
    prompts=("generate", "decrim-decompose", "judge-constraint", "decrim-refine"),
    config=Config,
    build=build,
    kinds=frozenset({"instruction", "text"}),
)
