"""What a request asks for is what vLLM does, in this process and behind a server alike."""

from __future__ import annotations

import json
import math
import re

import pytest

from redraft.models.base import (
    ChatModel,
    ChatRequest,
    ChatResponse,
    Choice,
    Grammar,
    JsonSchema,
    Message,
    Regex,
    Sampling,
)
from redraft.models.errors import BadRequest, PromptTooLong
from redraft.models.turn import turn

pytestmark = pytest.mark.vllm

SCHEMA = {
    "type": "object",
    "properties": {
        "severity": {"enum": ["critical", "major", "minor"]},
        "span": {"type": "string", "maxLength": 20},
        "positions": {"type": "array", "items": {"type": "integer", "maximum": 9, "minimum": 0}, "maxItems": 3},
    },
    "required": ["severity", "span", "positions"],
    "additionalProperties": False,
}


SHORT = Sampling(max_tokens=24)


def ask(text: str = "Name a city.", sampling: Sampling = SHORT) -> ChatRequest:
    return ChatRequest((Message("user", text),), sampling)


def constrained(constraint: JsonSchema | Choice | Regex | Grammar, max_tokens: int = 64) -> ChatRequest:
    return ChatRequest((Message("user", "Is it good?"),), Sampling(max_tokens=max_tokens), constraint)


def only(response: ChatResponse) -> str:
    (completion,) = response.completions
    return completion.text


async def test_it_answers(vllm: ChatModel) -> None:
    response = await vllm.chat(ask())
    assert only(response).strip()
    assert response.completions[0].finish_reason in ("stop", "length")
    assert response.completions[0].logprobs is None
    assert not response.stored


async def test_a_json_schema_is_kept_without_free_whitespace(vllm: ChatModel) -> None:
    text = only(await vllm.chat(constrained(JsonSchema(json.dumps(SCHEMA)))))
    found = json.loads(text)
    assert set(found) == {"severity", "span", "positions"}
    assert found["severity"] in ("critical", "major", "minor")
    outside_strings = re.sub(r'"(\\.|[^"\\])*"', '""', text)
    # xgrammar 0.2.8 still writes one space after a comma
    assert not re.search(r"\s(?<!, )", outside_strings)


async def test_a_choice_is_kept_to_the_letter(vllm: ChatModel) -> None:
    options = ("good\n", 'not "good"', "weiß nicht")
    assert only(await vllm.chat(constrained(Choice(options)))) in options


async def test_a_regex_is_matched_in_full(vllm: ChatModel) -> None:
    pattern = r"[AB]: [0-9]{2}/[0-9]{2}"
    assert re.fullmatch(pattern, only(await vllm.chat(constrained(Regex(pattern)))))


async def test_a_grammar_is_followed(vllm: ChatModel) -> None:
    grammar = Grammar('root ::= verdict ";" verdict\nverdict ::= "yes" | "no"')
    assert re.fullmatch("(yes|no);(yes|no)", only(await vllm.chat(constrained(grammar))))


async def test_a_constrained_reply_that_is_cut_says_so(vllm: ChatModel) -> None:
    response = await vllm.chat(constrained(Regex("[a-z]{50,60}"), max_tokens=4))
    assert response.completions[0].finish_reason == "length"


@pytest.mark.parametrize(
    "constraint", [Regex("(("), Grammar("no rule"), JsonSchema('{"type":')], ids=["regex", "grammar", "schema"]
)
async def test_a_constraint_that_cannot_be_read_is_a_bad_request(
    vllm: ChatModel, constraint: Regex | Grammar | JsonSchema
) -> None:
    with pytest.raises(BadRequest):
        await vllm.chat(constrained(constraint))


async def test_several_completions_come_from_one_call(vllm: ChatModel) -> None:
    response = await vllm.chat(ask(sampling=Sampling(max_tokens=24, n=4, temperature=1.5, seed=1)))
    assert len(response.completions) == 4
    assert len({completion.text for completion in response.completions}) > 1
    assert response.usage.calls == 1
    assert response.usage.completion_tokens > 4


async def test_several_greedy_completions_are_refused(vllm: ChatModel) -> None:
    with pytest.raises(BadRequest, match="greedy"):
        await vllm.chat(ask(sampling=Sampling(n=2)))


async def test_a_seed_decides_what_is_sampled(vllm: ChatModel) -> None:
    seeded = [Sampling(max_tokens=24, temperature=1.5, seed=seed) for seed in (1, 1, 2, 3)]
    one, again, *others = [only(await vllm.chat(ask(sampling=sampling))) for sampling in seeded]
    assert one == again
    assert set(others) - {one}


async def test_log_probabilities_come_with_the_likeliest_alternatives(vllm: ChatModel) -> None:
    request = ChatRequest((Message("user", "Name a city."),), Sampling(max_tokens=6), logprobs=3)
    (completion,) = (await vllm.chat(request)).completions
    assert completion.logprobs is not None
    assert 0 < len(completion.logprobs) <= 6
    assert "".join(token.token for token in completion.logprobs).startswith(completion.text)
    for token in completion.logprobs:
        assert len(token.top) == 3
        assert [value for _, value in token.top] == sorted((value for _, value in token.top), reverse=True)
        assert sum(math.exp(value) for _, value in token.top) <= 1.001
        assert token.top[0] == (token.token, token.logprob)  # temperature 0 takes the likeliest


async def test_no_alternatives_where_none_were_asked_for(vllm: ChatModel) -> None:
    request = ChatRequest((Message("user", "Name a city."),), Sampling(max_tokens=3), logprobs=0)
    (completion,) = (await vllm.chat(request)).completions
    assert completion.logprobs
    assert all(token.top == () and token.logprob <= 0 for token in completion.logprobs)


async def test_a_stop_string_ends_the_reply_and_is_not_part_of_it(vllm: ChatModel) -> None:
    request = ChatRequest(
        (Message("user", "Count."),), Sampling(max_tokens=20, stop=("3",)), constraint=Regex("1 2 3 4 5")
    )
    (completion,) = (await vllm.chat(request)).completions
    assert (completion.text, completion.finish_reason) == ("1 2 ", "stop")


async def test_usage_counts_the_tokens_and_the_cached_ones(vllm: ChatModel) -> None:
    shared = "You check translations. " * 60  # The cache holds whole blocks: 128 tokens each, on a CPU.
    first = await vllm.chat(ask(shared + "First.", Sampling(max_tokens=5)))
    second = await vllm.chat(ask(shared + "Second.", Sampling(max_tokens=5)))
    assert first.usage.prompt_tokens > 240
    assert 0 < second.usage.completion_tokens <= 5
    assert 0 < second.usage.cached_tokens < second.usage.prompt_tokens
    assert second.usage.seconds > 0


async def test_a_prompt_beyond_the_context_is_told_apart(vllm: ChatModel) -> None:
    with pytest.raises(PromptTooLong):
        await vllm.chat(ask("word " * 3000))


@pytest.mark.parametrize("sampling", [Sampling(max_tokens=0), Sampling(top_p=0.0), Sampling(temperature=-1.0)])
async def test_impossible_sampling_is_a_bad_request(vllm: ChatModel, sampling: Sampling) -> None:
    with pytest.raises(BadRequest):
        await vllm.chat(ask(sampling=sampling))


async def test_whose_turn_it_is_may_be_told_to_any_vllm(vllm: ChatModel) -> None:
    """A server without priority scheduling takes it too, and does not heed it."""
    token = turn.set(7)
    try:
        response = await vllm.chat(ask())
    finally:
        turn.reset(token)
    assert response.usage.completion_tokens > 0
