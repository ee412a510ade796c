"""RARR: research what an answer claims, and edit it only where a source disagrees.

Gao et al., ACL 2023 (arXiv 2210.08726), "Retrofit Attribution using Research and Revision". Claim (the whole answer) ->
questions, sampled in 3 rounds -> search -> for each passage in turn: agreement gate -> edit, on the claim as it stands.

As the paper: temperature 0.7 for questions, else 0; passages of 4 sentences; one passage a question; the gate opens on
"disagrees" alone. As the authors' code: the rounds' questions are pooled and each is asked once; an edit is undone
where its Levenshtein distance over the length of the claim exceeds `max_edit_ratio`, whose default of 100 undoes next
to none. Ours: the prompts, zero-shot and with the task in view; BM25 over a folder of text files in place of a search
engine and its passage ranker (`over` takes any retriever); at most `questions` are researched. A gate whose reply is
missing stays closed, as in the code, and is counted; an edit that is missing or changes nothing leaves the claim as it
is. Every passage that was weighed stands with its file and line in `verdicts`.

Calls per item: 2 + G + E (one less with a draft given): the draft, one request of 3 samples, a gate for each of G
passages, an edit for each of E that disagree; each waits for the one before. Signal: tool, as every decision to edit
rests on a passage from outside the model; that a passage disagrees is a model's reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, TypedDict

from langgraph.graph import END, START
from pydantic import Field

from redraft.agents.parsing import Ruling, parse_text
from redraft.agents.parsing.listing import parse_list
from redraft.agents.values import TASK_BLANKS, ask, values
from redraft.errors import ConfigError
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import accept_or_keep, final_draft, first_draft, gather, outcome
from redraft.graphs.state import State, stopped_by
from redraft.models.base import Sampling
from redraft.schema import Draft, Failure, Finding, Missing, Revision, StopReason, Verdict
from redraft.tools.retrieval.base import Retriever
from redraft.tools.retrieval.bm25 import Bm25
from redraft.verifiers.edit_ratio import EditRatio
from redraft.verifiers.judges.judge import Asking, Judge

_OPEN = "disagrees"
_SCORES = {"agrees": 1.0, "irrelevant": 0.5, _OPEN: 0.0}


class Config(Settings):
    """The paper's numbers; `max_edit_ratio` is the authors' code's, `questions` and the folder ours."""

    folder: Path | None = None
    """The text files that are searched, with all folders in it. Needed, but with a retriever of your own."""
    rounds: Annotated[int, Field(ge=1)] = 3
    """Samples of questions."""
    questions: Annotated[int, Field(ge=1)] = 20
    """The most questions researched."""
    evidence: Annotated[int, Field(ge=1)] = 1
    """Passages a question."""
    sentences: Annotated[int, Field(ge=1)] = 4
    """Sentences a passage."""
    max_folder: Annotated[int, Field(ge=1)] = 16 * 2**20
    """Bytes of text read from the folder at most; files beyond them are left out, and named in the log."""
    max_edit_ratio: Annotated[float, Field(ge=0)] = 100.0
    """An edit that changes more, in characters over the length of the claim, is undone."""
    question_temperature: float = 0.7
    temperature: float = 0.0
    guided: bool = False
    """Hold the gate to a JSON schema."""
    max_tokens: int = 1024


class Evidence(TypedDict):
    """A passage found for a question, and where it stands."""

    question: str
    passage: str
    place: str


class RarrState(State, total=False):
    """`evidence` is what was found, `at` how much of it went through the gate; `reason` says why the last disagrees."""

    questions: list[str]
    evidence: list[Evidence]
    at: int
    reason: str | None


