"""The engine's way through a graph and LangGraph's come to the same result, whatever the models say."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph.graph import END, START

import redraft
from redraft.graphs.graph import Graph
from redraft.graphs.state import State
from redraft.models.base import ChatRequest
from redraft.models.errors import BadRequest
from redraft.models.scripted import Reply, Scripted
from redraft.schema import Task, TextTask, TranslationTask
from redraft.tools.functions.made_library import ToolLibrary
from tests.tools.functions.made import made_tool

REPLIES: tuple[Reply, ...] = (
    'Critical:\nno-error\nMajor:\naccuracy/mistranslation - "Bank"\nMinor:\nstyle/awkward - "alte"',
    "Critical:\nno-error\nMajor:\nno-error\nMinor:\nno-error",
    "Die alte Brücke.",
    "Die alte Bank.",
    "A",
    "B",
    "Both are fine.\nVerdict: good",
    "Say more.\nVerdict: needs work",
    "",
    BadRequest("HTTP 400: no"),
)
TRANSLATION = TranslationTask(source="The old bridge.", source_lang="en", target_lang="de", draft="Die alte Bank.")
TASKS: dict[str, list[Task]] = {
    "mqm-ape": [TRANSLATION],
    "tear": [TRANSLATION, TRANSLATION.model_copy(update={"draft": None})],
    "self-refine": [TRANSLATION, TextTask(text="Praise the old bridge.")],
}
SETTINGS: dict[str, dict[str, object]] = {
    "mqm-ape": {"apply": True},
    "rarr": {"folder": Path(__file__).parent.parent.parent / "examples"},
    "tear": {"verify": True, "rounds": 3},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with one tool."""
    folder = tmp_path_factory.mktemp("made")
    ToolLibrary(folder).add(made_tool())
    return folder


@pytest.mark.parametrize("method", redraft.METHODS)
@settings(max_examples=25, deadline=None)
@given(st.integers(), st.lists(st.sampled_from(REPLIES), min_size=2, max_size=6))
def test_both_ways_give_the_same_result(method: str, made: Path, seed: int, replies: list[Reply]) -> None:
    def reply(request: ChatRequest) -> Reply:
        text = f"{seed}{request.messages}"
        return replies[sha256(text.encode()).digest()[0] % len(replies)]

    async def both(task: Task) -> None:
        chosen = {"library": made} if method == "latm" else SETTINGS.get(method, {})
        flow = redraft.workflow(method, Scripted(reply), **chosen)
        assert await flow.awalk(task) == await flow.arun(task)

    for task in TASKS.get(method, TASKS["self-refine"]):
        asyncio.run(both(task))


class Forked(State, total=False):
    left: int
    right: int


async def test_a_graph_that_forks_is_left_to_langgraph() -> None:
    async def start(state: Forked) -> Forked:
        return {}

    async def left(state: Forked) -> Forked:
        return {"left": 1}

    async def right(state: Forked) -> Forked:
        return {"right": 2}

    graph = Graph(Forked)
    graph.nodes(start, left, right)
    graph.chain(START, "start", "left", END)
    graph.chain("start", "right", END)
    assert graph.walker() is None
    state = await graph.compile("forked").ainvoke({})
    assert (state["left"], state["right"]) == (1, 2)


async def test_a_loop_ends_by_its_bound_and_unknown_keys_are_dropped() -> None:
    async def again(state: State) -> State:
        return {"scores": {"n": state.get("scores", {}).get("n", 0) + 1}, "other": 1}  # type: ignore[typeddict-unknown-key]

    graph: Graph[State] = Graph(State)
    graph.nodes(again)
    graph.chain(START, "again")
    graph.loop("again", lambda state: True, back_to="again", at_most=5)
    walker = graph.walker()
    assert walker
    state = await walker({})
    assert state["scores"] == {"n": 5}
    assert state["steps"] == ["again"] * 5
    assert "other" not in state
