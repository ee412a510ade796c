"""TEaR: translate, estimate, refine.

Feng et al., Findings of NAACL 2025 (arXiv 2402.16379). Translate (with or without worked examples) -> estimate MQM
errors (with or without worked examples) -> if there are any, refine once, with one of four prompts: `alpha` (the
errors), `beta` (the errors and worked translations), `ct` (a better translation, no errors named), `scot` (the errors
and a way to think them through). The paper runs one round and studies more; so does `rounds`.

As the authors' code: JSON replies for all three steps, and all errors go into one refinement. Ours: the prompts; the
parsed errors, not the estimator's raw reply, go into the refine prompt; "no-error." or "None" counts as no error; an
estimate that cannot be read ends the item with its draft as it is, where the authors' run stops; a task that brings a
draft is not translated again; `verify` asks the pairwise verifier, and keeps the draft unless it prefers the refined
one. The authors set no temperature; we set 0.

Calls per item: 3 (2 with a draft given), 2 more per further round, + 2 per round with `verify`; each waits for the
one before. Signal: self.
"""

from __future__ import annotations

from typing import Annotated, Literal

from langgraph.graph import END, START
from pydantic import Field, model_validator

from redraft.agents.parsing import MQM_SCHEMA, locate, parse_mqm_any, parse_text
from redraft.agents.schema import text_schema
from redraft.agents.values import TRANSLATION_BLANKS, source, values
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import accept_or_keep, final_draft, first_draft, outcome
from redraft.graphs.state import State, stopped_by
from redraft.models.base import JsonSchema, Sampling
from redraft.schema import Draft, Missing, Noun, StopReason, Text


class Example(Noun):
    """A worked translation for the prompt, of the run's language pair."""

    source: Text
    target: Text


class Config(Settings):
    """The paper's choices and our options."""

    refine: Literal["alpha", "beta", "ct", "scot"] = "alpha"
    examples: tuple[Example, ...] = ()
    """Worked translations for translate and for refine `beta` (the paper: none, or 5)."""
    shots: bool = True
    """Three worked examples for the estimator, as the paper's few-shot setting."""
    rounds: Annotated[int, Field(ge=1)] = 1
    temperature: float = 0.0
    max_tokens: int = 1024
    verify: bool = False
    """Keep the draft unless the pairwise verifier prefers the refined translation."""
    threshold: float = 0.03
    """With a metric as verifier: the difference of scores that is no tie."""
    guided: bool = False
    """Hold every reply to a JSON schema, for a model that does not keep to a format."""

    @model_validator(mode="after")
    def _beta_needs_examples(self) -> Config:
        if self.refine == "beta" and not self.examples:
            raise ValueError("refine=beta shows worked translations: give examples=[{source, target}, ...] or @FILE")
        return self


def build(roles: Roles, config: Config) -> Graph[State]:
    """Translate, estimate, refine, and back to estimate while rounds are left."""
    sampling = Sampling(temperature=config.temperature, max_tokens=config.max_tokens)
    translator = roles.agent(
        "generator",
        "tear-translate",
        TRANSLATION_BLANKS | {"examples"},
        parse_text,
        sampling,
        text_schema("target") if config.guided else None,
    )
    estimator = roles.agent(
        "critic",
        "mqm-critic",
        TRANSLATION_BLANKS | {"draft", "json", "shots"},
        parse_mqm_any,
        sampling,
        JsonSchema(MQM_SCHEMA) if config.guided else None,
    )
    refiner = roles.agent(
        "refiner",
        "tear-refine",
        TRANSLATION_BLANKS | {"draft", "findings", "style", "examples"},
        parse_text,
        sampling,
        text_schema("final target") if config.guided else None,
    )
    verifier = (
        roles.pair_verifier(
            "verifier", "translation-pair-verifier", TRANSLATION_BLANKS, sampling, config.guided, config.threshold
        )
        if config.verify
        else None
    )

    async def translate(state: State) -> State:
        task = state["task"]
        draft = await first_draft(task, "translate", lambda: translator(**values(task), examples=config.examples))
        return {"final": draft, "drafts": [draft]} if isinstance(draft, Draft) else {"stop": stopped_by(draft)}

    async def estimate(state: State) -> State:
        task, draft = state["task"], state["final"]
        findings = await estimator(**values(task), draft=draft.text, json=True, shots=config.shots)
        if isinstance(findings, Missing):
            return {"stop": stopped_by(findings), "findings": []}
        if not findings:
            return {"stop": StopReason.NO_FINDINGS, "findings": []}
        return {"findings": list(locate(findings, draft.text, source(task)))}

    async def refine(state: State) -> State:
        task, draft, findings = state["task"], state["final"], state["findings"]
        text = await refiner(
            **values(task), draft=draft.text, findings=findings, style=config.refine, examples=config.examples
        )
        after = Draft(text=text, node="refine") if isinstance(text, str) else text
        revision = await accept_or_keep(task, draft, after, verifier, findings)
        return {
            "final": final_draft(revision),
            "drafts": [after] if isinstance(after, Draft) else [],
            "revisions": [revision],
            "stop": StopReason.ROUND_LIMIT if revision.accepted else outcome(revision),
        }

    graph = Graph(State)
    graph.nodes(translate, estimate, refine)
    graph.chain(START, "translate")
    graph.branch("translate", lambda state: "estimate" if "final" in state else END, "estimate", END)
    graph.branch("estimate", lambda state: "refine" if state["findings"] else END, "refine", END)
    graph.loop("refine", lambda state: state["revisions"][-1].accepted, back_to="estimate", at_most=config.rounds)
    return graph


METHOD = Method(
    name="tear",
    title="TEaR",
    paper="Feng et al., Findings of NAACL 2025, arXiv 2402.16379",
    roles={
        "generator": "translates where no draft is given",
        "critic": "marks the errors of the translation (the paper's estimator)",
        "refiner": "rewrites the translation",
        "verifier": "with verify=true: compares before and after; or a metric",
    },
    signal="self",
    cost="1 + 2R for R rounds (2R with a draft given); verify: + 2R",
    chain="1 + 2R; verify: 1 + 3R",
    prompts=("tear-translate", "mqm-critic", "tear-refine", "translation-pair-verifier"),
    config=Config,
    build=build,
    kinds=frozenset({"translation"}),
)
