"""Methods one after the other, as one method: the final draft of each is the draft that the next one starts from.

CorrectBench (arXiv 2510.16062) calls such a row a mixture: Base -> S1 -> S2. Each method is one stage, a node of its
own, and none of them knows of the others: a stage sees the task and the draft, and keeps its own state, rounds and stop
rule. What they did stands in one `Result`, in order: drafts, revisions, verdicts, findings, calls, and why each stage
ended (`Result.stages`); a draft's node and a score's name begin with the stage (`cove/final`).

A stage that ends without a better draft hands on the one it had; a row ends early only where there is no draft at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from langgraph.graph import END, START
from pydantic import create_model, model_validator

from redraft.errors import ConfigError
from redraft.graphs.graph import Graph
from redraft.graphs.method import Method, Roles, Settings
from redraft.graphs.state import State, stronger
from redraft.schema import Draft, Revision, StopReason


class Stages(Settings):
    """Base of a row's settings: those of each stage under its name, also given as `STAGE.SETTING`."""

    @model_validator(mode="before")
    @classmethod
    def _nested(cls, given: object) -> object:
        if not isinstance(given, Mapping):
            return given
        nested: dict[str, object] = {}
        for key, value in given.items():
            stage, dot, name = str(key).partition(".")
            under = nested.get(stage, {})
            nested[stage] = {**under, name: value} if dot and isinstance(under, dict) else value
        return nested


def in_row(methods: Sequence[Method[Any, Any]]) -> Method[Any, Any]:
    """The row of `methods`. A method that comes again has a number: `rci`, `rci-2`.

    A role is played for all stages (`critic`) or for one (`cove.critic`), which goes first. Raises ConfigError where
    there is no stage, and where no kind of task suits them all.
    """
    if not methods:
        raise ConfigError("a row of methods needs at least one")
    named = _named(methods)
    limited = [method.kinds for method in methods if method.kinds]
    kinds = frozenset.intersection(*limited) if limited else frozenset[str]()
    if limited and not kinds:
        takes = "; ".join(
            f"{name}: {', '.join(sorted(method.kinds))}" for name, method in named.items() if method.kinds
        )
        raise ConfigError(f"no kind of task suits every stage ({takes})")
    fields: dict[str, Any] = {name: (method.config, method.config()) for name, method in named.items()}
    title = " -> ".join(method.title for method in methods)
    return Method(
        name="+".join(method.name for method in methods),
        title=title,
        paper="; ".join(dict.fromkeys(method.paper for method in methods)),
        roles=_roles(named),
        signal=stronger(method.signal for method in methods),
        cost="; ".join(f"{name}: {method.cost}" for name, method in named.items()),
        chain="; ".join(f"{name}: {method.chain}" for name, method in named.items()),
        prompts=tuple(dict.fromkeys(prompt for method in methods for prompt in method.prompts)),
        config=create_model("Config", __base__=Stages, __doc__=f"Settings of {title}.", **fields),
        build=lambda roles, config: _build(named, roles, config),
        kinds=kinds,
        draft=methods[0].draft,
        defaults={f"{name}.{role}": who for name, method in named.items() for role, who in method.defaults.items()},
    )


def _named(methods: Sequence[Method[Any, Any]]) -> dict[str, Method[Any, Any]]:
    named: dict[str, Method[Any, Any]] = {}
    for method in methods:
        again = 1 + sum(earlier.name == method.name for earlier in named.values())
        named[method.name if again == 1 else f"{method.name}-{again}"] = method
    return named


def _roles(named: Mapping[str, Method[Any, Any]]) -> dict[str, str]:
    shared: dict[str, str] = {}
    for name, method in named.items():
        for role, does in method.roles.items():
            shared[role] = f"{shared[role]}; {name}: {does}" if role in shared else f"{name}: {does}"
    return shared | {f"{name}.{role}": does for name, method in named.items() for role, does in method.roles.items()}


def _build(named: Mapping[str, Method[Any, Any]], roles: Roles, config: Settings) -> Graph[State]:
    graph = Graph(State)
    names = list(named)
    for name, method in named.items():
        players = {role: roles.players[f"{name}.{role}"] for role in method.roles}
        graph.nodes(_Stage(name, method, replace(roles, players=players), getattr(config, name)))
    graph.chain(START, names[0])
    for name, after in zip(names, [*names[1:], END], strict=True):
        graph.branch(name, _to(after), *{after, END})
    return graph


def _to(after: str) -> Callable[[State], str]:
    return lambda state: after if "final" in state else END


class _Stage:
    """One method as a node of the row."""

    def __init__(self, name: str, method: Method[Any, Any], roles: Roles, config: Settings) -> None:
        self.__name__ = name
        drawn: Graph[State] = method.build(roles, config)
        self._graph = drawn.compile(name, tracing=roles.tracing)
        self._walker = drawn.walker()

    async def __call__(self, state: State) -> State:
        task, before = state["task"], state.get("final")
        given: State = {"task": task.model_copy(update={"draft": before.text}) if before else task}
        own = await self._walker(given) if self._walker else cast(State, await self._graph.ainvoke(given))

        def mine(draft: Draft) -> Draft:
            if draft.node == "input":
                return before or draft
            return draft.model_copy(update={"node": f"{self.__name__}/{draft.node}"})

        def of_mine(revision: Revision) -> Revision:
            after = mine(revision.after) if isinstance(revision.after, Draft) else revision.after
            return revision.model_copy(update={"before": mine(revision.before), "after": after})

        stop = own.get("stop", StopReason.COMPLETED)
        update: State = {
            "stop": stop,
            "stages": {**state.get("stages", {}), self.__name__: stop},
            "findings": [*state.get("findings", []), *own.get("findings", [])],
            "scores": {
                **state.get("scores", {}),
                **{f"{self.__name__}/{key}": score for key, score in own.get("scores", {}).items()},
            },
            "drafts": [mine(draft) for draft in own["drafts"] if draft.node != "input" or not before],
            "revisions": [of_mine(revision) for revision in own["revisions"]],
            "verdicts": own["verdicts"],
            "calls": own["calls"],
        }
        return {**update, "final": mine(own["final"])} if "final" in own else update
