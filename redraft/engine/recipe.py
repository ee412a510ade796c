"""What a run is made of, in words: from it a workflow can be built anywhere, and two runs can be told apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from redraft.agents.prompt import text_of
from redraft.graphs.catalogue import find
from redraft.graphs.method import Settings
from redraft.graphs.workflow import Workflow, workflow
from redraft.models.base import ChatModel
from redraft.models.budget import Budget
from redraft.models.open import open_model
from redraft.models.wrapper import Settles

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

    async def settled(self) -> Recipe:
        """The same with a server's only model by its name, for tomorrow it may serve another. Raises a `ModelError`."""
        roles = {role: await _settled(who) for role, who in self.roles.items()}
        return replace(self, model=await _settled(self.model), roles=roles)

    def described(self) -> dict[str, JsonValue]:
        """Everything that decides what the run's records say, but for the input."""
        method = find(self.method)
        prompts = {name: _hash(text_of(name, self.prompts).encode()) for name in method.prompts}
        named = {"model": self.model, **{f"role {role}": who for role, who in sorted(self.roles.items())}}
        return {
            "method": self.method,
            **named,
            **{f"file of {key}": _hash_of(path) for key, who in named.items() if (path := _file(who))},
            **{f"config {key}": value for key, value in self.config.model_dump(mode="json").items()},
            **{f"prompt {name}": hash for name, hash in prompts.items()},
        }


async def _settled(who: str) -> str:
    if not who.startswith(("http://", "https://")) or "#" in who:
        return who
    model = open_model(who)
    try:
        return await model.settled_identity() if isinstance(model, Settles) else who
    finally:
        await model.aclose()


def _file(who: str) -> Path | None:
    """The file that a string such as `recorded:FILE` or `maths:FILE?strict=true` names, if it does."""
    path = Path(who.partition(":")[2].partition("?")[0]).expanduser()
    return path if path.is_file() else None


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()[:16]


def _hash_of(path: Path) -> str:
    """Of weights it takes seconds, and a comparison asks for it again and again."""
    stat = path.stat()
    return _hash_once(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=64)
def _hash_once(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()[:16]
