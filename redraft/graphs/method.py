"""What a published method is to the rest of the house: its name, paper, roles and settings, and how to build it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from redraft.agents.agent import Agent
from redraft.agents.parsing import parse_preference
from redraft.agents.prompt import load
from redraft.errors import ConfigError
from redraft.graphs.graph import Graph
from redraft.graphs.state import State
from redraft.models.base import ChatModel, Choice, OutputConstraint, Sampling, is_chat_model
from redraft.schema import Failure, Signal, Task, Unparsed
from redraft.tools.functions.source import Functions
from redraft.verifiers.base import AnyVerifier, GroupVerifier, PairVerifier, Verifier
from redraft.verifiers.by_score import ByScore
from redraft.verifiers.judges.critique import Critique
from redraft.verifiers.judges.judge import Asking
from redraft.verifiers.judges.rubric import Rubric
from redraft.verifiers.pairwise import Pairwise
from redraft.verifiers.unit import Unit

if TYPE_CHECKING:
    from redraft.graphs.tracing import Tracing

T = TypeVar("T")


class Settings(BaseModel):
    """Base of every method's `Config`: the paper's numbers, each of which a user may change."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


C = TypeVar("C", bound=Settings)
S = TypeVar("S", bound=State)

Player = ChatModel | AnyVerifier | Functions
"""What can play a role: a language model, for a verifier's role any verifier, and for that of `FUNCTIONS` those."""

FUNCTIONS = "functions"
"""The role of what a method calls, in every method that calls any."""


class Closes(Protocol):
    """What holds processes or memory."""

    async def aclose(self) -> None: ...


Owned = TypeVar("Owned", bound=Closes)


@dataclass(frozen=True)
class Roles:
    """Who plays which role; where edited prompts lie, and what makes spans, if anything."""

    players: Mapping[str, Player]
    prompts: Path | None = None
    tracing: Tracing | None = None
    owned: list[Closes] = field(default_factory=list)
    """What a method made for itself, and the workflow closes."""

    def own(self, thing: Owned) -> Owned:
        """Have the workflow close `thing` when it is closed itself."""
        self.owned.append(thing)
        return thing

    def agent(
        self,
        role: str,
        prompt: str,
        blanks: frozenset[str],
        parse: Callable[[str], T | Unparsed],
        sampling: Sampling,
        constraint: OutputConstraint | None = None,
    ) -> Agent[T]:
        """The language model in `role`, with the prompt of that name. Raises ConfigError where it is no model."""
        return Agent(role, self.model(role), load(prompt, blanks, self.prompts), parse, sampling, constraint)

    def model(self, role: str) -> ChatModel:
        """The language model in `role`, for a judge of the method's own. Raises ConfigError where it is no model."""
        player = self.players[role]
        if not is_chat_model(player):
            raise ConfigError(f"the role {role} needs a language model, not the verifier {player.name}")
        return self._traced(player, role)

    def functions(self) -> Functions:
        """What the method calls. Raises ConfigError where something else plays that role."""
        player = self.players[FUNCTIONS]
        if not isinstance(player, Functions):
            raise ConfigError(f"the role {FUNCTIONS} needs functions, not {player.name}")
        return player

    def verifier(self, role: str, guided: bool = False) -> Verifier:
        """What scores one draft: a verifier, or a model that grades by a general rubric."""
        player = self.players[role]
        if isinstance(player, Verifier):
            return player
        if not is_chat_model(player):
            raise ConfigError(f"the role {role} scores one draft, and {player.name} judges a {_judged(player)}")
        return Rubric(self._traced(player, role), asking=Asking(guided=guided, prompts=self.prompts))

    def outcome_reward(self, role: str, guided: bool = False) -> Verifier:
        """What scores a draft from 0 to 1: a reward model; or a model, whose grade by a rubric counts."""
        return self._reward(role, lambda model, asking: Unit(Rubric(model, asking=asking), score=(0, 10)), guided)

    def process_reward(self, role: str, guided: bool = False) -> Verifier:
        """What scores each step from 0 to 1: a process reward model; or a model, which criticises each step."""
        return self._reward(role, lambda model, asking: Unit(Critique(model, asking=asking), steps=(-1, 1)), guided)

    def _reward(self, role: str, judge: Callable[[ChatModel, Asking], Verifier], guided: bool) -> Verifier:
        player = self.players[role]
        if not is_chat_model(player):
            return self.verifier(role)
        return judge(self._traced(player, role), Asking(guided=guided, prompts=self.prompts))

    def pair_verifier(
        self, role: str, prompt: str, blanks: frozenset[str], sampling: Sampling, guided: bool, threshold: float = 0.0
    ) -> PairVerifier:
        """What compares two drafts: a model asked in both orders, or a verifier; one that scores, by `threshold`."""
        player = self.players[role]
        if isinstance(player, PairVerifier):
            return player
        if isinstance(player, Verifier):
            return ByScore(player, threshold)
        if isinstance(player, GroupVerifier):
            raise ConfigError(f"the role {role} compares two drafts, and {player.name} judges a {_judged(player)}")
        constraint = Choice(("A", "B")) if guided else None
        blanks = blanks | {"first", "second"}
        return Pairwise(self.agent(role, prompt, blanks, parse_preference, sampling, constraint))

    def _traced(self, model: ChatModel, role: str) -> ChatModel:
        return self.tracing.model(model, role) if self.tracing else model


def _judged(verifier: Player) -> str:
    return "group of drafts" if isinstance(verifier, GroupVerifier) else "pair of drafts"


@dataclass(frozen=True)
class Method(Generic[C, S]):
    """One published method. `cost` is calls per item as a formula, `chain` the longest row of calls that wait."""

    name: str
    title: str
    paper: str
    roles: Mapping[str, str]
    signal: Signal
    cost: str
    chain: str
    prompts: tuple[str, ...]
    config: type[C]
    build: Callable[[Roles, C], Graph[S]]
    kinds: frozenset[str] = field(default_factory=frozenset)
    """The kinds of task it takes; empty for any."""
    draft: Literal["needed", "written"] = "written"
    """Whether a task must bring a draft, or the method writes one where it brings none."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Who plays a role unless somebody else is named, as a string: a verifier for what no language model can judge."""

    def objection(self, task: Task) -> Failure | None:
        """Why this method cannot take `task`, if so."""
        if self.kinds and task.kind not in self.kinds:
            wanted = " or ".join(sorted(self.kinds))
            return Failure(cause="wrong_kind", message=f"{self.name} takes a {wanted} task, not a {task.kind} task")
        if self.draft == "needed" and task.draft is None:
            return Failure(cause="no_draft", message=f"{self.name} corrects a given draft, and this task brings none")
        return None