def build(roles: Roles, config: Config, retriever: Retriever | None = None) -> Graph[RarrState]:
    """Draft, ask, search, then gate and edit in turn."""
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    curious = Sampling(temperature=config.question_temperature, max_tokens=config.max_tokens)
    generator = roles.agent("generator", "generate", TASK_BLANKS, parse_text, sampling)
    questioner = roles.agent("questioner", "rarr-questions", TASK_BLANKS | {"draft"}, parse_list, curious)
    asking = Asking(config.guided, config.temperature, config.max_tokens, prompts=roles.prompts)
    seen = ("draft", "question", "passage")
    agreement = Judge(roles.model("gate"), asking.prompt("rarr-gate", *seen), tuple(_SCORES), asking, "gate")
    editor = roles.agent("editor", "rarr-edit", TASK_BLANKS | {*seen, "reason"}, parse_text, sampling)
    library = roles.own(retriever or shelf(config))
    little = EditRatio(config.max_edit_ratio)

    async def draft(state: RarrState) -> RarrState:
        task = state["task"]
        claim = await first_draft(task, "draft", lambda: generator(task=ask(task)))
        return {"final": claim, "drafts": [claim]} if isinstance(claim, Draft) else {"stop": stopped_by(claim)}

    async def question(state: RarrState) -> RarrState:
        rounds = await questioner.samples(config.rounds, task=ask(state["task"]), draft=state["final"].text)
        asked: dict[str, str] = {}
        for listed in rounds:
            for text in listed if isinstance(listed, tuple) else ():
                asked.setdefault(text.casefold(), text)
        if not asked:
            return {"stop": next(stopped_by(listed) for listed in rounds if not isinstance(listed, tuple))}
        return {"questions": list(asked.values())[: config.questions]}

    async def search(state: RarrState) -> RarrState:
        questions = state["questions"]
        results = await gather(library.search(text, config.evidence) for text in questions)
        evidence = [
            Evidence(question=text, passage=passage.text, place=passage.place)
            for text, found in zip(questions, results, strict=True)
            if not isinstance(found, Failure)
            for passage in found[: config.evidence]
        ]
        failures = [found for found in results if isinstance(found, Failure)]
        update: RarrState = {"verdicts": [*failures], "evidence": evidence, "at": 0}
        update["scores"] = {"questions": float(len(questions)), "evidence": float(len(evidence))}
        if not evidence:
            update["stop"] = stopped_by(failures[0]) if failures else StopReason.NO_FINDINGS
        return update

    async def gate(state: RarrState) -> RarrState:
        """On to the first passage that disagrees with the claim as it stands, or to the end."""
        claim, verdicts = state["final"], list[Verdict | Missing]()
        for at in range(state["at"], len(state["evidence"])):
            found = state["evidence"][at]
            known = {"draft": claim.text, "question": found["question"], "passage": found["passage"]}
            ruling = await agreement({**values(state["task"]), **known})
            verdicts.append(judged(ruling, found) if isinstance(ruling, Ruling) else ruling)
            if isinstance(ruling, Ruling) and ruling.word == _OPEN:
                return {"verdicts": verdicts, "at": at + 1, "reason": ruling.reason}
            if not isinstance(ruling, Ruling) and stopped_by(ruling) is StopReason.BUDGET:
                return {"verdicts": verdicts, "reason": None, "stop": StopReason.BUDGET}
        stop = conclusion(state.get("revisions", []), [*state["verdicts"], *verdicts])
        return {"verdicts": verdicts, "at": len(state["evidence"]), "reason": None, "stop": stop}

    async def edit(state: RarrState) -> RarrState:
        claim, found, reason = state["final"], state["evidence"][state["at"] - 1], state["reason"] or ""
        known = {"draft": claim.text, "question": found["question"], "passage": found["passage"]}
        text = await editor(**known, task=ask(state["task"]), reason=reason)
        after = Draft(text=text, node="edit") if isinstance(text, str) else text
        explanation = f"{found['question']} {reason} [{found['place']}]"
        finding = Finding(severity="major", category="disagreement", explanation=explanation)
        revision = await accept_or_keep(state["task"], claim, after, little, [finding], found["passage"])
        return {
            "final": final_draft(revision),
            "drafts": [after] if isinstance(after, Draft) else [],
            "findings": [*state.get("findings", []), finding],
            "revisions": [revision],
            "stop": conclusion([*state.get("revisions", []), revision], state["verdicts"]),
        }

    def more(state: RarrState) -> bool:
        return state["at"] < len(state["evidence"]) and state["stop"] is not StopReason.BUDGET

    graph = Graph(RarrState)
    graph.nodes(draft, question, search, gate, edit)
    graph.chain(START, "draft")
    graph.branch("draft", lambda state: "question" if "final" in state else END, "question", END)
    graph.branch("question", lambda state: "search" if "questions" in state else END, "search", END)
    graph.branch("search", lambda state: "gate" if state["evidence"] else END, "gate", END)
    graph.branch("gate", lambda state: END if state["reason"] is None else "edit", "edit", END)
    graph.loop("edit", more, back_to="gate", at_most=config.questions * config.evidence)
    return graph


def shelf(config: Config) -> Bm25:
    """The folder that the settings name. Raises ConfigError where they name none."""
    if config.folder is None:
        raise ConfigError("rarr looks things up: set folder to a folder of text files (--set folder=PATH)")
    return Bm25(config.folder, sentences=config.sentences, max_total=config.max_folder)


def judged(ruling: Ruling, found: Evidence) -> Verdict:
    """What the gate said of the claim, with the place of the passage that it went by."""
    return Verdict(
        verifier="agreement-gate",
        signal="tool",
        score=_SCORES[ruling.word],
        passed=ruling.word != _OPEN,
        evidence=f"{ruling.word}: {found['question']} [{found['place']}] {ruling.reason}".rstrip(),
    )


def conclusion(revisions: Sequence[Revision], verdicts: Sequence[Verdict | Missing]) -> StopReason:
    """Why the method ends, were this the end."""
    missing = [stopped_by(verdict) for verdict in verdicts if not isinstance(verdict, Verdict)]
    outcomes = [outcome(revision) for revision in revisions]
    if StopReason.BUDGET in (*missing, *outcomes):
        return StopReason.BUDGET
    if StopReason.ACCEPTED in outcomes:
        return StopReason.COMPLETED
    return next(iter([*reversed(outcomes), *missing]), StopReason.NO_FINDINGS)


def over(retriever: Retriever) -> Method[Config, RarrState]:
    """RARR over a retriever of your own: `redraft.workflow(over(retriever), model)`. The workflow closes it."""
    return replace(METHOD, build=partial(build, retriever=retriever))


METHOD = Method(
    name="rarr",
    title="RARR",
    paper="Gao et al., ACL 2023, arXiv 2210.08726",
    roles={
        "generator": "answers where no draft is given",
        "questioner": "asks what somebody would look up to check the answer",
        "gate": "says whether a passage agrees with the answer",
        "editor": "corrects the answer by a passage that disagrees",
    },
    signal="tool",
    cost="2 + G + E for G passages, E of which disagree",
    chain="2 + G + E",
    prompts=("generate", "rarr-questions", "rarr-gate", "rarr-edit"),
    config=Config,
    build=build,
    kinds=frozenset({"question", "text"}),
)
