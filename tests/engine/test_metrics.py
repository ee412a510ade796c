"""Prometheus metrics of a run, scraped over loopback while it goes on."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator, Callable, Iterable
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

import redraft
from redraft.engine.files import Files, run_files
from redraft.engine.metrics import Metrics
from redraft.engine.records import Bad, Item, Record
from redraft.engine.run import Halt, run_all
from redraft.errors import ConfigError
from redraft.models.base import ChatRequest
from redraft.models.errors import ServerFault
from redraft.models.scripted import Reply, Scripted
from tests.engine.conftest import Server

Scraped = dict[tuple[str, ...], float]


def reply(request: ChatRequest) -> Reply:
    """The roles of mqm-ape: one word is minded and mended, one text is not to be had, one annotation not to be read."""
    asked = request.messages[-1].content
    if "Nobody answers" in asked:
        return ServerFault("down")
    if "Nobody can read" in asked:
        return "Well."
    if asked.endswith("Answer:"):
        return "A" if asked.index("Brücke") < asked.index("Bank") else "B"
    if asked.endswith("Corrected Translation:"):
        return "Die alte Brücke."
    found = 'accuracy/mistranslation - "Bank"' if "Bank" in asked else "no-error"
    return f"Critical:\nno-error\nMajor:\n{found}\nMinor:\nno-error"


def row(id: str, source: str, draft: str) -> str:
    fields = {"id": id, "source": source, "source_lang": "en", "target_lang": "de", "translation": draft}
    return json.dumps(fields)


ROWS = [
    row("wrong", "The old bridge.", "Die alte Bank."),
    row("right", "The old bridge.", "Die alte Brücke."),
    row("failed", "Nobody answers.", "Niemand antwortet."),
    row("unread", "Nobody can read.", "Niemand kann lesen."),
    "not JSON",
]


async def scrape(port: int) -> Scraped:
    """Every sample there is, by name and labels."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as response:
        text = await response.text()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


class Run:
    """A run of mqm-ape over ROWS with metrics, scraped after every record."""

    def __init__(self, folder: Path) -> None:
        self.input, self.out = folder / "in.jsonl", folder / "out.jsonl"
        self.input.write_text("".join(line + "\n" for line in ROWS))
        self.flow = redraft.workflow("mqm-ape", Scripted(reply), wrapping=lambda model: model)
        self.scraped: list[Scraped] = []

    async def go(self, *, stop_after: int | None = None) -> Scraped:
        """Run to the end or up to so many records. Returns the last samples before the endpoint went."""
        metrics, halt = Metrics(0), Halt()

        async def scraping(items: Iterable[Item | Bad], halt: Halt) -> AsyncGenerator[Record, None]:
            done = 0
            async for record in run_all(self.flow, items, halt, window=1):
                yield record
                self.scraped.append(await scrape(metrics.port))
                done += 1
                if done == stop_after:
                    halt.ask("enough")
                    return

        await run_files(scraping, Files(self.input, self.out), {}, self.flow.method.kinds, [metrics], halt)
        with pytest.raises(aiohttp.ClientConnectionError):
            await scrape(metrics.port)
        return self.scraped[-1]


async def test_a_scrape_during_the_run_shows_how_far_it_is(tmp_path: Path) -> None:
    run = Run(tmp_path)
    await run.go()
    assert [scraped["redraft_finished_items",] for scraped in run.scraped] == [1, 2, 3, 4, 5]
    assert {scraped["redraft_input_items",] for scraped in run.scraped} == {5}


async def test_the_last_scrape_counts_what_the_records_say(tmp_path: Path) -> None:
    run = Run(tmp_path)
    scraped = await run.go()
    records = [json.loads(line) for line in run.out.read_text().splitlines()]
    usage = [record["result"]["usage"] for record in records if "result" in record]
    stops = {("redraft_items_total", str(stop)): 0.0 for stop in redraft.StopReason}
    assert scraped == stops | {
        ("redraft_input_items",): 5,
        ("redraft_finished_items",): 5,
        ("redraft_items_total", "completed"): 1,
        ("redraft_items_total", "no_findings"): 1,
        ("redraft_items_total", "failed"): 1,
        ("redraft_items_total", "unparsed"): 1,
        ("redraft_failed_items_total",): 1,
        ("redraft_bad_items_total", "bad_json"): 1,
        ("redraft_errors_total", "server_fault"): 1,
        ("redraft_unparsed_replies_total",): 1,
        ("redraft_findings_total", "major"): 1,
        ("redraft_revisions_total", "accepted"): 1,
        ("redraft_revisions_total", "kept"): 0,
        ("redraft_calls_total",): sum(one["calls"] for one in usage),
        ("redraft_prompt_tokens_total",): sum(one["prompt_tokens"] for one in usage),
        ("redraft_cached_tokens_total",): 0,
        ("redraft_completion_tokens_total",): sum(one["completion_tokens"] for one in usage),
        ("redraft_model_seconds_total",): 0,
    }


async def test_a_continued_run_counts_its_own_work_and_shows_all_that_is_done(tmp_path: Path) -> None:
    run = Run(tmp_path)
    await run.go(stop_after=1)
    scraped = await run.go()
    assert scraped["redraft_finished_items",] == 5
    assert scraped["redraft_items_total", "completed"] == 0, "that was the first run's item"
    assert scraped["redraft_items_total", "no_findings"] == 1


async def test_the_command_serves_them_while_it_runs(server: Server, tasks: Callable[[int], Path]) -> None:
    server.seconds = 0.05
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    input = tasks(60)
    command = ["run", "self-refine", "-i", input, "-o", input.with_name("out.jsonl"), "--model", server.url]
    command += ["--no-store", "--window", "2", "--metrics", port]
    program = [sys.executable, "-c", "from redraft.cli import main; main()", *map(str, command)]
    process = await asyncio.create_subprocess_exec(*program, stdout=DEVNULL, stderr=PIPE)
    seen: set[float] = set()
    while process.returncode is None and len(seen) < 3:
        try:
            scraped = await scrape(port)
        except aiohttp.ClientConnectionError:
            scraped = {}
        seen |= {scraped[key] for key in [("redraft_finished_items",)] if 0 < scraped.get(key, 0) < 60}
        await asyncio.sleep(0.02)
    _, errors = await process.communicate()
    assert (process.returncode, len(seen)) == (0, 3), errors.decode()


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"cannot be served at port {port}: Address already in use"):
            Metrics(port)
