"""Any LangChain chat model is a model: its settings are set where it has them, its errors are ours."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, FakeListChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from redraft.models.base import ChatRequest, Choice, Message, is_chat_model
from redraft.models.errors import ModelError, RateLimited, TimedOut, Unreachable, Unsupported
from redraft.models.langchain import LangChainModel
from tests.models.asking import ask


class Parrot(BaseChatModel):
    """Says what it was called with. It knows a temperature, a limit and a seed, and no top_p."""

    temperature: float = 1.0
    max_tokens: int = 5
    seed: int | None = None

    @property
    def _llm_type(self) -> str:
        return "parrot"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        said = " ".join(f"{message.type}:{message.content}" for message in messages)
        settings = " ".join(f"{name}={value}" for name, value in sorted(kwargs.items()))
        message = AIMessage(
            content=[{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": f"{said} {settings} {stop}"}],
            usage_metadata={
                "input_tokens": 3,
                "output_tokens": 4,
                "total_tokens": 7,
                "input_token_details": {"cache_read": 2},
            },
            response_metadata={"stop_reason": "max_tokens"},
        )
        return ChatResult(generations=[ChatGeneration(message=message)])


class Failing(Parrot):
    """Raises the error it holds."""

    error: object

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        assert isinstance(self.error, Exception)
        raise self.error


class StatusError(Exception):
    """As the packages of the providers have it."""

    status_code = 429


class ApiTimeoutError(Exception):
    pass


class ApiConnectionError(Exception):
    pass


async def test_messages_settings_and_stop_strings_arrive() -> None:
    request = ChatRequest(
        (Message("system", "s"), Message("user", "{u}"), Message("assistant", "a"), Message("user", "v")),
        ask(temperature=0.5, max_tokens=9, stop=("x",)).sampling,
    )
    response = await LangChainModel(Parrot()).chat(request)
    assert response.completions[0].text == "system:s human:{u} ai:a human:v max_tokens=9 temperature=0.5 ['x']"


async def test_usage_and_finish_reason_are_read() -> None:
    response = await LangChainModel(Parrot()).chat(ask())
    assert response.completions[0].finish_reason == "length"
    usage = response.usage
    assert (usage.calls, usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens) == (1, 3, 4, 2)


async def test_n_completions_are_n_calls_with_seeds_of_their_own() -> None:
    response = await LangChainModel(Parrot()).chat(ask(n=3, seed=5))
    assert [text.text.split("seed=")[1][0] for text in response.completions] == ["5", "6", "7"]
    assert (response.usage.calls, response.usage.completion_tokens) == (1, 12)


async def test_a_model_that_tells_nothing_is_taken_as_it_is() -> None:
    response = await LangChainModel(FakeListChatModel(responses=["a", "b"])).chat(ask(n=2, seed=1))
    assert sorted(completion.text for completion in response.completions) == ["a", "b"]
    assert {completion.finish_reason for completion in response.completions} == {"stop"}
    assert response.usage.prompt_tokens == 0


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (StatusError("slow down"), RateLimited),
        (TimeoutError(), TimedOut),
        (ApiTimeoutError(), TimedOut),
        (ConnectionResetError(), Unreachable),
        (ApiConnectionError(), Unreachable),
        (RuntimeError("odd"), ModelError),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else type(value).__name__,
)
async def test_a_providers_error_is_one_of_ours_and_keeps_its_cause(
    error: Exception, expected: type[ModelError]
) -> None:
    with pytest.raises(ModelError) as caught:
        await LangChainModel(Failing(error=error)).chat(ask(n=2))
    assert type(caught.value) is expected
    assert type(caught.value.__cause__) is type(error)


async def test_what_langchain_cannot_promise_is_refused() -> None:
    model = LangChainModel(Parrot())
    for request in (ask(constraint=Choice(("a",))), ask(logprobs=0)):
        with pytest.raises(Unsupported, match="LangChain"):
            await model.chat(request)


def test_the_identity_follows_class_and_settings() -> None:
    identities = {
        LangChainModel(model).identity
        for model in (Parrot(), Parrot(temperature=0.1), Failing(error=None), FakeListChatModel(responses=["a"]))
    }
    assert len(identities) == 4
    assert LangChainModel(Parrot()).identity == LangChainModel(Parrot()).identity
    assert is_chat_model(LangChainModel(Parrot()))
