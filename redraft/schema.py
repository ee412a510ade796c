"""The nouns every room shares: frozen, typed, and the wire format (JSONL), the API and the trace alike.

A `Task` is what is asked; no task carries the gold answer, so a graph cannot peek. Whatever names a model, a prompt
or a file belongs in a higher room.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, FiniteFloat, JsonValue, model_validator

from redraft.text import LanguageCode as LanguageCode
from redraft.text import Text as Text

Signal = Literal["self", "tool", "human", "oracle"]
"""Where a judgement comes from: `self` a model's opinion, `tool` executed evidence, `human` a person, `oracle` saw the
gold answer. In order of strength."""

Severity = Literal["critical", "major", "minor"]


class Noun(BaseModel):
    """A frozen record that takes no field it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


# ---- what is asked ---------------------------------------------------------------------------------------------


class BaseTask(Noun):
    """What every task may bring along: a draft to start from. Without one, the method's generator writes it."""

    draft: Text | None = None


class TranslationTask(BaseTask):
    """Translate `source`. `draft` may also be given as `translation`."""

    kind: Literal["translation"] = "translation"
    source: Text
    source_lang: LanguageCode
    target_lang: LanguageCode
    draft: Text | None = Field(default=None, validation_alias=AliasChoices("draft", "translation"))


class QuestionTask(BaseTask):
    """Answer `question`; the answer can be told right from wrong."""

    kind: Literal["question"] = "question"
    question: Text


class Constraint(Noun):
    """One thing that the text must keep to, such that a program can check it.

    `kind` is a name of IFEval's (`length_constraints:number_words`) or of redraft's own; `arguments` are what that kind
    takes. `text` says it in words.
    """

    kind: str
    arguments: dict[str, JsonValue] = Field(default_factory=dict)
    text: str = ""


class InstructionTask(BaseTask):
    """Follow `instruction`, with every constraint in it. `constraints` are those that a program can check."""

    kind: Literal["instruction"] = "instruction"
    instruction: Text
    constraints: tuple[Constraint, ...] = ()


class CodeTask(BaseTask):
    """Write the program that `specification` asks for.

    `tests` are the visible ones: statements to run after the program (such as `assert f(1) == 2`), each a test of its
    own, shown to the generator. Hidden tests are gold and never here. `entry_point` is the function asked for.
    """

    kind: Literal["code"] = "code"
    specification: Text
    language: str = "python"
    tests: tuple[Text, ...] = ()
    entry_point: str | None = None


class TheoremTask(BaseTask):
    """Prove the formal `statement`, written for `prover` (for instance `rocq`): imports, then the theorem alone.

    `informal_statement` and `informal_proof` say the same in words, where somebody gives them.
    """

    kind: Literal["theorem"] = "theorem"
    statement: Text
    prover: str
    informal_statement: str = ""
    informal_proof: str = ""


_NO_PARAMETERS: dict[str, JsonValue] = {"type": "object", "properties": {}}


class FunctionSchema(Noun):
    """A function offered to a model. `parameters` is the JSON Schema of the object of its arguments.

    May also be given as OpenAI's tool JSON (`{"type": "function", "function": {...}}`) or MCP's (`inputSchema`), and
    any of them as a string of JSON.
    """

    name: Text
    description: str = ""
    parameters: dict[str, JsonValue] = Field(default_factory=lambda: dict(_NO_PARAMETERS))

    @model_validator(mode="before")
    @classmethod
    def _opened(cls, given: object) -> object:
        if isinstance(given, str):
            given = json.loads(given)
        if isinstance(given, dict) and isinstance(given.get("function"), dict):
            given = given["function"]
        if not isinstance(given, dict):
            return given
        parameters = next((given[key] for key in ("parameters", "inputSchema", "input_schema") if given.get(key)), None)
        kept = {"name": given.get("name"), "description": given.get("description") or ""}
        return kept if parameters is None else {**kept, "parameters": parameters}


class ToolCall(Noun):
    """One call that a model asks for: a function's name and its arguments by name."""

    name: str
    arguments: dict[str, JsonValue] = Field(default_factory=dict)


