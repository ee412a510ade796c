"""Bare LangGraph: a StateGraph of three nodes and two edges, no checkpointer, no tracing; the prompts are f-strings."""

import asyncio
from typing import TypedDict

import measure
from langgraph.graph import END, START, StateGraph


class State(TypedDict, total=False):
    task: str
    draft: str
    review: str


def run(numbers: range, concurrency: int) -> int:
    """Generate, critique, refine."""
    calls = 0

    async def model(prompt: str, reply: str) -> str:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0)
        return reply

    async def generate(state: State) -> State:
        return {"draft": await model(state["task"], measure.DRAFT)}

    async def critique(state: State) -> State:
        return {"review": await model(f"{state['task']}\n{state['draft']}", measure.REVIEW)}

    async def refine(state: State) -> State:
        prompt = f"{state['task']}\n{state['draft']}\n{state['review']}"
        return {"draft": await model(prompt, measure.BETTER)}

    graph = StateGraph(State)
    for node in (generate, critique, refine):
        graph.add_node(node)
    for source, target in ((START, "generate"), ("generate", "critique"), ("critique", "refine"), ("refine", END)):
        graph.add_edge(source, target)
    compiled = graph.compile()
    left = iter(numbers)

    async def worker() -> None:
        for number in left:
            await compiled.ainvoke({"task": measure.question(number)})

    async def together() -> None:
        await asyncio.gather(*(worker() for _ in range(concurrency)))

    asyncio.run(together())
    return calls


if __name__ == "__main__":
    measure.main("langgraph", run)
