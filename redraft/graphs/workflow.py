"""A workflow: a method with its models, ready to run. What an application embeds.

One task at a time belongs here; many at once belong to `redraft.engine`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import RunnableConfig
from langgraph.types import Checkpointer, Command, Durability
from pydantic import ValidationError

from redraft.errors import ConfigError, MissingExtra
from redraft.graphs.catalogue import find
from redraft.graphs.graph import Compiled
from redraft.graphs.method import FUNCTIONS, Method, Player, Roles, Settings
from redraft.graphs.state import State, to_result
from redraft.graphs.sync import wait_for
from redraft.graphs.threads import INTERRUPT, Threads
from redraft.graphs.walk import Walker
from redraft.models.base import ChatModel, is_chat_model
from redraft.models.budget import Budget
from redraft.models.open import open_model, wrap
from redraft.models.wrapper import Connects
from redraft.schema import Call, Draft, Finding, Noun, Result, Revision, StopReason, Task
from redraft.tools.functions.catalogue import Catalogue
from redraft.tools.functions.source import AnyFunctions, Functions, open_functions
from redraft.verifiers.base import AnyVerifier
from redraft.verifiers.open import open_verifier
from redraft.verifiers.person import Answer, Person, Question

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider

    from redraft.graphs.tracing import Tracing

AnyModel = str | ChatModel | BaseChatModel
AnyPlayer = AnyModel | AnyVerifier | AnyFunctions


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
        self,
        method: Method[Any, Any],
        config: Settings,
        roles: Roles,
        checkpointer: Checkpointer = None,
        models: Sequence[ChatModel] = (),
    ) -> None:
        self.method = method
        self.config = config
        self.models = models
        """Every model that was wrapped for it: those that play a role, and those that its verifiers ask."""
        self._roles = roles
        drawn = method.build(roles, config)
        self.graph: Compiled[State] = drawn.compile(method.name, checkpointer, roles.tracing)
        self._walker = None if checkpointer else drawn.walker()
        self._threads = Threads(self.graph)
        if not checkpointer and any(isinstance(player, Person) for player in self.players.values()):
            raise ConfigError("a person answers later, so the run must be kept: workflow(..., checkpointer=SAVER)")

    @property
    def name(self) -> str:
        """The method's name."""
        return self.method.name

    @property
    def players(self) -> Mapping[str, Player]:
        """Who plays each role."""
        return self._roles.players

    async def arun(self, task: Task, thread: str | None = None) -> Result:
        """Run one task. What goes wrong with it is in the result (`stop`, `errors`, `unparsed`), not raised.

        With a checkpointer the run is kept under the name `thread`, which must be new: when it pauses for a person
        (`stop` is then `paused`, `final` the best draft so far), ends, or is ended by an exception. Raises ConfigError
        for a thread without a checkpointer and the other way round.
        """
        config = await self._threads.start(thread)
        return await self._traced(self._run(task, config), thread)

    async def _run(self, task: Task, config: RunnableConfig | None) -> Result:
        if objection := self.method.objection(task):
            return Result(final=None, stop=StopReason.FAILED, errors=(objection,))
        return await self._invoke({"task": task}, config)

    def _traced(self, work: Awaitable[Result], thread: str | None = None) -> Awaitable[Result]:
        return self._roles.tracing.run(self.name, work, thread) if self._roles.tracing else work

    async def awalk(self, task: Task) -> Result:
        """`arun` without LangGraph's loop, where that can be: the same nodes and the same result for far less processor
        time, but no callbacks and no checkpoints. This is how the engine runs its items.
        """
        if not self._walker or self.method.objection(task):
            return await self.arun(task)
        return await self._traced(self._walk(self._walker, task))

    async def _walk(self, walker: Walker[State], task: Task) -> Result:
        return to_result(await walker({"task": task}))

    def run(self, task: Task, thread: str | None = None) -> Result:
        """`arun` for blocking code."""
        return wait_for(self.arun, task, thread)

    async def pending(self, thread: str) -> tuple[Question, ...]:
        """What the run in `thread` waits to be told; nothing where it has ended. Raises ConfigError as `aresume`."""
        return self._threads.questions(await self._threads.at(thread))

    async def aresume(self, thread: str, answer: Answer | None = None) -> Result:
        """Answer the first question that `thread` waits for, and go on to the next one or to the end.

        The node that asked runs again from its start. Its model calls come from the response store where there is one
        (`store`); else they are made again, and if that brings another draft, the person is asked about that one.
        Without an answer: what a paused or finished run has come to, and a run that an exception ended goes on.

        Raises ConfigError for a thread that is not there, is another method's, or does not wait for this answer.
        """
        snapshot = await self._threads.at(thread)
        if answer is None and (snapshot.interrupts or not snapshot.next):
            return to_result(cast(State, snapshot.values), paused=bool(snapshot.interrupts))
        return await self._traced(self._invoke(*self._threads.go_on(thread, snapshot, answer)), thread)

    def resume(self, thread: str, answer: Answer | None = None) -> Result:
        """`aresume` for blocking code."""
        return wait_for(self.aresume, thread, answer)

    async def _invoke(self, given: State | Command[str] | None, config: RunnableConfig | None) -> Result:
        values = await self.graph.ainvoke(given, config, durability="exit" if config else None)
        return to_result(cast(State, values), paused=INTERRUPT in values)

    def astream(self, task: Task, thread: str | None = None) -> AsyncIterator[Step | Result]:
        """Run one task, as `arun` does, and tell of each node as it ends; the last event is the result."""
        steps = self._stream(task, thread)
        return self._roles.tracing.steps(self.name, steps, thread) if self._roles.tracing else steps

    async def _stream(self, task: Task, thread: str | None) -> AsyncGenerator[Step | Result, None]:
        config = await self._threads.start(thread)
        if objection := self.method.objection(task):
            yield Result(final=None, stop=StopReason.FAILED, errors=(objection,))
            return
        state: State = {}
        final: Draft | None = None
        paused = False
        durability: Durability | None = "exit" if config else None
        async for mode, event in self.graph.astream(
            {"task": task}, config, stream_mode=["updates", "values"], durability=durability
        ):
            if INTERRUPT in event:
                paused = True
            elif mode == "values":
                state = cast(State, event)
            else:
                for node, update in cast("dict[str, State]", event).items():
                    final = update.get("final", final)
                    added = {key: value for key, value in update.items() if key in Step.model_fields}
                    yield Step.model_validate({**added, "node": node, "final": final})
        yield to_result(state, paused)

    async def connect(self) -> None:
        """Load and reach every model now, so that a fault shows before the first task."""
        players: list[object] = list(unique(self.players.values()))
        for player in players:
            if isinstance(player, Connects):
                await player.connect()

    async def aclose(self) -> None:
        """Let go of every model and verifier."""
        for player in (*unique(self.players.values()), *self._roles.owned):
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
    functions: AnyFunctions | None = None,
    prompts: str | Path | None = None,
    store: str | Path | None = None,
    limit: int | None = None,
    budget: Budget | None = None,
    patience: float = 600.0,
    wrapping: Callable[[ChatModel], ChatModel] | None = None,
    checkpointer: Checkpointer = None,
    trace: bool | TracerProvider = False,
    **settings: object,
) -> Workflow:
    """Build a workflow.

    `method` is a name (`mqm-ape`, `tear`), several in a row (`cove+self-refine`) or a `Method` of your own. `model`
    plays every role but those named in `roles` or by the method's `defaults`; each is a model string (`local`,
    `vllm:ID`, `http://localhost:8000/v1#NAME`), a `ChatModel`, a LangChain chat model, or for a verifier's role a
    verifier (or `comet`, `chrf:FILE`). `functions` play the role of that name in a method that calls any: Python
    functions, a `Catalogue`, or a string (`python:FILE.py`, `mcp:COMMAND`, `http://localhost:8000/mcp`). Python runs in
    this process, so name only what you trust; an MCP server is started on first use and stopped by `aclose`.

    `prompts` is a folder with edited prompts, `store` the file of the response store (none: nothing is kept), `limit`
    the most chats in flight per model (none: as many as it works on), `patience` the seconds that a server which is
    down is waited for; `wrapping` wraps each model in place of these four. `config` is the method's `Config`; or give
    its fields as `settings`, one or the other.

    `checkpointer` is any of LangGraph's: it keeps runs by the name of their thread. `person` as verifier needs one.
    `trace` makes OpenTelemetry spans of runs, nodes and chats, with the application's provider (True) or the one given.

    Raises ConfigError (what is wrong, and what there is instead); MissingExtra where a backend is not installed.
    """
    chosen = find(method) if isinstance(method, str) else method
    if config is not None and settings:
        raise ConfigError(f"give config or settings, not both: {', '.join(settings)} would be left out")
    roles = {**(roles or {}), **({} if functions is None else {FUNCTIONS: functions})}
    if unknown := sorted(set(roles) - set(chosen.roles)):
        raise ConfigError(f"{chosen.name} has no role {', '.join(unknown)}; it has {', '.join(chosen.roles)}")
    folder = Path(prompts) if prompts else None
    if folder and not folder.is_dir():
        raise ConfigError(f"there is no folder of prompts {folder}")

    wrap_one = wrapping or partial(
        wrap, store=Path(store) if store else None, limit=limit, budget=budget, patience=patience
    )
    models: list[ChatModel] = []

    def wrapped(model: ChatModel) -> ChatModel:
        models.append(wrap_one(model))
        return models[-1]

    named: dict[str, AnyPlayer | None] = {}
    for role in chosen.roles:
        # `cove.critic` is the critic of one stage of a row, and `critic` that of all.
        general = role.rpartition(".")[2]
        shared = roles.get(general, chosen.defaults.get(role, None if general == FUNCTIONS else model))
        named[role] = roles.get(role, shared)
    opened: dict[object, Player] = {}

    def player(role: str, who: AnyPlayer | None) -> Player:
        functions = role.rpartition(".")[2] == FUNCTIONS
        key: object = functions, who if isinstance(who, str) else id(who)
        if key not in opened:
            opened[key] = _functions(role, who) if functions else _player(role, who, wrapped)
        return opened[key]

    return Workflow(
        chosen,
        config or configure(chosen, settings),
        Roles({role: player(role, who) for role, who in named.items()}, folder, _tracing(trace)),
        checkpointer,
        models,
    )


def _tracing(trace: bool | TracerProvider) -> Tracing | None:
    if not trace:
        return None
    try:
        from redraft.graphs.tracing import Tracing
    except ImportError as error:
        raise MissingExtra("OpenTelemetry", "telemetry") from error
    return Tracing(None if isinstance(trace, bool) else trace)


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


def _functions(role: str, who: AnyPlayer | None) -> Functions:
    if who is None or isinstance(who, (str, Functions, Catalogue, Sequence)):
        return open_functions(who)
    raise ConfigError(f"the role {role} needs functions, not a {type(who).__name__}")


def _player(role: str, who: AnyPlayer | None, wrapping: Callable[[ChatModel], ChatModel]) -> Player:
    if who is None or (isinstance(who, (Functions, Catalogue, Sequence)) and not isinstance(who, str)):
        raise ConfigError(f"the role {role} is played by a model or a verifier, not by functions")
    player: AnyModel | AnyVerifier
    if isinstance(who, str):
        player = open_verifier(who, lambda spec: wrapping(open_model(spec))) or open_model(who)
    else:
        player = who
    if isinstance(player, BaseChatModel):
        from redraft.models.langchain import LangChainModel

        player = LangChainModel(player)
    if is_chat_model(player):
        return wrapping(player)
    return player