class ToolCallTask(BaseTask):
    """Answer `request` by calling `functions`, at least `least` and at most `most` times (None: no bound)."""

    kind: Literal["tool_call"] = "tool_call"
    request: Text
    functions: tuple[FunctionSchema, ...] = Field(min_length=1)
    least: int = Field(default=1, ge=0)
    most: int | None = Field(default=None, ge=1)


class Example(Noun):
    """A question and its right answer."""

    question: Text
    answer: Text


class ToolMakingTask(BaseTask):
    """Write a Python function that answers questions like `examples`; `name` is what it is to be called, if anything.

    `held_out` are what it is tried on, like a program's visible tests; their answers are compared with and never shown
    to a model. A draft is the source of such a function.
    """

    kind: Literal["tool_making"] = "tool_making"
    examples: tuple[Example, ...] = Field(min_length=1)
    held_out: tuple[Example, ...] = Field(min_length=1)
    name: str | None = Field(default=None, pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")

    @model_validator(mode="after")
    def _tells(self) -> ToolMakingTask:
        shown = {each.question for each in self.examples}
        if known := next((each for each in self.held_out if each.question in shown), None):
            raise ValueError(f"the held-out question {known.question[:60]!r} is among the examples")
        if len(self.held_out) > 1 and len({each.answer for each in self.held_out}) == 1:
            raise ValueError("all held-out answers are the same, so a constant would pass")
        return self


class TextTask(BaseTask):
    """Any other writing: `text` says what is wanted."""

    kind: Literal["text"] = "text"
    text: Text


_Writing = TranslationTask | QuestionTask | InstructionTask | CodeTask | TheoremTask | TextTask
Task = Annotated[_Writing | ToolCallTask | ToolMakingTask, Field(discriminator="kind")]


# ---- what is written, and what is said of it -------------------------------------------------------------------


class Draft(Noun):
    """One candidate: its text, the node that made it, and the answer in it where one could be extracted."""

    text: str
    node: str
    answer: str | None = None


class Span(Noun):
    """A half-open range `[start, end)` of code points in the draft or in the source."""

    start: int = Field(ge=0)
    end: int
    text: Literal["draft", "source"] = "draft"

    @model_validator(mode="after")
    def _in_order(self) -> Span:
        if self.end <= self.start:
            raise ValueError(f"span ends at {self.end}, not after its start {self.start}")
        return self


class Finding(Noun):
    """One thing wrong with a draft.

    `quote` is what the critic marked, in its own words; `span` is where that stands in the draft, or in the source
    for an omission, and is None where it stands in neither.
    """

    severity: Severity
    category: str
    quote: str = ""
    span: Span | None = None
    explanation: str = ""


class Verdict(Noun):
    """A judgement of one draft, or of a revision against the draft before it.

    `score` of a single draft is in the verifier's own unit; of a pair it is 1 where the later draft is better, 0
    where the earlier one is, and 0.5 where neither is preferred; it is finite, as all numbers of a record, for JSON has
    no others. `passed` says whether the judged draft may stand.
    `steps` has a score for each step of the draft, where the verifier judges step by step; `first_error` is then the
    index, from 0, of the first step that is wrong.
    """

    verifier: str
    signal: Signal
    score: FiniteFloat
    passed: bool
    evidence: str = ""
    steps: tuple[FiniteFloat, ...] = ()
    first_error: int | None = None


class Agreement(Noun):
    """How far several drafts for one task say the same.

    `clusters` has a number for each draft, equal for drafts that say the same, None for one without an answer; numbers
    go up from 0 in order of appearance. `winner` is the index of the draft that stands for the largest cluster, None
    where no draft has an answer. `uncertainty` is in nats, 0 where all agree. `scores` are further numbers, by name.
    """

    verifier: str
    signal: Signal
    uncertainty: FiniteFloat
    clusters: tuple[int | None, ...] = ()
    winner: int | None = None
    scores: dict[str, FiniteFloat] = Field(default_factory=dict)
    evidence: str = ""


class Unparsed(Noun):
    """A reply that could not be read: what a parser returns instead of a default answer."""

    raw: str
    reason: str


class Failure(Noun):
    """A call that brought no reply: the kind of error and what it said."""

    cause: str
    message: str


Missing = Unparsed | Failure
"""Why there is no value: the reply could not be read, or there was none."""


class Revision(Noun):
    """One attempt to make a draft better: what it acted on, what came of it, how it was judged, and whether it stands.

    `after` is Missing where the refiner's reply was; `verdicts` is empty where the method asks no verifier.
    """

    before: Draft
    findings: tuple[Finding, ...] = ()
    feedback: str = ""
    after: Draft | Unparsed | Failure
    verdicts: tuple[Verdict | Unparsed | Failure, ...] = ()
    accepted: bool


# ---- what it cost, and what came of it -------------------------------------------------------------------------


class Usage(Noun):
    """Cost of model calls. `seconds` adds up each call's own latency, so calls made at once count side by side.

    A reply served from the response store counts as the call that first made it: the cost of the result, not of the
    run.
    """

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    seconds: float = 0.0

    @staticmethod
    def total(parts: Iterable[Usage]) -> Usage:
        """Sum; seconds to the millisecond, so that the order of the parts does not show."""
        calls = prompt = completion = cached = 0
        seconds = 0.0
        for part in parts:
            calls += part.calls
            prompt += part.prompt_tokens
            completion += part.completion_tokens
            cached += part.cached_tokens
            seconds += part.seconds
        return Usage(
            calls=calls,
            prompt_tokens=prompt,
            completion_tokens=completion,
            cached_tokens=cached,
            seconds=round(seconds, 3),
        )


class Call(Noun):
    """One call that a role made: who asked which model, what it cost, and what it brought instead of values, if so.

    `stored` says that the reply came from the response store, so that this run paid nothing for it.
    """

    role: str
    model: str
    usage: Usage
    stored: bool = False
    missing: tuple[Unparsed | Failure, ...] = ()


class StopReason(StrEnum):
    """Why a workflow ended, or stands still."""

    COMPLETED = "completed"
    """It has no stop rule and ran to its end."""
    NO_FINDINGS = "no_findings"
    """The critic found nothing wrong."""
    SATISFIED = "satisfied"
    """The critic said that the draft is good as it is."""
    ACCEPTED = "accepted"
    """The verifier preferred the revision."""
    REJECTED = "rejected"
    """The verifier did not prefer the revision; the draft before it stands."""
    UNCHANGED = "unchanged"
    """The refiner gave the same draft back."""
    ROUND_LIMIT = "round_limit"
    """Every round allowed was used."""
    GAVE_UP = "gave_up"
    """The method's own model said that the task cannot be done."""
    BUDGET = "budget"
    """The budget of calls or tokens was spent."""
    UNPARSED = "unparsed"
    """A reply that the method cannot go on without could not be read."""
    FAILED = "failed"
    """A call that the method cannot go on without brought no reply."""
    PAUSED = "paused"
    """It waits for a person's answer, and goes on with it."""


class Result(Noun):
    """What a workflow made of one task: the final draft and how it got there.

    `final` is None only where no draft was ever made. `verdicts` are those of drafts by themselves, in the order
    they were asked for; those of revisions stand with them. `signal` is the strongest that any decision used. `scores`
    are the method's own numbers, by name. `unparsed` lists every reply that could not be read; `errors` why calls
    brought no reply, each reason once. `stages` says why each method ended in a row of several (`redraft.compose`).
    """

    final: Draft | None
    stop: StopReason
    stages: dict[str, StopReason] = Field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    drafts: tuple[Draft, ...] = ()
    revisions: tuple[Revision, ...] = ()
    verdicts: tuple[Verdict | Unparsed | Failure, ...] = ()
    scores: dict[str, FiniteFloat] = Field(default_factory=dict)
    signal: Signal = "self"
    usage: Usage = Usage()
    usage_by_role: dict[str, Usage] = Field(default_factory=dict)
    unparsed: tuple[Unparsed, ...] = ()
    errors: tuple[Failure, ...] = ()
