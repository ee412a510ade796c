"""Every method on the embedded model and on real items: whatever so small a model says, each item has its record."""

from __future__ import annotations

from pathlib import Path

import pytest

import redraft
from redraft import StopReason
from redraft.engine.records import Done, Item
from redraft.engine.run import run_all
from redraft.evaluation.datasets import open_samples
from redraft.graphs.method import FUNCTIONS
from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.schema import Example, Task, ToolMakingTask
from redraft.tools.functions.made_library import ToolLibrary
from redraft.verifiers import gold
from redraft.verifiers.maths import RightAnswer
from tests.graphs.functions import CALENDAR, dates
from tests.tools.functions.made import made_tool

pytestmark = [pytest.mark.local, pytest.mark.asyncio(loop_scope="session")]

NAMES = [name for name, method in redraft.METHODS.items() if method.kinds != {"translation"}]
SMALL: dict[str, object] = {"k": 3, "n": 3, "agents": 2, "questions": 2, "rounds": 1, "max_tokens": 64, "guided": True}
"""Settings by which a method runs in seconds, where it has them."""
HEAVY = {"alpha-umi", "best-of-n", "critic", "decrim", "formulate-and-solve", "latm-make", "lyra", "magicore"} | {
    "mcts",
    "reflexion",
    "round-trip",
    "ste",
}
"""Methods that take twenty seconds or minutes for an item."""
OWN: dict[str, dict[str, object]] = {
    "critic": {"max_tokens": 128},
    "reflexion": {"max_tokens": 128},
    "self-debug": {"turns": 1, "max_tokens": 128},
    "round-trip": {"n": 2, "max_tokens": 128},
    "formulate-and-solve": {"max_tokens": 256, "answer_tokens": 32},
    "llmopt": {"rounds": 2, "max_tokens": 256},
    "debate": {"rounds": 2},
    "mcts": {"iterations": 1, "stretch": 1, "root_width": 2, "resamples": 1, "rollouts": 1, "rollout_tokens": 64},
    "rarr": {"folder": Path(__file__).parent.parent.parent / "docs"},
    "alpha-umi": {"steps": 2, "attempts": 2, "max_tokens": 128},
    "lyra": {"attempts": 2, "seconds": 5.0, "max_tokens": 256, "lines": 4},
    "ste": {"episodes": 1, "trials": 1, "turns": 2},
}

ONLY: dict[str, list[str]] = {"reflexion": ["code"]}
"""Of the kinds of task that a method takes, those it takes without an oracle."""


SOURCES = {
    "question": "gsm8k:{}/gsm8k/test.jsonl.gz",
    "code": "ldb:{}/ldb/humaneval.reflexion-gpt-4o-2024-05-13.jsonl.gz",
    "instruction": "ifeval:{}/ifeval/en_input_data.jsonl.gz?constraints=true",
    "theorem": "minif2f:{}/minif2f/valid.jsonl.gz",
}
"""Data sets by kind of task. Of LDB the problems with their visible tests alone: every method writes its own draft."""


def tasks_of(kind: str, data: Path, count: int) -> list[Task]:
    """The first tasks of a kind. A tool is made from six questions and answers, three of them held out."""
    if kind == "tool_call":
        return dates(count)
    samples = open_samples(SOURCES["question" if kind == "tool_making" else kind].format(data))
    if kind != "tool_making":
        return [sample.task.model_copy(update={"draft": None}) for sample in samples[:count]]
    rows = [RightAnswer(question=gold.text_of(each.task), answer=each.gold["answer"]) for each in samples[: 6 * count]]
    pairs = [Example(question=str(row.question), answer=row.final) for row in rows]
    return [
        ToolMakingTask(examples=tuple(pairs[start : start + 3]), held_out=tuple(pairs[start + 3 : start + 6]))
        for start in range(0, len(pairs), 6)
    ]


async def check(name: str, model: ChatModel, data: Path, tmp_path: Path, count: int) -> None:
    method = redraft.METHODS[name]
    kinds = ONLY.get(name) or sorted(method.kinds) or ["question"]
    settings = {
        key: value for key, value in {**SMALL, **OWN.get(name, {})}.items() if key in method.config.model_fields
    }
    functions = CALENDAR if FUNCTIONS in method.roles else None
    if name == "latm":
        ToolLibrary(tmp_path).add(made_tool())
        settings["library"] = tmp_path
    for kind in (kind for kind in kinds if kind in (*SOURCES, "tool_call", "tool_making")):
        tasks = tasks_of(kind, data, count)
        items = [Item(id=f"{kind}-{line}", line=line, task=task) for line, task in enumerate(tasks, start=1)]
        async with redraft.workflow(name, Shared(model), functions=functions, **settings) as flow:
            records = [record async for record in run_all(flow, items, window=2)]
        assert sorted(record.line for record in records) == list(range(1, count + 1))
        for record in records:
            assert isinstance(record, Done), record
            if any(error.cause in ("sandbox_unusable", "prover_missing") for error in record.result.errors):
                pytest.skip(record.result.errors[0].message)
            assert not record.result.errors
            assert record.result.signal != "oracle"
            assert record.result.final is not None or record.result.stop in (StopReason.UNPARSED, StopReason.GAVE_UP)


class Shared:
    """The model of all tests, which no workflow may close."""

    def __init__(self, model: ChatModel) -> None:
        self.name, self.identity = model.name, model.identity
        self._model = model

    async def chat(self, request: ChatRequest) -> ChatResponse:
        return await self._model.chat(request)

    async def aclose(self) -> None:
        """It goes on."""


@pytest.mark.parametrize("name", sorted({*NAMES} - HEAVY))
async def test_an_item_goes_through(name: str, local_model: ChatModel, data: Path, tmp_path: Path) -> None:
    await check(name, local_model, data, tmp_path, 1)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", NAMES)
async def test_twenty_items_go_through(name: str, local_model: ChatModel, data: Path, tmp_path: Path) -> None:
    await check(name, local_model, data, tmp_path, 20)
