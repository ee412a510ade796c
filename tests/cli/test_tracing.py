"""`redraft run --trace` sends its spans to a collector over HTTP; here a receiver on loopback."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans

from redraft.models.recorded import Recorder
from redraft.models.scripted import Scripted
from tests.cli.conftest import sentences

Rows = Callable[..., Path]
ROWS = [{"id": name, "text": f"Write about {name}."} for name in ("bridges", "rivers", "banks")]


class Collector:
    """Takes spans by OTLP over HTTP, and keeps them."""

    def __init__(self) -> None:
        self.url = ""
        self.received: list[ResourceSpans] = []

    async def take(self, request: web.Request) -> web.Response:
        assert request.content_type == "application/x-protobuf"
        self.received += ExportTraceServiceRequest.FromString(await request.read()).resource_spans
        return web.Response(content_type="application/x-protobuf")


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    taking = Collector()
    app = web.Application()
    app.add_routes([web.post("/v1/traces", taking.take)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    taking.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield taking
    await runner.cleanup()


@pytest.fixture
async def command(tmp_path: Path, rows: Rows) -> list[str]:
    """A run of self-refine over ROWS, whose replies are recorded."""
    import redraft

    path = tmp_path / "recording.jsonl"
    model = Recorder(Scripted(lambda request: "A short text.\nVerdict: good"), path)
    async with redraft.workflow("self-refine", model) as flow:
        for row in ROWS:
            await flow.arun(redraft.TextTask(text=row["text"]))
    out = tmp_path / "out.jsonl"
    words = ["run", "self-refine", "-i", rows(*ROWS), "-o", out, "--model", f"recorded:{path}", "--no-store"]
    return [str(word) for word in words]


async def redraft(command: list[str], before: str = "", **environment: str) -> tuple[int | None, str]:
    """The exit code, and what was said on stderr. `before` is Python to run first."""
    program = [sys.executable, "-c", f"{before}\nfrom redraft.cli import main; main()", *command]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    process = await asyncio.create_subprocess_exec(*program, env=inherited | environment, stdout=PIPE, stderr=PIPE)
    _, errors = await asyncio.wait_for(process.communicate(), 120)
    return process.returncode, sentences(errors.decode())


async def test_the_collector_gets_every_span_of_the_run(collector: Collector, command: list[str]) -> None:
    code, errors = await redraft([*command, "--trace"], OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    assert code == 0, errors
    spans = [span for one in collector.received for scope in one.scope_spans for span in scope.spans]
    by_id = {span.span_id: span for span in spans}

    def way(id: bytes) -> tuple[str, ...]:
        """The names from the outermost span to this one."""
        return (*way(by_id[id].parent_span_id), by_id[id].name) if id else ()

    ways = [way(span.span_id) for span in spans]
    run, chat = "invoke_workflow self-refine", next(span.name for span in spans if span.name.startswith("chat"))
    assert ways.count((run,)) == len(ROWS)
    assert ways.count((run, "generate", chat)) == len(ROWS)
    assert ways.count((run, "feedback", chat)) == len(ROWS)
    lines = {a.value.int_value for span in spans for a in span.attributes if a.key == "redraft.line"}
    assert lines == {1, 2, 3}


@pytest.mark.parametrize(("environment", "name"), [({}, "redraft"), ({"OTEL_SERVICE_NAME": "night-run"}, "night-run")])
async def test_the_spans_are_of_the_service_that_the_environment_names(
    collector: Collector, command: list[str], environment: dict[str, str], name: str
) -> None:
    await redraft([*command, "--trace"], OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, **environment)
    names = {
        a.value.string_value for one in collector.received for a in one.resource.attributes if a.key == "service.name"
    }
    assert names == {name}


async def test_nothing_is_sent_unless_asked(collector: Collector, command: list[str]) -> None:
    assert (await redraft(command, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url))[0] == 0
    assert not collector.received


async def test_a_collector_that_is_not_there_costs_the_run_nothing(command: list[str]) -> None:
    code, errors = await redraft(
        [*command, "--trace"], OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9", OTEL_EXPORTER_OTLP_TIMEOUT="1"
    )
    assert code == 0
    assert re.search("export(ing)? spans? batch", errors), "the loss is told of"


async def test_another_protocol_is_refused_before_the_run(command: list[str]) -> None:
    code, errors = await redraft([*command, "--trace"], OTEL_EXPORTER_OTLP_PROTOCOL="grpc")
    assert (code, errors) == (
        2,
        "redraft: $OTEL_EXPORTER_OTLP_PROTOCOL is 'grpc', and spans are sent by http/protobuf only ",
    )


@pytest.mark.parametrize(
    ("option", "package", "what"),
    [("--trace", "opentelemetry", "OpenTelemetry"), ("--metrics=9464", "prometheus_client", "the Prometheus client")],
)
async def test_without_the_extra_the_line_to_type_is_said(
    command: list[str], option: str, package: str, what: str
) -> None:
    absent = f"import sys; sys.modules.update(dict.fromkeys(['{package}', '{package}.trace', '{package}.sdk']))"
    code, errors = await redraft([*command, option], before=absent)
    assert (code, errors) == (2, f"redraft: {what} is not installed: pip install 'redraft[telemetry]' ")
