"""One side of a comparison: a method with its settings and players under a label, and how it is built and described."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from redraft.agents.prompt import text_of
from redraft.errors import ConfigError
from redraft.evaluation.lending import Lender
from redraft.graphs.catalogue import find
from redraft.graphs.method import FUNCTIONS, Method, Settings
from redraft.graphs.workflow import AnyPlayer, Workflow, configure, workflow
from redraft.models.base import ChatModel
from redraft.verifiers.open import find_kind

LABEL = re.compile(r"\w[\w.+-]*")
"""What a user may call a method: it is a file's name too, and controls have an `@` in theirs."""


@dataclass(frozen=True)
class Players:
    """Who plays: `model` every role but those of `roles` (`ROLE`, or `LABEL.ROLE` for one method); edited `prompts`."""

    model: str | ChatModel = "local"
    roles: Mapping[str, str] | None = None
    prompts: Path | None = None

    def of(self, label: str, method: Method[Any, Any]) -> dict[str, str]:
        """The roles of `method` that are named, those for its label going first."""
        given = self.roles or {}
        own = {key.removeprefix(f"{label}."): who for key, who in given.items() if key.startswith(f"{label}.")}
        return {role: who for role, who in {**given, **own}.items() if role in method.roles}

    def unused(self, contenders: Mapping[str, Method[Any, Any]]) -> list[str]:
        """The roles that are named and that no method has."""
        used = {
            key for label, method in contenders.items() for role in method.roles for key in (role, f"{label}.{role}")
        }
        return sorted(set(self.roles or {}) - used)


@dataclass(frozen=True)
class Contender:
    """A method ready to be run. `chosen` plays the roles that `players` leaves open."""

    label: str
    method: Method[Any, Any]
    config: Settings
    players: Players
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def roles(self) -> dict[str, str]:
        """Who plays the roles that are named."""
        return {**self.chosen, **self.players.of(self.label.partition("@")[0], self.method)}

    def labelled(self, label: str) -> Contender:
        """The same under another label."""
        return replace(self, label=label)

    def build(self, lender: Lender) -> Workflow:
        """The workflow, over models of `lender`. Raises as `redraft.workflow` does."""
        roles: dict[str, AnyPlayer] = {
            role: who if find_kind(who) or role.rpartition(".")[2] == FUNCTIONS else lender.of(who)
            for role, who in self.roles.items()
        }
        return workflow(
            self.method,
            lender.of(self.players.model),
            config=self.config,
            roles=roles,
            prompts=self.players.prompts,
            wrapping=lender.wrap,
        )

    def described(self) -> dict[str, JsonValue]:
        """Everything that decides what its records say, but for the input."""
        model = self.players.model
        prompts = {name: text_of(name, self.players.prompts).encode() for name in self.method.prompts}
        return {
            "method": self.method.name,
            "model": model if isinstance(model, str) else model.name,
            **{f"role {role}": who for role, who in sorted(self.roles.items())},
            **{f"config {key}": value for key, value in self.config.model_dump(mode="json").items()},
            **{f"prompt {name}": sha256(text).hexdigest()[:16] for name, text in prompts.items()},
        }


def contenders(
    methods: Mapping[str, str | Method[Any, Any]],
    settings: Mapping[str, Mapping[str, object]],
    players: Players,
) -> list[Contender]:
    """`methods` by label, each with its `settings` by label. Raises ConfigError for a label or setting of no use."""
    made: list[Contender] = []
    for label, method in methods.items():
        if not LABEL.fullmatch(label):
            raise ConfigError(f"{label!r} cannot be a label: it is a file's name too, of letters, digits and . + -")
        found = find(method) if isinstance(method, str) else method
        made.append(Contender(label, found, configure(found, settings.get(label, {})), players))
    return made
