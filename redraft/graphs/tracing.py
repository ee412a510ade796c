"""A run and its nodes as OpenTelemetry spans: run > node > chat. What a chat's span says is `redraft.models.traced`'s.

Imported only where tracing is asked for, because OpenTelemetry is an extra.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable
from typing import TypeVar

from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider, get_tracer, use_span

from redraft.models.base import ChatModel
from redraft.models.traced import Attributes, Traced
from redraft.models.turn import turn
from redraft.schema import Noun, Result

T = TypeVar("T")
N = TypeVar("N", bound=Noun)


class Tracing:
    """Opens the spans of one workflow, with `provider` or with the one that the application has set globally.

    They lie in the span that is current where the workflow is called.
    """

    def __init__(self, provider: TracerProvider | None = None) -> None:
        self._tracer = get_tracer("redraft", tracer_provider=provider)

    def model(self, model: ChatModel, role: str) -> ChatModel:
        """`model`, with a span for each chat."""
        return Traced(model, role, self._tracer)

    async def node(self, name: str, work: Awaitable[T]) -> T:
        """Do `work` in a node's span. A pause leaves a node by an exception, so it is the run that tells of a fault."""
        with self._tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False):
            return await work

    async def run(self, method: str, work: Awaitable[Result], thread: str | None) -> Result:
        """Do `work` in a run's span; in a run over many items it has the item's number (`redraft.line`)."""
        with use_span(self._run(method, thread), end_on_exit=True) as span:
            result = await work
            _conclude(span, result)
            return result

    async def steps(self, method: str, steps: AsyncGenerator[N, None], thread: str | None) -> AsyncGenerator[N, None]:
        """Pass on `steps`, the last of them the result, in a run's span."""
        span = self._run(method, thread)
        try:
            while True:
                with use_span(span):  # not across a yield, else it were current for whoever reads the steps
                    step = await anext(steps, None)
                if step is None:
                    return
                if isinstance(step, Result):
                    _conclude(span, step)
                yield step
        finally:
            span.end()
            await steps.aclose()

    def _run(self, method: str, thread: str | None) -> Span:
        attributes: Attributes = {"gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": method}
        if line := turn.get():
            attributes["redraft.line"] = line
        if thread is not None:
            attributes["gen_ai.conversation.id"] = thread
        return self._tracer.start_span(f"invoke_workflow {method}", kind=SpanKind.INTERNAL, attributes=attributes)


def _conclude(span: Span, result: Result) -> None:
    span.set_attributes(
        {
            "redraft.stop": result.stop,
            "redraft.findings": len(result.findings),
            "redraft.revisions": len(result.revisions),
            "redraft.accepted": sum(revision.accepted for revision in result.revisions),
            "redraft.unparsed": len(result.unparsed),
        }
    )
    if result.errors:
        span.set_attribute("error.type", result.errors[0].cause)
        span.set_status(Status(StatusCode.ERROR, result.errors[0].message))
