"""Every judge, something to judge, and scripted replies in the form that a prompt asks for."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable

from redraft.models.base import ChatModel, ChatRequest, JsonSchema
from redraft.models.scripted import Reply, Scripted
from redraft.schema import Agreement, Constraint, Draft, InstructionTask, Missing, QuestionTask, Task, Verdict
from redraft.verifiers.base import AnyVerifier, GroupVerifier, PairVerifier
from redraft.verifiers.clue import Clue
from redraft.verifiers.entailment import ModelEntails
from redraft.verifiers.judges.constraint import ConstraintJudge
from redraft.verifiers.judges.critique import Critique
from redraft.verifiers.judges.error_detection import ErrorDetection
from redraft.verifiers.judges.judge import Asking
from redraft.verifiers.judges.proof import ProofGrader
from redraft.verifiers.judges.rubric import Rubric
from redraft.verifiers.judges.self_reference import SelfReference, SelfReferencePair
from redraft.verifiers.semantic_entropy import SemanticEntropy

TASK = QuestionTask(question="What is 17 + 25?")
INSTRUCTION = InstructionTask(
    instruction="Add 17 and 25, in one line.", constraints=(Constraint(kind="own", text="one line"),)
)


def shown(request: ChatRequest) -> str:
    """The turn that holds what is judged."""
    return request.messages[-1].content


def ruling(request: ChatRequest, word: str, reason: str = "Because.") -> str:
    """A reply as asked for: a verdict, or one concept, or free text where no verdict is asked for."""
    if isinstance(request.constraint, JsonSchema):
        known = {"reason": reason, "verdict": word, "text": reason, "concepts": ["It is 42."]}
        return json.dumps({key: known[key] for key in json.loads(request.constraint.schema)["properties"]})
    asked = re.findall(r"^(Verdict|Concepts) (\d{6,}):", shown(request), re.MULTILINE)
    if not asked:
        return reason
    kind, code = asked[-1]
    return f"{reason}\nVerdict {code}: {word}" if kind == "Verdict" else f"Concepts {code}:\n- It is 42."


def always(word: str, reason: str = "Because.") -> Scripted:
    """A judge who says the same whatever it reads."""
    return Scripted(lambda request: ruling(request, word, reason))


def by_text(words: dict[str, str | Reply]) -> Scripted:
    """A judge who rules by the first of the texts that stands in what it reads."""

    def reply(request: ChatRequest) -> Reply:
        said = next(word for text, word in words.items() if text in shown(request))
        return ruling(request, said) if isinstance(said, str) else said

    return Scripted(reply)


JUDGES: dict[str, Callable[[ChatModel, Asking], AnyVerifier]] = {
    "rubric": lambda model, asking: Rubric(model, asking=asking),
    "constraint-judge": lambda model, asking: ConstraintJudge(model, asking=asking),
    "error-detection": lambda model, asking: ErrorDetection(model, asking=asking),
    "critique": lambda model, asking: Critique(model, asking=asking),
    "self-reference": lambda model, asking: SelfReference(model, asking=asking),
    "self-reference-pair": lambda model, asking: SelfReferencePair(model, asking=asking),
    "proof": lambda model, asking: ProofGrader(model, k=3, asking=asking),
    "semantic-entropy": lambda model, asking: SemanticEntropy(ModelEntails(model, asking=asking)),
    "clue": lambda model, asking: Clue(model, at_most=1, asking=asking),
}
"""Every verifier whose replies are rulings."""


def judging(verifier: AnyVerifier, text: str) -> Awaitable[Verdict | Agreement | Missing]:
    """`text` judged, beside an honest draft where there is more than one."""
    task: Task = INSTRUCTION if isinstance(verifier, ConstraintJudge) else TASK
    honest, draft = Draft(text="It is 41.", node="n"), Draft(text=text, node="n")
    if isinstance(verifier, GroupVerifier):
        return verifier.agree(task, [honest, draft])
    if isinstance(verifier, PairVerifier):
        return verifier.prefer(task, honest, draft)
    return verifier.score(task, draft)
