"""MQM-APE: keep only those translation errors whose correction makes the translation better.

Lu et al., COLING 2025 (arXiv 2409.14335). Evaluator -> automatic post-editor, once per error and always from the
original translation -> pairwise quality verifier, both orders -> score.

As the paper and the authors' code: one model in three roles at temperature 0, the GEMBA-MQM annotation format,
three fixed worked examples for every language pair, weights 25/5/1, floor -25. As the code alone: an error whose
verification is a tie keeps half its weight; the paper speaks of discarding it, which is `tie_weight=0`. As the
metric variant: a scoring verifier in the verifier's role decides by an absolute threshold of 0.03.

Ours: the prompts; an edit that changes nothing is not sent to the verifier, and it, an edit that could not be had
and a verdict that could not be read all weigh as a tie; `apply` adds a node that corrects the kept errors together
and gives that translation back if the verifier prefers it to the original. With one kept error its own edit, already
preferred, is the answer.

Calls per item with E errors: 1 + 3E at most, in three dependent rounds; with `apply` and two or more kept errors, 3
more in two more rounds. Signal: self (with a metric in the verifier's role, the metric's).
"""

from __future__ import annotations

from langgraph.graph import END, START

from redraft.agents.parsing import MQM_SCHEMA, locate, parse_mqm_any, parse_text
from redraft.agents.schema import text_schema
from redraft.agents.values import TRANSLATION_BLANKS, source, values
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.revise import accept_or_keep, final_draft, gather, outcome
from redraft.graphs.state import State, stopped_by
from redraft.models.base import JsonSchema, Sampling
from redraft.schema import Draft, Finding, Missing, Revision, StopReason, Verdict


class Config(Settings):
    """The paper's numbers (section 3 and the authors' code) and our options."""

    critical: float = 25.0
    major: float = 5.0
    minor: float = 1.0
    floor: float = -25.0
    tie_weight: float = 0.5
    """Share of its weight that an error keeps whose verification is a tie: 0.5 in the code, 0 in the paper."""
    threshold: float = 0.03
    """With a metric as verifier: the difference of scores, in the metric's unit, that is no tie."""
    temperature: float = 0.0
    critic_tokens: int = 512
    post_editor_tokens: int = 512
    verifier_tokens: int = 256
    apply: bool = False
    """Correct the kept errors together and give that translation back."""
    guided: bool = False
    """Hold replies to a JSON schema, and the verifier's to A or B, for a model that does not keep to a format."""

    def weight(self, finding: Finding) -> float:
        """What an error of this severity takes off the score."""
        return {"critical": self.critical, "major": self.major, "minor": self.minor}[finding.severity]

    def kept(self, revision: Revision) -> float:
        """The share of its weight that an error keeps, by the verdict on its correction (pe_valid_score)."""
        verdict = revision.verdicts[0] if revision.verdicts else None
        score = verdict.score if isinstance(verdict, Verdict) else 0.5
        return self.tie_weight if score == 0.5 else score


class ApeState(State, total=False):
    """`edits` are corrections of the original, one per finding in the same order; `combined` is of all kept ones."""

    edits: list[Draft | Missing]
    combined: Draft | Missing


