"""What every judge here shares: a language model asked for one word out of a few, its reply read strictly.

The judged text is fenced as data, and the verdict counts only in a form which that text cannot have forged: under a
code made from it, or, where the backend is held to a schema, as JSON that does not stand in it. What the words are
worth is code, in the file of each judge.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from redraft.agents.agent import Agent
from redraft.agents.parsing import Ruling, parse_ruling, parse_ruling_json, visible
from redraft.agents.parsing.ruling import read_object
from redraft.agents.prompt import Prompt, load
from redraft.agents.schema import text_schema
from redraft.agents.seal import material, seal
from redraft.agents.values import TRANSLATION_BLANKS
from redraft.models.base import ChatModel, JsonSchema, OutputConstraint, Sampling
from redraft.models.wrapper import Connects
from redraft.schema import Missing, Signal, Unparsed
from redraft.verifiers.kind import OpenModel, Options, read_options

V = TypeVar("V")

_SEAL = frozenset({"code", "guided"})


@dataclass(frozen=True)
class Asking:
    """How a judge is asked.

    `guided` holds it to a JSON schema, its reason to `reason` characters and what else it writes to `writing`; else it
    writes as it likes and ends in a line. `prompts` is a folder of edited prompts.
    """

    guided: bool = False
    temperature: float = 0.0
    max_tokens: int = 1024
    reason: int = 600
    writing: int = 2000
    prompts: Path | None = None

    def prompt(self, name: str, *blanks: str) -> Prompt:
        """The prompt of that name. Raises ConfigError where it asks for a blank that nobody fills."""
        return load(name, TRANSLATION_BLANKS | _SEAL | frozenset(blanks), self.prompts)

    def writer(self, role: str, model: ChatModel, prompt: Prompt) -> Agent[str]:
        """An agent that writes a text which others read: an answer, a critique."""
        if not self.guided:
            return Agent(role, model, prompt, visible, self.sampling())
        return Agent(role, model, prompt, _text, self.sampling(), text_schema("text", self.writing))

    def sampling(self) -> Sampling:
        """As the model is to decode."""
        return Sampling(temperature=self.temperature, max_tokens=self.max_tokens)


@dataclass(frozen=True)
class Judge:
    """Asks `model` for one of `words`, with a reason."""

    model: ChatModel
    prompt: Prompt
    words: Sequence[str]
    asking: Asking
    role: str = "judge"

    async def __call__(self, values: dict[str, object]) -> Ruling | Missing:
        """One call, the prompt's blanks filled with `values`."""
        (ruling,) = await self.samples(1, values)
        return ruling

    async def samples(self, n: int, values: dict[str, object]) -> list[Ruling | Missing]:
        """`n` replies to one request, each read by itself."""
        judged = material(values)
        code = seal(judged)
        constraint: OutputConstraint | None = None
        parse = partial(parse_ruling, words=self.words, code=code)
        if self.asking.guided:
            constraint = ruling_schema(self.words, self.asking.reason)
            parse = partial(parse_ruling_json, words=self.words, judged=judged)
        agent = Agent(self.role, self.model, self.prompt, parse, self.asking.sampling(), constraint)
        return await agent.samples(n, **values, code=code, guided=self.asking.guided)


def ruling_schema(words: Sequence[str], reason: int) -> JsonSchema:
    """The reason first, so that the verdict can follow from it."""
    fields = {"reason": {"type": "string", "maxLength": reason}, "verdict": {"enum": list(words)}}
    schema = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    return JsonSchema(json.dumps(schema, separators=(",", ":")))


def _text(reply: str) -> str | Unparsed:
    fields = read_object(reply, ("text",), "")
    return fields if isinstance(fields, Unparsed) else visible(str(fields["text"]))


class OfModel:
    """A verifier that is a language model's opinion, and lets go of that model when it is closed."""

    signal: Signal = "self"

    def __init__(self, name: str, model: ChatModel) -> None:
        self.name = name
        self.model = model

    async def connect(self) -> None:
        """Load or reach the model now, so that a fault shows before the first draft."""
        if isinstance(self.model, Connects):
            await self.model.connect()

    async def aclose(self) -> None:
        """Close the model."""
        await self.model.aclose()


def scale(top: int) -> tuple[str, ...]:
    """The whole numbers from 0 to `top`, as words."""
    return tuple(map(str, range(top + 1)))


class _Asked(Options):
    """The options of a judge."""

    guided: bool | None = None
    temperature: float | None = None
    max_tokens: int | None = None


def of_model(make: Callable[[ChatModel, Asking], V], usual: Asking | None = None) -> Callable[[str, OpenModel], V]:
    """What opens a judge from `MODEL?guided=true&temperature=0.5&max_tokens=200`; `local` where no model is named."""

    def open(argument: str, open_model: OpenModel) -> V:
        model, asked = read_options(argument, _Asked)
        asking = replace(usual or Asking(), **asked.model_dump(exclude_none=True))
        return make(open_model(model or "local"), asking)

    return open
