"""What was asked once is never asked again, and a replay is the first answer to the letter."""

from __future__ import annotations

import asyncio
import multiprocessing
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.errors import ConfigError
from redraft.models.base import ChatModel, ChatRequest, ChatResponse, Completion
from redraft.models.errors import ServerFault
from redraft.models.scripted import Scripted
from redraft.models.store import Stored
from tests.models.asking import ask

Storing = Callable[[ChatModel], Stored]


@pytest.fixture
async def storing(tmp_path: Path) -> AsyncIterator[Storing]:
    """Put a model behind this test's store."""
    opened = []

    def put(model: ChatModel) -> Stored:
        opened.append(Stored(model, tmp_path / "store"))
        return opened[-1]

    yield put
    for stored in opened:
        await stored.aclose()


def never_the_same() -> Scripted:
    numbers = count()
    return Scripted(lambda request: f"answer {next(numbers)}")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), max_size=8), max_size=4))
def test_a_replay_equals_the_first_answer_however_requests_coincide(batches: list[list[int]]) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            answers: dict[int, ChatResponse] = {}
            models = []
            for batch in batches:
                models.append(never_the_same())
                stored = Stored(models[-1], Path(folder) / "store")
                responses = await asyncio.gather(*(stored.chat(ask(f"question {i}")) for i in batch))
                for i, response in zip(batch, responses, strict=True):
                    first = answers.setdefault(i, response)
                    assert response.completions == first.completions
                    assert response.usage == first.usage
                assert stored.misses == len(models[-1].requests)
                assert stored.hits + stored.misses == len(batch)
                await stored.aclose()
            assert sum(len(model.requests) for model in models) == len(answers)

    asyncio.run(run())


async def test_only_the_first_says_that_a_model_was_asked(storing: Storing) -> None:
    stored = storing(never_the_same())
    responses = await asyncio.gather(*(stored.chat(ask()) for _ in range(5)))
    assert sorted(response.stored for response in responses) == [False, True, True, True, True]


async def test_models_and_samples_do_not_share_answers(storing: Storing) -> None:
    texts = set()
    for name in ("one", "two"):
        for sample in (0, 1):
            stored = storing(Scripted(lambda request, name=name: f"{name} {request.sample}", name))
            texts.add((await stored.chat(ask(sample=sample))).completions[0].text)
    assert len(texts) == 4


async def test_an_error_is_not_kept_and_costs_the_others_nothing(storing: Storing) -> None:
    replies = iter([ServerFault("once"), "good"])
    stored = storing(Scripted(lambda request: next(replies)))
    first, second, third = await asyncio.gather(*(stored.chat(ask()) for _ in range(3)), return_exceptions=True)
    assert isinstance(first, ServerFault)
    for response in (second, third):
        assert isinstance(response, ChatResponse)
        assert response.completions[0].text == "good"


@pytest.mark.parametrize(("finish_reason", "kept"), [("stop", True), ("length", True), ("abort", False)])
async def test_a_completion_that_was_broken_off_is_not_kept(storing: Storing, finish_reason: str, kept: bool) -> None:
    model = Scripted(lambda request: Completion("half a", finish_reason))
    stored = storing(model)
    assert [(await stored.chat(ask())).stored for _ in range(2)] == [False, kept]
    assert len(model.requests) == (1 if kept else 2)


async def test_a_cancelled_asker_leaves_the_others_their_answer(storing: Storing) -> None:
    asked, release = asyncio.Event(), asyncio.Event()

    class Slow(Scripted):
        async def chat(self, request: ChatRequest) -> ChatResponse:
            asked.set()
            await release.wait()
            return await super().chat(request)

    stored = storing(Slow(lambda request: "late"))
    leader = asyncio.ensure_future(stored.chat(ask()))
    await asked.wait()
    follower = asyncio.ensure_future(stored.chat(ask()))
    await asyncio.sleep(0)
    leader.cancel()
    release.set()
    assert (await follower).completions[0].text == "late"


def _ask_all(path: Path, name: str) -> list[str]:
    async def run() -> list[str]:
        stored = Stored(Scripted(lambda request: name, "shared"), path)
        texts = [(await stored.chat(ask(f"question {i}"))).completions[0].text for i in range(100)]
        await stored.aclose()
        return texts

    return asyncio.run(run())


def test_processes_share_a_store_and_agree(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        one, two = pool.starmap(_ask_all, [(tmp_path / "store", name) for name in ("one", "two")])
    assert _ask_all(tmp_path / "store", "three") == one == two


def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database " * 100)
    with pytest.raises(ConfigError, match=r"notes\.txt cannot be used"):
        Stored(never_the_same(), path)
    assert path.read_text() == "not a database " * 100


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be used"):
        Stored(never_the_same(), tmp_path / "file" / "store")
    with pytest.raises(ConfigError, match="cannot be used"):
        Stored(never_the_same(), tmp_path)


async def test_a_damaged_answer_is_an_error_and_never_an_answer(storing: Storing, tmp_path: Path) -> None:
    stored = storing(never_the_same())
    await stored.chat(ask())
    with closing(sqlite3.connect(tmp_path / "store")) as database, database:
        database.execute("UPDATE responses SET response = '{'")
    with pytest.raises(ConfigError, match="cannot be used"):
        await stored.chat(ask())


async def test_a_store_of_another_format_is_refused(storing: Storing, tmp_path: Path) -> None:
    await storing(never_the_same()).aclose()
    with closing(sqlite3.connect(tmp_path / "store")) as database, database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(ConfigError, match="another redraft"):
        storing(never_the_same())


FULL = """
import asyncio, resource, signal, sys
from pathlib import Path
from redraft.errors import ConfigError
from redraft.models.scripted import Scripted
from redraft.models.store import Stored
from tests.models.asking import ask

async def fill() -> None:
    stored = Stored(Scripted(lambda request: "x" * 1000), Path(sys.argv[1]))
    for number in range(1000):
        await stored.chat(ask(str(number)))
        print(number)

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    asyncio.run(fill())
except ConfigError as error:
    print(error)
"""


async def test_a_full_disk_is_said_and_what_was_answered_before_is_kept(storing: Storing, tmp_path: Path) -> None:
    """The operating system's limit on a file's size stands in for the disk."""
    command = [sys.executable, "-c", FULL, tmp_path / "store"]
    *numbers, said = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=200
    ).stdout.splitlines()
    assert "see that the disk has room" in said
    stored = storing(Scripted(lambda request: "asked again"))
    again = [await stored.chat(ask(number)) for number in numbers]
    assert len(again) > 10
    assert {response.completions[0].text for response in again} == {"x" * 1000}
