"""redraft: Self-Refine with one round and everything on that `redraft run` has but the progress line: the file read,
response store, budget, retries, journal and manifest, output in order, usage. The model is instant, in this process.
Without a checkpointer a run over a file walks the graph's nodes itself (redraft/graphs/walk.py), so LangGraph's loop
costs it nothing.
"""

import asyncio
import json
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import measure

from redraft.cli.tally import Tally
from redraft.engine.files import Files, run_files
from redraft.engine.run import run_all
from redraft.engine.watch import Watcher
from redraft.graphs.workflow import workflow
from redraft.models.base import ChatRequest, ChatResponse, Completion
from redraft.models.budget import Budget
from redraft.schema import Usage


class Instant:
    """A ChatModel that knows its role by the prompt's own words."""

    name = identity = "instant"

    def __init__(self) -> None:
        self.calls = 0

    async def chat(self, request: ChatRequest) -> ChatResponse:
        self.calls += 1
        await asyncio.sleep(0)
        prompt = request.messages[-1].content
        if prompt.startswith("Do the task"):
            reply = measure.DRAFT
        elif prompt.endswith("Better answer:"):
            reply = measure.BETTER
        else:
            reply = f"{measure.REVIEW}\nVerdict: needs work"
        return ChatResponse(
            (Completion(reply, "stop"),), Usage(calls=1, prompt_tokens=100, completion_tokens=30), "instant"
        )

    async def aclose(self) -> None:
        """Nothing to let go of."""


async def work(model: Instant, source: Path, concurrency: int, watchers: Sequence[Watcher] = ()) -> None:
    """What `redraft run` does with a file."""
    budget, tally = Budget(max_calls=10**9, max_tokens=10**12), Tally()
    flow = workflow("self-refine", model, store=source.with_suffix(".sqlite"), budget=budget, rounds=1)
    async with flow:
        await flow.connect()
        await run_files(
            partial(run_all, flow, window=concurrency),
            Files(source, source.with_suffix(".out.jsonl")),
            {"method": flow.name, "model": model.name},
            flow.method.kinds,
            [tally, *watchers],
        )
    if not tally.clean:
        raise SystemExit("redraft: not every item gave a result")


def run(numbers: range, concurrency: int) -> int:
    """Generate, feedback, refine."""
    model = Instant()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "items.jsonl"
        with source.open("w") as lines:
            lines.writelines(json.dumps({"text": measure.question(number)}) + "\n" for number in numbers)
        asyncio.run(work(model, source, concurrency))
    return model.calls


if __name__ == "__main__":
    measure.main("redraft", run)
