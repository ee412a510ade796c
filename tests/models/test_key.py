"""The key of a request changes with everything that decides the response, and with nothing else."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from redraft.models.base import ChatRequest, Choice, Grammar, JsonSchema, Message, Regex, Sampling
from redraft.models.key import request_key

BASE = ChatRequest((Message("system", "s"), Message("user", "u")), Sampling())

CHANGES = {
    "role": replace(BASE, messages=(Message("user", "s"), Message("user", "u"))),
    "content": replace(BASE, messages=(Message("system", "s"), Message("user", "v"))),
    "order": replace(BASE, messages=BASE.messages[::-1]),
    "split": replace(BASE, messages=(Message("system", "su"), Message("user", ""))),
    "sample": replace(BASE, sample=1),
    "no alternatives": replace(BASE, logprobs=0),
    "alternatives": replace(BASE, logprobs=1),
    "regex": replace(BASE, constraint=Regex("a")),
    "grammar": replace(BASE, constraint=Grammar("a")),
    "schema": replace(BASE, constraint=JsonSchema("a")),
    "choice": replace(BASE, constraint=Choice(("a",))),
    "choices": replace(BASE, constraint=Choice(("a", "b"))),
    **{
        name: replace(BASE, sampling=replace(BASE.sampling, **{name: value}))
        for name, value in {
            "temperature": 0.5,
            "top_p": 0.5,
            "max_tokens": 1,
            "n": 2,
            "seed": 0,
            "stop": ("x",),
        }.items()
    },
}


def test_every_field_of_a_request_is_in_its_key() -> None:
    keys = {request_key("model", request) for request in (BASE, *CHANGES.values())}
    assert len(keys) == len(CHANGES) + 1


def test_no_field_was_forgotten_above() -> None:
    assert set(Sampling.__dataclass_fields__) <= CHANGES.keys()
    assert set(ChatRequest.__dataclass_fields__) == {"messages", "sampling", "constraint", "logprobs", "sample"}


def test_the_model_is_in_the_key() -> None:
    assert request_key("one", BASE) != request_key("two", BASE)


def test_a_key_is_the_same_in_every_process_and_release() -> None:
    """A change of this value throws away every response store that users have: make it on purpose."""
    assert request_key("model", BASE).hex() == "12c7e086a717e0e45f978e8001fc28e93b66ec215e4327600367d547da6f6047"


requests = st.builds(
    ChatRequest,
    st.lists(st.builds(Message, st.sampled_from(["system", "user", "assistant"]), st.text()), max_size=3).map(tuple),
    st.builds(Sampling, seed=st.none() | st.integers(), stop=st.lists(st.text(), max_size=2).map(tuple)),
    st.none() | st.builds(Regex, st.text()) | st.builds(Choice, st.lists(st.text(), max_size=2).map(tuple)),
    st.none() | st.integers(0, 3),
    st.integers(0, 3),
)


@given(requests, requests)
def test_different_requests_have_different_keys(one: ChatRequest, other: ChatRequest) -> None:
    assert (request_key("model", one) == request_key("model", other)) == (one == other)
