"""What the span of one chat says: its request, its reply or why there was none, and whether it was paid for."""

from __future__ import annotations

from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from redraft.models.base import ChatModel, ChatRequest, ChatResponse, Completion
from redraft.models.errors import RateLimited
from redraft.models.open import open_model, wrap
from redraft.models.scripted import Scripted
from redraft.models.store import Stored
from redraft.models.traced import Traced
from redraft.schema import Usage
from tests.models.asking import ask


class Spans:
    """The real SDK, keeping what it is told."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    def around(self, model: ChatModel, role: str = "critic") -> Traced:
        return Traced(model, role, self.provider.get_tracer("test"))

    def all(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()

    def one(self) -> ReadableSpan:
        (span,) = self.all()
        return span


USAGE = Usage(calls=1, prompt_tokens=4, completion_tokens=2, cached_tokens=3, seconds=0.25)


class Cached(Scripted):
    """Found three tokens of the prompt in its cache, and took a quarter of a second."""

    async def chat(self, request: ChatRequest) -> ChatResponse:
        completions = (Completion("Hallo.", "stop"), Completion("Guten", "length"))
        return ChatResponse(completions, USAGE, "scripted-1")


async def test_a_span_carries_the_names_of_the_genai_conventions() -> None:
    spans = Spans()
    await spans.around(Cached(lambda request: "")).chat(ask(n=2, temperature=0.5, seed=7, stop=("###",), max_tokens=9))
    span = spans.one()
    assert (span.name, span.kind, span.status.status_code) == ("chat scripted", SpanKind.CLIENT, StatusCode.UNSET)
    assert dict(span.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "scripted",
        "gen_ai.request.model": "scripted",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.top_p": 1.0,
        "gen_ai.request.max_tokens": 9,
        "gen_ai.request.choice.count": 2,
        "gen_ai.request.seed": 7,
        "gen_ai.request.stop_sequences": ("###",),
        "gen_ai.response.model": "scripted-1",
        "gen_ai.response.finish_reasons": ("stop", "length"),
        "gen_ai.usage.input_tokens": 4,
        "gen_ai.usage.output_tokens": 2,
        "gen_ai.usage.cache_read.input_tokens": 3,
        "redraft.role": "critic",
        "redraft.stored": False,
        "redraft.seconds": 0.25,
    }


async def test_neither_prompt_nor_reply_is_in_a_span() -> None:
    spans = Spans()
    await spans.around(Scripted(lambda request: "a secret reply")).chat(ask("a secret prompt"))
    assert "secret" not in spans.one().to_json()


async def test_a_chat_that_fails_is_an_error_of_its_cause() -> None:
    spans = Spans()
    with pytest.raises(RateLimited):
        await spans.around(Scripted(lambda request: RateLimited("come back later"))).chat(ask())
    span = spans.one()
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == "RateLimited: come back later"
    assert (span.attributes or {})["error.type"] == "rate_limited"
    assert "gen_ai.response.model" not in (span.attributes or {})


async def test_retries_are_within_the_one_span_of_their_chat() -> None:
    replies = iter([RateLimited("wait", retry_after=0.0), "yes"])
    spans = Spans()
    await spans.around(wrap(Scripted(lambda request: next(replies)))).chat(ask())
    assert spans.one().status.status_code is StatusCode.UNSET


async def test_a_stored_reply_says_so_and_counts_no_tokens_again(tmp_path: Path) -> None:
    spans = Spans()
    model = spans.around(Stored(Scripted(lambda request: "yes"), tmp_path / "store.sqlite"))
    await model.chat(ask())
    await model.chat(ask())
    await model.aclose()
    asked, stored = (dict(span.attributes or {}) for span in spans.all())
    assert (asked["redraft.stored"], stored["redraft.stored"]) == (False, True)
    assert asked["gen_ai.usage.output_tokens"] == 1
    assert not [name for name in stored if name.startswith("gen_ai.usage")]


@pytest.mark.parametrize(
    ("spec", "where"),
    [
        ("http://localhost:8000/v1#tiny", ("openai", "tiny", "localhost", 8000)),
        ("https://models.example/v1#org/tiny", ("openai", "org/tiny", "models.example", 443)),
        ("http://localhost:1/v1#tiny,http://localhost:2/v1#tiny", ("openai", "tiny", None, None)),
        ("vllm:org/tiny", ("vllm", "org/tiny", None, None)),
        ("local", ("local", "local", None, None)),
    ],
)
async def test_a_span_says_who_serves_which_model(spec: str, where: tuple[object, ...]) -> None:
    spans = Spans()
    await spans.around(Scripted(lambda request: "yes", name=open_model(spec).name)).chat(ask())
    attributes = dict(spans.one().attributes or {})
    names = ("gen_ai.provider.name", "gen_ai.request.model", "server.address", "server.port")
    assert tuple(attributes.get(name) for name in names) == where
