"""The same graph without LangGraph's loop, for the engine: node after node, as the edges say.

LangGraph spends about half a millisecond a node on what a run over many items does not use (channels, callbacks,
streaming, checkpoints), which at thousands of calls a second is most of the time. Only for graphs in which one node
follows another; one that forks runs in LangGraph.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar, cast, get_type_hints

from langgraph.graph import END, START

from redraft.graphs.state import State

S = TypeVar("S", bound=State)

Way = str | Callable[[Any], str]
"""The node that comes next, or what chooses it by the state."""


class Node(Protocol[S]):
    """An async function from the state to what it changes in it; its name is the node's."""

    __name__: str

    def __call__(self, state: S) -> Awaitable[S]: ...


class Walker(Generic[S]):
    """Runs `nodes` from START to END along `ways`, updating the state as LangGraph does by its annotations."""

    def __init__(self, state: type[S], nodes: Mapping[str, Node[S]], ways: Mapping[str, Way]) -> None:
        hints = get_type_hints(state, include_extras=True)
        self._keys = frozenset(hints)
        self._adds = {key: hint.__metadata__[0] for key, hint in hints.items() if hasattr(hint, "__metadata__")}
        self._nodes = nodes
        self._ways = ways

    async def __call__(self, given: S) -> S:
        state: dict[str, object] = {**{key: [] for key in self._adds}, **given}
        at = self._next(START, state)
        while at != END:
            for key, value in (await self._nodes[at](cast(S, state.copy()))).items():
                if key in self._keys:
                    state[key] = self._adds[key](state[key], value) if key in self._adds else value
            at = self._next(at, state)
        return cast(S, state)

    def _next(self, at: str, state: Mapping[str, object]) -> str:
        way = self._ways[at]
        return way if isinstance(way, str) else way(state)
