"""One string names any model; one call wraps it as every run does."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.models.base import ChatResponse, is_chat_model
from redraft.models.budget import Budget
from redraft.models.errors import BadRequest, BudgetSpent, ServerFault
from redraft.models.http import HttpModel
from redraft.models.local import LocalModel
from redraft.models.open import FORMS, backends, open_model, wrap
from redraft.models.recorded import Recorded, Recorder
from redraft.models.scripted import Scripted
from tests.models.asking import ask
from tests.models.faulty_server import FaultyServer, says


async def test_every_form_opens_its_backend(tmp_path: Path) -> None:
    gguf, tape = tmp_path / "m.gguf", tmp_path / "tape.jsonl"
    gguf.write_text("")
    recorder = Recorder(Scripted(lambda request: "yes"), tape)
    await recorder.chat(ask())
    await recorder.aclose()
    opened: dict[str, type] = {
        "local": LocalModel,
        f"local:{gguf}": LocalModel,
        "http://localhost:8000/v1#tiny": HttpModel,
        "https://localhost/v1": HttpModel,
        f"recorded:{tape}": Recorded,
    }
    for spec, kind in opened.items():
        model = open_model(spec)
        assert isinstance(model, kind)
        assert is_chat_model(model)
        assert model.name == spec


@pytest.mark.parametrize("spec", ["", "local:", "gpt-5", "vllm", "vllm:", "http", "recorded:", "ftp://host/v1", ":"])
def test_anything_else_is_answered_with_the_forms(spec: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_model(spec)
    assert all(form in str(caught.value) for form in FORMS)


@pytest.mark.parametrize("spec", ["local:/absent.gguf", "recorded:/absent.jsonl", "http://"])
def test_a_form_with_nothing_behind_it_says_what_is_missing(spec: str) -> None:
    with pytest.raises(ConfigError):
        open_model(spec)


async def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    async with FaultyServer(key="secret").running() as server:
        for key, expected in (("secret", ChatResponse), ("wrong", BadRequest)):
            monkeypatch.setenv("OPENAI_API_KEY", key)
            model = open_model(server.url)
            outcome = (await asyncio.gather(model.chat(ask()), return_exceptions=True))[0]
            assert isinstance(outcome, expected)
            await model.aclose()


async def test_a_wrapped_model_is_stored_within_budget_and_tried_again(tmp_path: Path) -> None:
    replies = iter([ServerFault("once", 0), "one", "two"])
    budget = Budget(max_calls=3)
    model = wrap(Scripted(lambda request: next(replies), "two-faced"), store=tmp_path / "store", limit=1, budget=budget)
    assert (model.name, model.identity) == ("two-faced", "two-faced")
    outcomes = await asyncio.gather(*(model.chat(ask(text)) for text in "aaabbb"))
    assert [outcome.stored for outcome in outcomes] == [False, True, True] * 2
    assert (await model.chat(ask("a"))).stored
    with pytest.raises(BudgetSpent):
        await model.chat(ask("c"))
    assert budget.calls == 3, "the attempt that failed is paid for, too"
    await model.aclose()
    await model.aclose()


async def test_every_attempt_is_paid_for() -> None:
    async with FaultyServer(turns=[says("one of the two asked for")]).running() as server:
        budget = Budget(max_calls=3)
        model = wrap(open_model(server.url), budget=budget)
        for _ in range(2):
            with pytest.raises(BudgetSpent):
                await model.chat(ask(n=2))
        assert len(server.bodies) == budget.calls == 3
        assert budget.tokens >= 3 * 7, "what the server bills"
        await model.aclose()


async def test_a_servers_only_model_can_be_stored_before_its_name_is_known(tmp_path: Path) -> None:
    async with FaultyServer().running() as server:
        for stored in (False, True):
            model = wrap(open_model(server.url), store=tmp_path / "store")
            assert (await model.chat(ask())).stored is stored
            await model.aclose()


def test_backends_tell_what_is_installed() -> None:
    found = {backend.form: backend for backend in backends()}
    assert set(FORMS) < set(found)
    assert found["http://HOST:PORT/v1#NAME"].installed
    assert found["http://HOST:PORT/v1#NAME"].extra is None
    assert found["local"].extra == "local"
    assert found["local"].installed == (importlib.util.find_spec("xllamacpp") is not None)
