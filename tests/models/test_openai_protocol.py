"""What is said to a server, and how its words are read: plain data, no server."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from redraft.models.base import Choice, Completion, Grammar, JsonSchema, OutputConstraint, Regex, TokenLogprob
from redraft.models.errors import BadRequest, MalformedReply, Unsupported
from redraft.models.openai_protocol import (
    Dialect,
    keeps,
    read_fault,
    read_reply,
    request_bodies,
    retry_after,
    seed_of,
)
from tests.models.asking import ask

SCHEMA = JsonSchema('{"type": "object"}')


def body(constraint: OutputConstraint, dialect: Dialect) -> dict[str, JsonValue]:
    (only,) = request_bodies(ask(constraint=constraint), "tiny", dialect)
    return {key: only[key] for key in ("response_format", "structured_outputs", "grammar") if key in only}


def test_a_plain_request_says_no_more_than_it_must() -> None:
    assert request_bodies(ask(), "tiny", Dialect.OPENAI) == [
        {
            "model": "tiny",
            "messages": [{"role": "user", "content": "Say hello in German."}],
            "temperature": 0.0,
            "top_p": 1.0,
            "max_tokens": 16,
        }
    ]


@pytest.mark.parametrize("dialect", [Dialect.VLLM, Dialect.LLAMA_CPP, Dialect.OPENAI])
def test_a_schema_goes_the_way_that_every_server_knows(dialect: Dialect) -> None:
    named = {"name": "reply", "strict": True, "schema": {"type": "object"}}
    assert body(SCHEMA, dialect) == {"response_format": {"type": "json_schema", "json_schema": named}}


def test_with_llguidance_a_schema_leaves_no_free_whitespace() -> None:
    grammar = body(SCHEMA, Dialect.LLGUIDANCE)["grammar"]
    assert isinstance(grammar, str)
    start, schema = grammar.split("%json ")
    assert start == "%llguidance {}\nstart: "
    assert json.loads(schema) == {"type": "object", "x-guidance": {"whitespace_flexible": False}}


@pytest.mark.parametrize(
    ("constraint", "dialect", "expected"),
    [
        (Choice(("A", "B")), Dialect.VLLM, {"structured_outputs": {"choice": ["A", "B"]}}),
        (Regex("[0-9]+"), Dialect.VLLM, {"structured_outputs": {"regex": "[0-9]+"}}),
        (Grammar('root ::= "x"'), Dialect.VLLM, {"structured_outputs": {"grammar": 'root ::= "x"'}}),
        (Choice(('"A"', "ü\n")), Dialect.LLAMA_CPP, {"grammar": r'root ::= "\"A\"" | "ü\n"'}),
        (Grammar('root ::= "x"'), Dialect.LLAMA_CPP, {"grammar": 'root ::= "x"'}),
        (Regex(r"a/b\/c\\/d"), Dialect.LLGUIDANCE, {"grammar": "%llguidance {}\nstart: /" + r"a\/b\/c\\\/d" + "/"}),
    ],
)
def test_each_server_has_its_own_words_for_a_constraint(
    constraint: OutputConstraint, dialect: Dialect, expected: dict[str, JsonValue]
) -> None:
    assert body(constraint, dialect) == expected


@pytest.mark.parametrize(
    ("constraint", "dialect"),
    [
        (Regex("a"), Dialect.LLAMA_CPP),
        (Regex("a"), Dialect.OPENAI),
        (Choice(("a",)), Dialect.OPENAI),
        (Grammar("a"), Dialect.OPENAI),
    ],
)
def test_what_a_server_cannot_do_is_said_and_not_sent(constraint: OutputConstraint, dialect: Dialect) -> None:
    with pytest.raises(Unsupported, match=f"{type(constraint).__name__.lower()}; vLLM .*can"):
        body(constraint, dialect)


@pytest.mark.parametrize("constraint", [Regex("("), JsonSchema("{"), JsonSchema("[]")])
@pytest.mark.parametrize("dialect", list(Dialect))
def test_a_constraint_that_cannot_be_read_is_a_bad_request(constraint: OutputConstraint, dialect: Dialect) -> None:
    with pytest.raises(BadRequest):
        body(constraint, dialect)


def test_samples_of_a_seeded_request_have_seeds_of_their_own() -> None:
    seeds = [seed_of(ask(n=3, seed=7, sample=sample), index) for sample in range(4) for index in range(3)]
    assert seeds == list(range(7, 19))
    assert seed_of(ask(n=3, sample=2), 1) is None


# ---- reading ---------------------------------------------------------------------------------------------------


def reply(**choice: object) -> bytes:
    return json.dumps({"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"} | choice]}).encode()


def test_a_model_that_only_thought_said_nothing() -> None:
    message = {"content": None, "reasoning_content": "hm"}
    (completion,), _ = read_reply(reply(message=message, finish_reason="length"), ask(), 1, Dialect.VLLM)
    assert completion == Completion("", "length")


def test_logprobs_are_cut_to_what_was_asked() -> None:
    top = [{"token": "yes", "logprob": -0.1}, {"token": "no", "logprob": -2.0}]
    logprobs = {"content": [{"token": "yes", "logprob": -0.1, "top_logprobs": top}]}
    expected = {0: (), 1: (("yes", -0.1),), 5: (("yes", -0.1), ("no", -2.0))}
    for wanted, alternatives in expected.items():
        (completion,), _ = read_reply(reply(logprobs=logprobs), ask(logprobs=wanted), 1, Dialect.VLLM)
        assert completion.logprobs == (TokenLogprob("yes", -0.1, alternatives),)
    with pytest.raises(Unsupported, match="log-probabilities"):
        read_reply(reply(), ask(logprobs=0), 1, Dialect.VLLM)


def test_choices_come_in_their_order() -> None:
    choices = [{"index": index, "message": {"content": str(index)}} for index in (2, 0, 1)]
    found, _ = read_reply(json.dumps({"choices": choices}).encode(), ask(n=3), 3, Dialect.VLLM)
    assert [completion.text for completion in found] == ["0", "1", "2"]


@given(
    st.binary()
    | st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["choices", "message", "content", "usage", "index"]), inner)
        ),
    ).map(lambda v: json.dumps(v).encode())
)
def test_no_bytes_are_read_as_anything_but_a_reply_or_a_malformed_one(raw: bytes) -> None:
    try:
        completions, _ = read_reply(raw, ask(), 1, Dialect.VLLM)
    except MalformedReply:
        return
    assert len(completions) == 1
    assert b"content" in raw


@pytest.mark.parametrize(
    ("constraint", "text", "finish", "kept"),
    [
        (Choice(("yes", "no")), "yes", "stop", True),
        (Choice(("yes", "no")), "ye", "stop", False),
        (Choice(("yes", "no")), "ye", "length", True),
        (Choice(("yes", "no")), "Well", "length", False),
        (Regex("[ab]+"), "abba", "stop", True),
        (Regex("[ab]+"), "abc", "stop", False),
        (SCHEMA, '{"a": 1}', "stop", True),
        (SCHEMA, '{"a": ', "stop", False),
        (SCHEMA, '{"a": "b', "length", True),
        (SCHEMA, "", "length", True),
        (SCHEMA, "Sure! Here", "length", False),
        (None, "anything", "stop", True),
    ],
)
def test_a_constraint_is_checked_as_far_as_the_reply_goes(
    constraint: OutputConstraint | None, text: str, finish: str, kept: bool
) -> None:
    assert keeps(Completion(text, finish), ask(constraint=constraint)) is kept


def test_a_reply_that_a_stop_string_cut_need_only_begin_right() -> None:
    request = ask(constraint=SCHEMA, stop=("}",))
    assert keeps(Completion('{"a": 1', "stop"), request)
    assert not keeps(Completion('{"a": 1', "stop"), replace(request, sampling=ask().sampling))


# ---- faults ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"error": {"message": "bad"}}', "bad"),
        (b'{"error": "bad"}', "bad"),
        (b'{"message": "bad"}', "bad"),
        (b'{"detail": "bad"}', "bad"),
        (b"bad", "bad"),
        (b"", "no message"),
        (b"\xff", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_the_sentence_in_an_error_is_found(raw: bytes, message: str) -> None:
    assert str(read_fault(400, {}, raw)) == f"HTTP 400: {message}"


@given(st.integers(400, 599), st.dictionaries(st.just("Retry-After"), st.text()), st.binary())
def test_any_error_status_is_read(status: int, headers: dict[str, str], raw: bytes) -> None:
    assert read_fault(status, headers, raw).transient == (status in (408, 429) or status >= 500)


def test_retry_after_is_seconds_or_a_date() -> None:
    assert retry_after({"Retry-After": "7"}) == 7
    assert retry_after({}) is None
    assert retry_after({"Retry-After": "soon"}) is None
    long_ago = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    assert retry_after({"Retry-After": long_ago}) == 0
    tomorrow = retry_after({"Retry-After": format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)})
    assert tomorrow is not None
    assert 80_000 < tomorrow <= 86_400
