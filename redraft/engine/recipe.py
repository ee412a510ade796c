"""What a run is made of, in words: from it a workflow can be built anywhere, and two runs can be told apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from redraft.agents.prompt import text_of
from redraft.graphs.catalogue import find
from redraft.graphs.method import Settings
from redraft.graphs.workflow import Workflow, workflow
from redraft.models.base import ChatModel
from redraft.models.budget import Budget

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider


@dataclass(frozen=True)
class Recipe:
    """A method by name, its configuration, and who plays the roles, as strings. Plain data: it can be sent to another
    process."""

    method: str
    config: Settings
    model: str = "local"
    roles: Mapping[str, str] = field(default_factory=dict)
    prompts: Path | None = None

    def build(
        self,
        store: Path | None = None,
        limit: int | None = None,
        budget: Budget | None = None,
        patience: float = 600.0,
        wrapping: Callable[[ChatModel], ChatModel] | None = None,
        trace: bool | TracerProvider = False,
    ) -> Workflow:
        """The workflow; see `redraft.workflow` for what it may raise."""
        return workflow(
            self.method,
            self.model,
            config=self.config,
            roles=self.roles,
            prompts=self.prompts,
            store=store,
            limit=limit,
            budget=budget,
            patience=patience,
            wrapping=wrapping,
            trace=trace,
        )

    def described(self) -> dict[str, JsonValue]:
        """Everything that decides what the run's records say, but for the input."""
        method = find(self.method)
        prompts = {name: sha256(text_of(name, self.prompts).encode()).hexdigest()[:16] for name in method.prompts}
        return {
            "method": self.method,
            "model": self.model,
            **{f"role {role}": model for role, model in sorted(self.roles.items())},
            **{f"config {key}": value for key, value in self.config.model_dump(mode="json").items()},
            **{f"prompt {name}": hash for name, hash in prompts.items()},
        }
