"""The static check of graphs, the accounts that nodes keep, and the parts that methods share."""

import asyncio
import operator
from typing import Annotated

import pytest

from redraft import ConfigError, Draft, StopReason, TextTask, Usage
from redraft.agents.agent import Agent
from redraft.agents.prompt import Prompt
from redraft.graphs.graph import END, START, Graph
from redraft.graphs.revise import accept_or_keep, outcome
from redraft.graphs.state import State, to_result
from redraft.models.base import Sampling
from redraft.models.scripted import Scripted
from redraft.schema import Failure, Unparsed


class Count(State, total=False):
    count: Annotated[int, operator.add]


async def work(state: Count) -> Count:
    return {"count": 1}


async def rest(state: Count) -> Count:
    return {"count": 0}


async def test_a_loop_ends_at_its_bound_whatever_the_rule_says() -> None:
    graph = Graph(Count)
    graph.nodes(work)
    graph.chain(START, "work")
    graph.loop("work", lambda state: True, back_to="work", at_most=7)
    state = await graph.compile("seven").ainvoke({"task": TextTask(text="t")})
    assert state["count"] == 7
    assert state["steps"] == ["work"] * 7


def test_a_loop_without_rounds_is_refused() -> None:
    with pytest.raises(ConfigError, match="needs a bound of 1 or more"):
        Graph(Count).loop("work", lambda state: True, back_to="work", at_most=0)


def test_a_node_that_nothing_leads_to_is_refused() -> None:
    graph = Graph(Count)
    graph.nodes(work, rest)
    graph.chain(START, "work", END)
    graph.chain("rest", END)
    with pytest.raises(ConfigError, match="nothing leads to rest"):
        graph.compile("g")


def test_a_node_without_a_way_out_is_refused() -> None:
    graph = Graph(Count)
    graph.nodes(work, rest)
    graph.chain(START, "work")
    graph.branch("work", lambda state: END, "rest", END)
    with pytest.raises(ConfigError, match="no way out of rest"):
        graph.compile("g")


def test_a_cycle_drawn_without_a_bound_is_refused() -> None:
    graph = Graph(Count)
    graph.nodes(work, rest)
    graph.chain(START, "work", "rest")
    graph.branch("rest", lambda state: "work", "work", END)
    with pytest.raises(ConfigError, match="no bound"):
        graph.compile("g")


async def test_every_call_made_in_a_node_is_accounted_for_even_in_a_fan_out() -> None:
    agent = Agent("critic", Scripted(lambda request: "ok"), Prompt.parse("p", "[user]\nhi"), str, Sampling())

    async def fan(state: Count) -> Count:
        await asyncio.gather(*(agent() for _ in range(5)))
        return {}

    graph = Graph(Count)
    graph.nodes(fan)
    graph.chain(START, "fan", END)
    result = to_result(await graph.compile("g").ainvoke({"task": TextTask(text="t")}))
    assert result.usage_by_role == {"critic": Usage(calls=5, prompt_tokens=5, completion_tokens=5)}


@pytest.mark.parametrize(
    ("after", "stop"),
    [
        (Draft(text="a", node="x"), StopReason.UNCHANGED),
        (Draft(text="b", node="x"), StopReason.ACCEPTED),
        (Unparsed(raw="", reason="r"), StopReason.UNPARSED),
        (Failure(cause="unreachable", message="m"), StopReason.FAILED),
        (Failure(cause="budget_spent", message="m"), StopReason.BUDGET),
    ],
)
async def test_a_revision_says_why_it_ends_a_method(after: Draft | Unparsed | Failure, stop: StopReason) -> None:
    revision = await accept_or_keep(TextTask(text="t"), Draft(text="a", node="x"), after, verifier=None)
    assert outcome(revision) is stop
    assert revision.accepted == (stop is StopReason.ACCEPTED)
