"""Each chat as an OpenTelemetry span. What a chat is part of (a node, a run) has its span in `redraft.graphs.tracing`.

Attributes have the names of the GenAI semantic conventions (github.com/open-telemetry/semantic-conventions-genai) and,
where those have none, begin with `redraft.`. Neither prompts nor replies go into a span.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from opentelemetry.trace import SpanKind, Tracer
from opentelemetry.util.types import AttributeValue

from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.models.errors import ModelError
from redraft.models.wrapper import Wrapper

Attributes = dict[str, AttributeValue]


class Traced(Wrapper):
    """The model as `role` sees it: the span of a chat holds its waiting and its retries too, while `redraft.seconds` is
    the model's own time. A reply from the response store (`redraft.stored`) has no tokens: nobody was asked."""

    def __init__(self, model: ChatModel, role: str, tracer: Tracer) -> None:
        super().__init__(model)
        self._tracer = tracer
        self._fixed = {"gen_ai.operation.name": "chat", "redraft.role": role, **_where(model.name)}
        self._span_name = f"chat {self._fixed['gen_ai.request.model']}"

    async def chat(self, request: ChatRequest) -> ChatResponse:
        with self._tracer.start_as_current_span(
            self._span_name, kind=SpanKind.CLIENT, attributes=self._fixed | _asked(request), record_exception=False
        ) as span:
            try:
                response = await self.model.chat(request)
            except ModelError as error:
                span.set_attribute("error.type", error.cause)
                raise
            span.set_attributes(_answered(response))
            return response


def _where(name: str) -> Attributes:
    """Who serves the model, and its name there. `openai` stands for every server that speaks OpenAI's protocol."""
    if not name.startswith(("http://", "https://")):
        provider, _, model = name.partition(":")
        return {"gen_ai.provider.name": provider, "gen_ai.request.model": model or provider}
    where: Attributes = {"gen_ai.provider.name": "openai", "gen_ai.request.model": name.rpartition("#")[2]}
    url = urlsplit(name)
    if "," not in name and url.hostname:  # else it is one of several servers
        where |= {"server.address": url.hostname, "server.port": url.port or (443 if url.scheme == "https" else 80)}
    return where


def _asked(request: ChatRequest) -> Attributes:
    sampling = request.sampling
    asked: Attributes = {
        "gen_ai.request.temperature": sampling.temperature,
        "gen_ai.request.top_p": sampling.top_p,
        "gen_ai.request.max_tokens": sampling.max_tokens,
    }
    if sampling.n != 1:
        asked["gen_ai.request.choice.count"] = sampling.n
    if sampling.seed is not None:
        asked["gen_ai.request.seed"] = sampling.seed
    if sampling.stop:
        asked["gen_ai.request.stop_sequences"] = sampling.stop
    return asked


def _answered(response: ChatResponse) -> Attributes:
    answered: Attributes = {
        "gen_ai.response.model": response.model,
        "gen_ai.response.finish_reasons": [completion.finish_reason for completion in response.completions],
        "redraft.stored": response.stored,
    }
    if not response.stored:
        answered |= {
            "gen_ai.usage.input_tokens": response.usage.prompt_tokens,
            "gen_ai.usage.output_tokens": response.usage.completion_tokens,
            "gen_ai.usage.cache_read.input_tokens": response.usage.cached_tokens,
            "redraft.seconds": response.usage.seconds,
        }
    return answered
