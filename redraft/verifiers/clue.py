"""CLUE: how sure several answers are of each concept in them (arXiv 2409.03021).

Concepts are extracted from all answers; s_ij says how surely answer i supports concept j, and the uncertainty of
concept j is the mean over i of -log s_ij. That formula is from memory, not checked against the paper. The floor under
s_ij, the grade that a language model gives for it, and the mean over concepts are ours. Signal: self.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from math import fsum, log

from redraft.agents.agent import Agent
from redraft.agents.parsing import parse_concepts, parse_concepts_json
from redraft.agents.seal import material, seal
from redraft.agents.values import values
from redraft.models.base import ChatModel, JsonSchema, OutputConstraint
from redraft.schema import Agreement, Draft, Failure, Missing, Task
from redraft.verifiers.entailment import Entails, ModelEntails
from redraft.verifiers.judges.judge import Asking, OfModel, of_model
from redraft.verifiers.kind import Kind
from redraft.verifiers.semantic_entropy import said_by


class Clue(OfModel):
    """One call for the concepts of N drafts, then one for each draft and concept, all at once.

    `entails` scores; without it `model` does. No support is below `floor`, whose logarithm is thus the most that one
    answer adds. At most `at_most` concepts count, the first ones.
    """

    def __init__(
        self,
        model: ChatModel,
        entails: Entails | None = None,
        *,
        at_most: int = 10,
        floor: float = 0.01,
        asking: Asking | None = None,
    ) -> None:
        super().__init__("clue", model)
        self._asking = asking or Asking()
        self._prompt = self._asking.prompt("judge-concepts", "answers", "at_most")
        self._entails: Entails = entails or ModelEntails(model, asking=self._asking)
        self._at_most = at_most
        self._floor = floor

    async def agree(self, task: Task, drafts: Sequence[Draft]) -> Agreement | Missing:
        """Uncertainty is the mean over concepts; `scores` has each one's, under `concept: ...`, and `unread_pairs`.

        Supports that could not be read are left out of the means; Missing where a concept has none. The winner is the
        draft that supports the concepts best. There are no clusters.
        """
        answers = [said_by(draft) for draft in drafts]
        asked = [at for at, answer in enumerate(answers) if answer]
        if not asked:
            return Failure(cause="no_answers", message=f"{self.name} needs at least one draft that says something")
        concepts = await self._concepts(task, [answers[at] for at in asked])
        if not isinstance(concepts, tuple):
            return concepts
        pairs = [(answers[at], concept) for concept in concepts for at in asked]
        supports = await self._entails.supports(task, pairs)
        unread = [support for support in supports if not isinstance(support, float)]
        costs = [-log(max(support, self._floor)) if isinstance(support, float) else None for support in supports]
        by_concept = [_mean(costs[start : start + len(asked)]) for start in range(0, len(costs), len(asked))]
        by_draft = [_mean(costs[row :: len(asked)]) for row in range(len(asked))]
        known = [(cost, concept) for cost, concept in zip(by_concept, concepts, strict=True) if cost is not None]
        if len(known) < len(concepts):
            return unread[0]
        ranked = [(cost, at) for cost, at in zip(by_draft, asked, strict=True) if cost is not None]
        lines = [f"{cost:.3f} nats: {concept}" for cost, concept in sorted(known, reverse=True)]
        if unread:
            lines.append(f"{len(unread)} of {len(pairs)} supports could not be read")
        return Agreement(
            verifier=self.name,
            signal=self.signal,
            uncertainty=fsum(cost for cost, _ in known) / len(known),
            winner=min(ranked)[1],
            scores={
                **{f"concept: {concept}": cost for cost, concept in known},
                "pairs": float(len(pairs)),
                "unread_pairs": float(len(unread)),
            },
            evidence="\n".join(lines),
        )

    async def _concepts(self, task: Task, answers: list[str]) -> tuple[str, ...] | Missing:
        # Sorted and without repetitions: neither order nor number of equal answers changes what is extracted.
        known: dict[str, object] = {**values(task), "answers": sorted(set(answers)), "at_most": self._at_most}
        judged = material(known)
        code = seal(judged)
        parse = partial(parse_concepts, code=code)
        constraint: OutputConstraint | None = None
        if self._asking.guided:
            parse = partial(parse_concepts_json, judged=judged)
            constraint = _schema(self._at_most)
        agent = Agent("extractor", self.model, self._prompt, parse, self._asking.sampling(), constraint)
        concepts = await agent(**known, code=code, guided=self._asking.guided)
        return concepts[: self._at_most] if isinstance(concepts, tuple) else concepts

    async def aclose(self) -> None:
        """Close the model and what scores."""
        await super().aclose()
        await self._entails.aclose()


def _mean(costs: Sequence[float | None]) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return fsum(known) / len(known) + 0.0 if known else None


def _schema(at_most: int) -> JsonSchema:
    item = {"type": "string", "minLength": 1, "maxLength": 200}
    fields = {"concepts": {"type": "array", "items": item, "minItems": 1, "maxItems": at_most}}
    schema = {"type": "object", "properties": fields, "required": ["concepts"], "additionalProperties": False}
    return JsonSchema(json.dumps(schema, separators=(",", ":")))


KIND = Kind(
    name="clue",
    argument="[MODEL]",
    judges="group",
    signal="self",
    about="the concepts in the answers, and how sure the answers are of each",
    needs="a language model",
    cost="1 + NC calls for N drafts with C concepts (10 at most), in 2 rounds",
    source="CLUE, arXiv 2409.03021",
    open=of_model(lambda model, asking: Clue(model, asking=asking)),
    prompts=("judge-concepts", "judge-support"),
)
