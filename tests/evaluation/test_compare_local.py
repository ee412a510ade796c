"""A comparison by the embedded model on real items, end to end."""

from __future__ import annotations

from pathlib import Path

import pytest

from redraft.evaluation.compare import Setup, compare
from redraft.evaluation.contender import Players
from redraft.evaluation.datasets import open_grader, open_samples
from redraft.evaluation.front import front
from redraft.evaluation.summary import summarise
from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.models.local import LocalModel
from tests.graphs.script import silent

pytestmark = [pytest.mark.local, pytest.mark.asyncio(loop_scope="session")]


class Shared:
    """The model of all tests, which no comparison may close, under the name of one that is silent."""

    name = identity = silent().name

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    async def chat(self, request: ChatRequest) -> ChatResponse:
        return await self._model.chat(request)

    async def aclose(self) -> None:
        """It goes on."""


@pytest.mark.parametrize(
    ("items", "tokens"),
    [(1, 24), pytest.param(3, 96, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])],
)
async def test_two_methods_and_their_controls_and_nothing_is_asked_twice(
    local_model: LocalModel, data: Path, tmp_path: Path, items: int, tokens: int
) -> None:
    samples = open_samples(f"gsm8k:{data / 'gsm8k' / 'test.jsonl.gz'}", items, seed=1)
    grader = open_grader(samples)
    methods = {"rci": "rci", "iaprompt": "iaprompt"}
    settings = {"rci": {"rounds": 1, "max_tokens": tokens}, "iaprompt": {"max_tokens": tokens}}
    store = tmp_path / "responses.sqlite"
    first = await compare(
        samples, grader, methods, tmp_path / "c", Setup(Players(Shared(local_model)), settings, store=store)
    )
    # A model that fails the test when it is asked: neither the same folder nor a new one needs it.
    for folder in ("c", "another"):
        again = await compare(
            samples, grader, methods, tmp_path / folder, Setup(Players(silent()), settings, store=store)
        )
        assert summarise(again.outcomes, resamples=200) == summarise(first.outcomes, resamples=200)
        assert again.pairs == first.pairs
    await grader.aclose()
    assert not first.failures
    assert list(first.outcomes)[:3] == ["single", "rci", "iaprompt"]
    assert all(len(outcomes.ids) == items for outcomes in first.outcomes.values())
    assert (first.outcomes["single"].calls == 1).all()
    assert set(first.outcomes["iaprompt"].calls) <= {1, 2}, "one where the intention was cut off"
    assert (first.outcomes["single"].seconds > 0).all()
    assert any(point.on_front for point in front(summarise(first.outcomes, resamples=200)))
