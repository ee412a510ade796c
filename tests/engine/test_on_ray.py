"""The same run on worker processes: one is killed on the way, and nobody can tell from the output."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web

from redraft.engine.files import Files, run_files
from redraft.engine.on_ray import begin, on_ray
from redraft.engine.reading import read_records
from redraft.engine.recipe import Recipe
from redraft.engine.records import Bad, Record
from redraft.engine.run import run_all
from redraft.graphs.catalogue import find
from redraft.graphs.workflow import configure
from tests.engine.conftest import ITEMS, Server
from tests.models.faulty_server import FaultyServer, never, says

pytestmark = [
    pytest.mark.ray,
    pytest.mark.xdist_group("ray"),
    pytest.mark.timeout(900),  # Ray's processes load much, and on a busy machine they take minutes to be there.
    pytest.mark.skipif(not importlib.util.find_spec("ray"), reason="Ray is not installed: pip install 'redraft[ray]'"),
]

Tasks = Callable[[int], Path]
METHOD = find("self-refine")
WINDOW = 8


def recipe(url: str) -> Recipe:
    return Recipe("self-refine", configure(METHOD, {"rounds": 2}), url)


class After:
    """A watcher that does something once, when `number` records are written."""

    def __init__(self, number: int, then: Callable[[], None]) -> None:
        self._left = number
        self._then = then

    def begin(self, total: int | None, done: int) -> None:
        pass

    def add(self, record: Record) -> None:
        self._left -= 1
        if self._left == 0:
            self._then()

    def end(self, reason: str | None) -> None:
        pass


def nodes() -> list[str]:
    """The addresses at which Ray's processes listen."""
    import ray

    return [node["NodeManagerAddress"] for node in ray.nodes()]


async def test_a_worker_that_is_killed_is_not_missed(server: Server, tasks: Tasks, tmp_path: Path) -> None:
    path, made = tasks(ITEMS), recipe(server.url)
    async with made.build() as flow:
        await flow.connect()
        await run_files(partial(run_all, flow), Files(path, tmp_path / "one"), made.described(), METHOD.kinds)
    server.answered.clear()
    server.seconds = 0.05
    async with on_ray(made, workers=2, window=WINDOW, store=tmp_path / "store.sqlite") as crew:
        assert nodes() == ["127.0.0.1"], "nobody else can reach it"
        before = crew.pids
        kill = After(ITEMS // 4, lambda: os.kill(before[0], signal.SIGKILL))
        halt = await run_files(crew.run, Files(path, tmp_path / "two"), made.described(), METHOD.kinds, [kill])
        after = crew.pids
    assert halt.reason is None
    assert len(before) == 2
    assert before[0] not in after
    assert before[1] in after
    assert (tmp_path / "two").read_bytes() == (tmp_path / "one").read_bytes()
    again = server.answered.total() - len(server.answered)
    assert again <= WINDOW // 2, "only what the killed worker had in flight is asked again"


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a Ray cluster that runs already, with this process connected to it."""
    assert begin()
    import ray

    yield ray.get_runtime_context().gcs_address
    ray.shutdown()


async def test_an_item_that_kills_its_workers_is_given_up_and_takes_no_other_with_it(
    cluster: str, tasks: Tasks, tmp_path: Path
) -> None:
    killed: list[int] = []
    pids: Callable[[], list[int]] = list

    async def deadly(request: web.Request) -> web.StreamResponse:
        if "Shorten text 2." in await request.text():
            killed.extend(pids())
            os.kill(killed[-1], signal.SIGKILL)
            return await never(request)
        await asyncio.sleep(0.02)
        return await says("Fine.\nVerdict: good")(request)

    async with FaultyServer(turns=[deadly]).running() as server:
        made = recipe(f"{server.url}#tiny")
        async with on_ray(made, workers=1, window=4) as crew:
            pids = lambda: crew.pids  # noqa: E731
            await run_files(crew.run, Files(tasks(8), tmp_path / "out"), made.described(), METHOD.kinds)
    records = list(read_records(tmp_path / "out"))
    assert [record.line for record in records] == list(range(1, 9))
    bad = {record.line: record.error.cause for record in records if isinstance(record, Bad)}
    assert bad == {3: "worker_died"}
    assert len(killed) == len(set(killed)) == 3


async def test_the_command_runs_on_a_cluster_within_a_budget_and_goes_on(
    cluster: str, server: Server, tasks: Tasks, tmp_path: Path
) -> None:
    async def redraft(*more: str) -> tuple[int | None, str, str]:
        words = ["run", "self-refine", "-i", str(tasks(12)), "-o", str(tmp_path / "out"), "--model", server.url]
        words += ["--store", str(tmp_path / "store.sqlite"), "--on", "ray", "--workers", "2", "--window", "4", "--json"]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "from redraft.cli import main; main()", *words, *more),
            env={**os.environ, "RAY_ADDRESS": cluster},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, error = await process.communicate()
        return process.returncode, out.decode(), error.decode()

    code, _, error = await redraft("--max-calls", "20")
    assert code == 3, error
    assert 0 < server.answered.total() <= 20
    assert not (tmp_path / "out").exists()
    code, out, error = await redraft()
    assert code == 0, error
    assert json.loads(out)["lines"] == 12
    assert json.loads(out)["model_calls"] == server.answered.total() - 20
    assert server.answered.total() == len(server.answered), "no call is made twice"
    assert len(list(read_records(tmp_path / "out"))) == 12
