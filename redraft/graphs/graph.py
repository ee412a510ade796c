"""How methods put graphs together: LangGraph's `StateGraph`, with the accounts kept and the shape checked.

Every node runs inside a ledger, so what its calls cost is in the state; every loop has a bound, declared where it is
drawn. `compile` refuses a graph that could run for ever or holds a node that nothing leads to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Checkpointer

from redraft.agents.ledger import ledger
from redraft.errors import ConfigError
from redraft.graphs.checkpoints import knowing
from redraft.graphs.state import State
from redraft.graphs.walk import Node, Walker, Way

if TYPE_CHECKING:
    from redraft.graphs.tracing import Tracing

S = TypeVar("S", bound=State)
Compiled = CompiledStateGraph[S, None, S, S]
Edge = tuple[str, str]


class Graph(Generic[S]):
    """A graph under construction. Nodes are async functions from the state to what they change in it."""

    def __init__(self, state: type[S]) -> None:
        self._graph = StateGraph(state)
        self._edges: set[Edge] = set()
        self._bounded: set[Edge] = set()
        self._state = state
        self._functions: dict[str, Node[S]] = {}
        self._ways: dict[str, list[Way]] = defaultdict(list)
        self._tracing: Tracing | None = None

    def nodes(self, *functions: Node[S]) -> None:
        """Add a node for each function, under the function's name."""
        for function in functions:
            name = function.__name__
            self._functions[name] = self._accounted(function)
            self._graph.add_node(name, self._functions[name])

    def chain(self, *names: str) -> None:
        """Draw an edge from each node to the next."""
        for source, target in pairwise(names):
            self._edges.add((source, target))
            self._graph.add_edge(source, target)
            self._ways[source].append(target)

    def branch(self, source: str, choose: Callable[[S], str], *targets: str) -> None:
        """After `source`, go where `choose` says, which is one of `targets`."""
        self._edges.update((source, target) for target in targets)
        self._graph.add_conditional_edges(source, choose, list(targets))
        self._ways[source].append(choose)

    def loop(self, source: str, again: Callable[[S], bool], back_to: str, at_most: int, done: str = END) -> None:
        """After `source`, go back to `back_to` while `again` says so and `source` has run less than `at_most` times."""
        if at_most < 1:
            raise ConfigError(f"the loop from {source} to {back_to} needs a bound of 1 or more, not {at_most}")

        def choose(state: S) -> str:
            return back_to if again(state) and state["steps"].count(source) < at_most else done

        self.branch(source, choose, back_to, done)
        self._bounded.add((source, back_to))

    def compile(self, name: str, checkpointer: Checkpointer = None, tracing: Tracing | None = None) -> Compiled[S]:
        """Check the shape and compile; with `tracing` each node has a span.

        Raises ConfigError for a node that cannot be reached or cannot end, and for a cycle without a bound.
        """
        nodes = {START, END, *self._functions}
        if missing := nodes - _reached(START, self._edges):
            raise ConfigError(f"graph {name}: nothing leads to {', '.join(sorted(missing))}")
        if stuck := nodes - _reached(END, {(target, source) for source, target in self._edges}):
            raise ConfigError(f"graph {name}: no way out of {', '.join(sorted(stuck))}")
        order = TopologicalSorter[str]()
        for source, target in self._edges - self._bounded:
            order.add(target, source)
        try:
            order.prepare()
        except CycleError as error:
            cycle = " -> ".join(error.args[1])
            raise ConfigError(f"graph {name}: the cycle {cycle} has no bound; draw its way back with loop()") from error
        self._tracing = tracing
        return self._graph.compile(checkpointer=knowing(checkpointer, self._graph.state_schema), name=name)

    def walker(self) -> Walker[S] | None:
        """What runs the graph without LangGraph's loop; None for a graph in which nodes run side by side."""
        if any(len(ways) > 1 for ways in self._ways.values()):
            return None
        return Walker(self._state, self._functions, {source: way for source, (way,) in self._ways.items()})

    def _accounted(self, function: Node[S]) -> Node[S]:
        name = function.__name__

        async def node(state: S) -> S:
            with ledger() as calls:
                work = function(state)
                update = await (self._tracing.node(name, work) if self._tracing else work)
            made = cast(State, update).get("calls", [])
            return cast(S, {**update, "calls": [*made, *calls()], "steps": [name]})

        return node


def _reached(start: str, edges: Iterable[Edge]) -> set[str]:
    """The nodes to which edges lead from `start`, and `start`."""
    targets: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        targets[source].append(target)
    reached, todo = {start}, [start]
    while todo:
        new = set(targets[todo.pop()]) - reached
        reached |= new
        todo += new
    return reached
