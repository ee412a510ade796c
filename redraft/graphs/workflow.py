"""A workflow: a method with its models, ready to run. What an application embeds.

One task at a time belongs here; many at once belong to `redraft.engine`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from langchain_core.language_models import BaseChatModel
from langgraph.types import Checkpointer
from pydantic import ValidationError

from redraft.errors import ConfigError
from redraft.graphs.catalogue import find
from redraft.graphs.graph import Compiled
from redraft.graphs.method import Method, Player, Roles, Settings
from redraft.graphs.state import State, to_result
from redraft.graphs.sync import wait_for
from redraft.models.base import ChatModel, is_chat_model
from redraft.models.budget import Budget
from redraft.models.open import open_model, wrap
from redraft.models.wrapper import Connects
from redraft.schema import Call, Draft, Finding, Noun, Result, Revision, StopReason, Task
from redraft.verifiers.base import PairVerifier, Verifier
from redraft.verifiers.open import open_verifier

AnyModel = str | ChatModel | BaseChatModel
AnyPlayer = AnyModel | Verifier | PairVerifier


class Step(Noun):
    """One node has run: what it added to the record, and `final`, the draft that stands after it."""

    node: str
    final: Draft | None = None
    findings: tuple[Finding, ...] = ()
    drafts: tuple[Draft, ...] = ()
    revisions: tuple[Revision, ...] = ()
    calls: tuple[Call, ...] = ()
    stop: StopReason | None = None


class Workflow:
    """A method over its models. Safe for any number of tasks at once in one event loop.

    `graph` is the compiled LangGraph graph: stream it, draw it, give it a checkpointer, make it a part of another.
    """

    def __init__(
        self, method: Method[Any, Any], config: Settings, roles: Roles, checkpointer: Checkpointer = None
    ) -> None:
        self.method = method
        self.config = config
        self._roles = roles
        self.graph: Compiled[State] = method.build(roles, config).compile(method.name, checkpointer)

    @property
    def name(self) -> str:
        """The method's name."""
        return self.method.name

    @property
    def players(self) -> Mapping[str, Player]:
        """Who plays each role."""
        return self._roles.players

    async def arun(self, task: Task) -> Result:
        """Run one task. What goes wrong with it is in the result (`stop`, `errors`, `unparsed`), not raised."""
        if objection := self.method.objection(task):
            return Result(final=None, stop=StopReason.FAILED, errors=(objection,))
        return to_result(cast(State, await self.graph.ainvoke({"task": task})))

    def run(self, task: Task) -> Result:
        """`arun` for blocking code."""
        return wait_for(self.arun, task)

    async def astream(self, task: Task) -> AsyncIterator[Step | Result]:
        """Run one task and tell of each node as it ends; the last event is the result."""
        if objection := self.method.objection(task):
            yield Result(final=None, stop=StopReason.FAILED, errors=(objection,))
            return
        state: State = {}
        final: Draft | None = None
        async for mode, event in self.graph.astream({"task": task}, stream_mode=["updates", "values"]):
            if mode == "values":
                state = cast(State, event)
            else:
                for node, update in cast("dict[str, State]", event).items():
                    final = update.get("final", final)
                    added = {key: value for key, value in update.items() if key in Step.model_fields}
                    yield Step.model_validate({**added, "node": node, "final": final})
        yield to_result(state)

    async def connect(self) -> None:
        """Load and reach every model now, so that a fault shows before the first task."""
        for player in unique(self.players.values()):
            if isinstance(player, Connects):
                await player.connect()

    async def aclose(self) -> None:
        """Let go of every model and verifier."""
        for player in unique(self.players.values()):
            await player.aclose()

    def close(self) -> None:
        """`aclose` for blocking code."""
        wait_for(self.aclose)

    def __enter__(self) -> Workflow:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Workflow:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def unique(players: Iterable[Player]) -> list[Player]:
    """Each player once: one model often plays several roles."""
    return list({id(player): player for player in players}.values())


def workflow(
    method: str | Method[Any, Any],
    model: AnyModel = "local",
    *,
    config: Settings | None = None,
    roles: Mapping[str, AnyPlayer] | None = None,
    prompts: str | Path | None = None,
    store: str | Path | None = None,
    limit: int | None = None,
    budget: Budget | None = None,
    checkpointer: Checkpointer = None,
    **settings: object,
) -> Workflow:
    """Build a workflow.

    `method` is a name (`mqm-ape`, `tear`, `self-refine`) or a `Method` of your own. `model` plays every role but those
    named in `roles`; each is a model string (`local`, `vllm:ID`, `http://localhost:8000/v1#NAME`), a `ChatModel`, a
    LangChain chat model, or for a verifier's role a verifier (or `comet`, `chrf:FILE`). `prompts` is a folder with
    edited prompts, `store` the file of the response store (none: nothing is kept), `limit` the most chats in flight per
    model. `config` is the method's `Config`; or give its fields as `settings`.

    Raises ConfigError (what is wrong, and what there is instead); MissingExtra where a backend is not installed.
    """
    chosen = find(method) if isinstance(method, str) else method
    roles = roles or {}
    if unknown := sorted(set(roles) - set(chosen.roles)):
        raise ConfigError(f"{chosen.name} has no role {', '.join(unknown)}; it has {', '.join(chosen.roles)}")
    folder = Path(prompts) if prompts else None
    if folder and not folder.is_dir():
        raise ConfigError(f"there is no folder of prompts {folder}")

    opened: dict[object, Player] = {}

    def player(who: AnyPlayer) -> Player:
        key: object = who if isinstance(who, str) else id(who)
        if key not in opened:
            opened[key] = _player(who, store=Path(store) if store else None, limit=limit, budget=budget)
        return opened[key]

    return Workflow(
        chosen,
        config or configure(chosen, settings),
        Roles({role: player(roles.get(role, model)) for role in chosen.roles}, folder),
        checkpointer,
    )


def configure(method: Method[Any, Any], settings: Mapping[str, object]) -> Settings:
    """The method's `Config` with `settings`. Raises ConfigError naming the setting at fault."""
    try:
        return cast(Settings, method.config.model_validate(settings))
    except ValidationError as error:
        fault = error.errors()[0]
        name = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            known = ", ".join(method.config.model_fields)
            raise ConfigError(f"{method.name} has no setting {name!r}; it has {known}") from error
        where = f"setting {name}: " if name else ""
        raise ConfigError(f"{method.name}: {where}{fault['msg'].removeprefix('Value error, ')}") from error


def _player(who: AnyPlayer, store: Path | None, limit: int | None, budget: Budget | None) -> Player:
    player = (open_verifier(who) or open_model(who)) if isinstance(who, str) else who
    if isinstance(player, BaseChatModel):
        from redraft.models.langchain import LangChainModel

        player = LangChainModel(player)
    if is_chat_model(player):
        return wrap(player, store=store, limit=limit, budget=budget)
    return player
