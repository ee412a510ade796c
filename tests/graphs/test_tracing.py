"""Spans of a run: run > node > chat, whichever way the workflow is run, and nothing at all where nobody asked."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode, get_current_span

import redraft
from redraft.engine.batch import abatch
from redraft.graphs.workflow import Workflow
from redraft.models.base import ChatRequest
from redraft.models.errors import ServerFault
from redraft.models.scripted import Reply, Scripted
from redraft.schema import TextTask, TranslationTask

TASK = TranslationTask(source="The old bridge.", source_lang="en", target_lang="de", draft="Die alte Bank stank.")
MINDED = {"Bank": 'accuracy/mistranslation - "Bank"', "stank": 'style/awkward - "stank"'}


def reply(request: ChatRequest) -> Reply:
    """Each of two words is minded where it stands; the mending of one fails."""
    asked = request.messages[-1].content
    if asked.endswith("Answer:"):
        return "A" if asked.index("Brücke") < asked.index("Bank") else "B"
    if asked.endswith("Corrected Translation:"):
        return ServerFault("down") if "style" in asked else "Die alte Brücke."
    found = [line for word, line in MINDED.items() if word in asked]
    return "\n".join(["Critical:", "no-error", "Major:", *found, "Minor:", "no-error"])


class Traces:
    """The real SDK, and what it was told as a tree."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = self.provider.get_tracer("application")

    def flow(self) -> Workflow:
        return redraft.workflow("mqm-ape", Scripted(reply), wrapping=lambda model: model, trace=self.provider)

    def spans(self) -> list[ReadableSpan]:
        return sorted(self._exporter.get_finished_spans(), key=lambda span: span.start_time or 0)

    def under(self, parent: ReadableSpan | None) -> list[ReadableSpan]:
        id = parent.context.span_id if parent else None
        return [span for span in self.spans() if (span.parent.span_id if span.parent else None) == id]

    def tree(self, parent: ReadableSpan | None = None) -> list[object]:
        """Each span's name (a chat's role), with what lies in it."""
        return [
            ((span.attributes or {}).get("redraft.role", span.name), *self.tree(span)) for span in self.under(parent)
        ]


RUN = (
    "invoke_workflow mqm-ape",
    ("evaluate", ("critic",)),
    ("post_edit", ("post-editor",), ("post-editor",)),
    ("verify", ("verifier",), ("verifier",)),
    ("score",),
)
"""A run of mqm-ape with two findings of which one is mended, in both orders."""


async def stream(flow: Workflow) -> None:
    async for _ in flow.astream(TASK):
        assert not get_current_span().is_recording(), "the run's span is not the reader's"


@pytest.mark.parametrize("run", [lambda flow: flow.arun(TASK), lambda flow: flow.awalk(TASK), stream])
async def test_chats_lie_in_their_node_and_nodes_in_their_run(run: Callable[[Workflow], Awaitable[object]]) -> None:
    traces = Traces()
    await run(traces.flow())
    assert traces.tree() == [RUN]


async def test_a_run_says_how_it_ended_and_what_failed_in_it() -> None:
    traces = Traces()
    result = await traces.flow().arun(TASK)
    (run,) = traces.under(None)
    assert dict(run.attributes or {}) == {
        "gen_ai.operation.name": "invoke_workflow",
        "gen_ai.workflow.name": "mqm-ape",
        "redraft.stop": result.stop,
        "redraft.findings": 2,
        "redraft.revisions": len(result.revisions),
        "redraft.accepted": 1,
        "redraft.unparsed": 0,
        "error.type": "server_fault",
    }
    assert (run.status.status_code, run.status.description) == (StatusCode.ERROR, "down")
    failed = [span for span in traces.spans() if span.status.status_code is StatusCode.ERROR and span is not run]
    assert [(span.attributes or {})["redraft.role"] for span in failed] == ["post-editor"]


async def test_items_at_once_are_traces_of_their_own_with_their_number() -> None:
    traces = Traces()
    lines = {record.line async for record in abatch(traces.flow(), [TASK] * 5, window=3)}
    assert traces.tree() == [RUN] * 5
    assert {(run.attributes or {})["redraft.line"] for run in traces.under(None)} == lines
    assert len({span.context.trace_id for span in traces.spans()}) == 5


async def test_a_run_lies_in_the_span_of_the_application() -> None:
    traces = Traces()
    flow = traces.flow()
    with traces.tracer.start_as_current_span("request"):
        await flow.arun(TASK)
        await asyncio.to_thread(flow.run, TASK)
    assert traces.tree() == [("request", RUN, RUN)]


async def test_a_bug_in_a_model_is_recorded_with_the_run() -> None:
    def broken(request: ChatRequest) -> Reply:
        raise ZeroDivisionError("a bug of this model")

    traces = Traces()
    flow = redraft.workflow("self-refine", Scripted(broken), trace=traces.provider)
    with pytest.raises(ZeroDivisionError):
        await flow.arun(TextTask(text="Write."))
    (run,) = traces.under(None)
    assert run.status.status_code is StatusCode.ERROR
    assert [(event.attributes or {})["exception.type"] for event in run.events] == ["ZeroDivisionError"]


async def test_a_pause_for_a_person_is_no_error_and_going_on_is_a_run_of_the_same_conversation() -> None:
    traces = Traces()
    flow = redraft.workflow(
        "mqm-ape",
        Scripted(reply),
        roles={"verifier": "person"},
        wrapping=lambda model: model,
        checkpointer=InMemorySaver(),
        trace=traces.provider,
    )
    await flow.arun(TASK.model_copy(update={"draft": "Die alte Bank."}), thread="bridge")
    assert {span.status.status_code for span in traces.spans()} == {StatusCode.UNSET}
    await flow.aresume("bridge", True)
    first, second = traces.under(None)
    assert [(run.attributes or {})["gen_ai.conversation.id"] for run in (first, second)] == ["bridge", "bridge"]
    assert (first.attributes or {})["redraft.stop"] == "paused"
    assert (second.attributes or {})["redraft.stop"] == "completed"


def test_the_application_s_own_provider_is_used_and_nothing_is_imported_unless_asked() -> None:
    program = """
import asyncio, sys, redraft
from redraft.models.scripted import Scripted
task = redraft.TextTask(text="Write.")
def run(**trace):
    asyncio.run(redraft.workflow("self-refine", Scripted(lambda request: "A text. Verdict: good"), **trace).awalk(task))
run()
from redraft.engine.metrics import Metrics
for name in ("prometheus_client", "redraft.graphs.tracing", "redraft.models.traced"):
    assert name not in sys.modules, name
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import set_tracer_provider
kept = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(kept))
set_tracer_provider(provider)
run()
assert not kept.get_finished_spans()
run(trace=True)
print(kept.get_finished_spans()[-1].name)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=200, check=False)
    assert (ran.stdout, ran.returncode) == ("invoke_workflow self-refine\n", 0), ran.stderr
