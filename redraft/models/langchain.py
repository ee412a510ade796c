"""Any LangChain chat model as a `ChatModel`: messages and sampling in, completions and usage out. No constraints."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from hashlib import sha256

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage

from redraft.models.base import ChatRequest, ChatResponse, Completion
from redraft.models.errors import ModelError, TimedOut, Unreachable, Unsupported
from redraft.models.openai_protocol import read_fault, seed_of
from redraft.models.wrapper import together
from redraft.schema import Usage

_FINISH_REASON_KEYS = ("finish_reason", "stop_reason", "done_reason")
_FINISH_REASONS = {"end_turn": "stop", "stop_sequence": "stop", "STOP": "stop"} | dict.fromkeys(
    ("max_tokens", "MAX_TOKENS", "model_length"), "length"
)


class LangChainModel:
    """`chat_model`, asked n times at once for n completions.

    Of temperature, top_p, max_tokens and seed a request sets those that the model's class has a field of that name
    for; the others stay as the model was made. Constraints and log-probabilities raise Unsupported. The identity is
    the class and its identifying parameters, or its fields where it names none.
    """

    def __init__(self, chat_model: BaseChatModel) -> None:
        self._chat_model = chat_model
        kind = type(chat_model)
        self._settable = {"temperature", "top_p", "max_tokens", "seed"} & kind.model_fields.keys()
        own = kind.model_fields.keys() - BaseChatModel.model_fields.keys()
        # Taken now: a model may count its calls in a field.
        parameters = dict(chat_model._identifying_params) or {name: getattr(chat_model, name) for name in own}
        described = json.dumps(parameters, sort_keys=True, default=lambda value: type(value).__name__)
        self._name = f"langchain:{kind.__name__}"
        self._identity = (
            f"langchain:{kind.__module__}.{kind.__qualname__}@{sha256(described.encode()).hexdigest()[:16]}"
        )

    @property
    def name(self) -> str:
        return self._name

    @property
    def identity(self) -> str:
        return self._identity

    async def chat(self, request: ChatRequest) -> ChatResponse:
        if request.constraint is not None or request.logprobs is not None:
            wish = "log-probabilities" if request.constraint is None else "a constrained reply"
            raise Unsupported(f"{self._name}: {wish} cannot be had through LangChain; name the model's server instead")
        start = time.perf_counter()
        messages = await together(self._ask(request, index) for index in range(request.sampling.n))
        tokens = Usage.total(_usage(message) for message in messages)
        usage = tokens.model_copy(update={"calls": 1, "seconds": time.perf_counter() - start})
        return ChatResponse(
            tuple(Completion(str(message.text), _finish_reason(message)) for message in messages), usage, self._name
        )

    async def _ask(self, request: ChatRequest, index: int) -> AIMessage:
        sampling = request.sampling
        wanted = {
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_tokens,
            "seed": seed_of(request, index),
        }
        settings = {name: value for name, value in wanted.items() if name in self._settable and value is not None}
        try:
            return await self._chat_model.bind(stop=list(sampling.stop) or None, **settings).ainvoke(
                [(message.role, message.content) for message in request.messages]
            )
        except Exception as error:  # Every provider's package has exceptions of its own.
            raise _fault(error) from error

    async def aclose(self) -> None:
        """Nothing to let go of: the model belongs to whoever made it."""


def _fault(error: Exception) -> ModelError:
    """What a third party's exception means, by the marks that the providers' packages have in common."""
    kind, message = type(error).__name__, str(error)
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and status >= 400:
        headers = getattr(getattr(error, "response", None), "headers", None)
        return read_fault(status, headers if isinstance(headers, Mapping) else {}, message.encode(errors="replace"))
    if isinstance(error, TimeoutError) or "Timeout" in kind:
        return TimedOut(f"{kind}: {message}")
    if isinstance(error, OSError) or "Connect" in kind:
        return Unreachable(f"{kind}: {message}")
    return ModelError(f"{kind}: {message}")


def _usage(message: AIMessage) -> Usage:
    if (counted := message.usage_metadata) is None:
        return Usage()
    return Usage(
        prompt_tokens=counted["input_tokens"],
        completion_tokens=counted["output_tokens"],
        cached_tokens=counted.get("input_token_details", {}).get("cache_read", 0),
    )


def _finish_reason(message: AIMessage) -> str:
    for key in _FINISH_REASON_KEYS:
        if isinstance(reason := message.response_metadata.get(key), str):
            return _FINISH_REASONS.get(reason, reason)
    return "stop"  # Many models say nothing; what came back without an error is whole.