def build(roles: Roles, config: Config) -> Graph[ApeState]:
    """Evaluator, post-editor, verifier, score: the paper's figure, with `apply` and `accept` as its optional end."""

    def sampling(tokens: int) -> Sampling:
        return Sampling(temperature=config.temperature, max_tokens=tokens)

    evaluator = roles.agent(
        "critic",
        "mqm-critic",
        TRANSLATION_BLANKS | {"draft", "json", "shots"},
        parse_mqm_any,
        sampling(config.critic_tokens),
        JsonSchema(MQM_SCHEMA) if config.guided else None,
    )
    post_editor = roles.agent(
        "post-editor",
        "mqm-post-editor",
        TRANSLATION_BLANKS | {"draft", "findings", "json"},
        parse_text,
        sampling(config.post_editor_tokens),
        text_schema("translation") if config.guided else None,
    )
    verifier = roles.pair_verifier(
        "verifier",
        "translation-pair-verifier",
        TRANSLATION_BLANKS,
        sampling(config.verifier_tokens),
        config.guided,
        config.threshold,
    )

    async def correct(state: ApeState, findings: list[Finding], node: str) -> Draft | Missing:
        original = state["final"].text
        text = await post_editor(**values(state["task"]), draft=original, findings=findings, json=config.guided)
        return Draft(text=text, node=node) if isinstance(text, str) else text

    async def evaluate(state: ApeState) -> ApeState:
        task, original = state["task"], Draft(text=state["task"].draft or "", node="input")
        findings = await evaluator(**values(task), draft=original.text, json=config.guided, shots=True)
        start: ApeState = {"final": original, "drafts": [original]}
        if isinstance(findings, Missing):
            return {**start, "stop": stopped_by(findings)}
        return {**start, "findings": list(locate(findings, original.text, source(task)))}

    async def post_edit(state: ApeState) -> ApeState:
        edits = await gather(correct(state, [finding], "post_edit") for finding in state["findings"])
        return {"edits": edits, "drafts": [edit for edit in edits if isinstance(edit, Draft)]}

    async def verify(state: ApeState) -> ApeState:
        pairs = zip(state["findings"], state["edits"], strict=True)
        original = state["final"]
        return {
            "revisions": await gather(
                accept_or_keep(state["task"], original, edit, verifier, [finding]) for finding, edit in pairs
            )
        }

    async def score(state: ApeState) -> ApeState:
        findings, revisions = state["findings"], state.get("revisions", [])
        plain = sum(map(config.weight, findings))
        kept = sum(config.weight(f) * config.kept(r) for f, r in zip(findings, revisions, strict=True))
        return {
            "scores": {"mqm": max(config.floor, -plain), "mqm_ape": max(config.floor, -kept)},
            "stop": StopReason.COMPLETED if findings else StopReason.NO_FINDINGS,
        }

    async def apply(state: ApeState) -> ApeState:
        combined = await correct(state, kept_findings(state), "apply")
        return {"combined": combined, "drafts": [combined] if isinstance(combined, Draft) else []}

    async def accept(state: ApeState) -> ApeState:
        kept = [revision for revision in state["revisions"] if revision.accepted]
        if len(kept) == 1:
            return {"final": final_draft(kept[0]), "stop": StopReason.ACCEPTED}
        revision = await accept_or_keep(
            state["task"], state["final"], state["combined"], verifier, kept_findings(state)
        )
        return {"revisions": [revision], "final": final_draft(revision), "stop": outcome(revision)}

    def if_found(state: ApeState) -> str:
        if "findings" not in state:
            return END
        return "post_edit" if state["findings"] else "score"

    def if_kept(state: ApeState) -> str:
        return ("accept" if kept == 1 else "apply") if (kept := len(kept_findings(state))) else END

    graph = Graph(ApeState)
    graph.nodes(evaluate, post_edit, verify, score)
    graph.chain(START, "evaluate")
    graph.branch("evaluate", if_found, "post_edit", "score", END)
    graph.chain("post_edit", "verify", "score")
    if config.apply:
        graph.nodes(apply, accept)
        graph.branch("score", if_kept, "apply", "accept", END)
        graph.chain("apply", "accept", END)
    else:
        graph.chain("score", END)
    return graph


def kept_findings(state: ApeState) -> list[Finding]:
    """The errors whose correction the verifier preferred."""
    return [finding for r in state.get("revisions", []) if r.accepted for finding in r.findings]


METHOD = Method(
    name="mqm-ape",
    title="MQM-APE",
    paper="Lu et al., COLING 2025, arXiv 2409.14335",
    roles={
        "critic": "marks the errors of the translation (the paper's evaluator)",
        "post-editor": "corrects one error at a time",
        "verifier": "says whether a correction made it better; or a metric",
    },
    signal="self",
    cost="1 + 3E for E errors; apply: + 3",
    chain="3; apply: 5",
    prompts=("mqm-critic", "mqm-post-editor", "translation-pair-verifier"),
    config=Config,
    build=build,
    kinds=frozenset({"translation"}),
    draft="needed",
)
