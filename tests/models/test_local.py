"""The embedded model in llama.cpp does for real what the protocol promises. No test asks what it says."""

from __future__ import annotations

import asyncio
import json
import re
import time
from contextlib import aclosing
from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.models.base import Choice, Grammar, JsonSchema, Regex
from redraft.models.errors import BadRequest, PromptTooLong, Unsupported
from redraft.models.local import LocalModel
from redraft.models.store import Stored
from tests.models.asking import ask

pytestmark = [pytest.mark.local, pytest.mark.asyncio(loop_scope="session")]

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 12}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


async def test_a_chat_brings_text_and_usage(local_model: LocalModel) -> None:
    response = await local_model.chat(ask(max_tokens=8))
    (completion,) = response.completions
    assert completion.text
    assert completion.finish_reason in ("stop", "length")
    assert response.usage.calls == 1
    assert 10 < response.usage.prompt_tokens < 100
    assert 0 < response.usage.completion_tokens <= 8
    assert response.usage.seconds > 0


async def test_a_connection_that_the_server_gave_up_meanwhile_is_not_used_again(local_model: LocalModel) -> None:
    await local_model.chat(ask(max_tokens=2))
    time.sleep(5.2)  # Longer than llama.cpp keeps a connection; a loop that stands still sees no end.
    response = await local_model.chat(ask(max_tokens=2))
    assert response.completions


async def test_a_completion_ends_at_its_token_limit(local_model: LocalModel) -> None:
    response = await local_model.chat(ask("Count from one to one hundred.", max_tokens=3))
    assert response.completions[0].finish_reason == "length"
    assert response.usage.completion_tokens == 3


async def test_a_schema_is_kept_without_free_whitespace(local_model: LocalModel) -> None:
    constraint = JsonSchema(json.dumps(PERSON))
    response = await local_model.chat(ask("Describe a person.", constraint=constraint, max_tokens=60))
    (completion,) = response.completions
    assert completion.finish_reason == "stop"
    person = json.loads(completion.text)
    assert person.keys() == {"name", "age"}
    assert completion.text == json.dumps(person, separators=(",", ":"), ensure_ascii=False)


async def test_a_choice_is_one_of_its_options(local_model: LocalModel) -> None:
    options = ('"A"', "Grüße 😀\n")
    response = await local_model.chat(ask(constraint=Choice(options)))
    assert response.completions[0].text in options


@pytest.mark.parametrize("pattern", [r"[0-9]{4}/[a-z]{2}", r"(A|B): [^\n]{1,10}", r"\d+\.", 'ü{2}"'])
async def test_a_regex_is_matched_as_a_whole(local_model: LocalModel, pattern: str) -> None:
    response = await local_model.chat(ask(constraint=Regex(pattern), max_tokens=40))
    (completion,) = response.completions
    if completion.finish_reason == "stop":
        assert re.fullmatch(pattern, completion.text)
    else:
        assert pattern == r"\d+\."  # The only one without an end of its own.


async def test_a_grammar_is_kept(local_model: LocalModel) -> None:
    response = await local_model.chat(ask(constraint=Grammar('root ::= "yes" | "no" " way"?')))
    assert response.completions[0].text in ("yes", "no", "no way")


async def test_a_constraint_that_llama_cpp_cannot_read_is_never_dropped_silently(local_model: LocalModel) -> None:
    with pytest.raises(BadRequest):
        await local_model.chat(ask(constraint=Grammar("not a grammar")))
    with pytest.raises(Unsupported, match="ignored"):
        await local_model.chat(ask(constraint=JsonSchema('{"type": "no such type"}')))


async def test_seeded_samples_differ_from_each_other_and_come_again(local_model: LocalModel) -> None:
    request = ask("Tell me a story.", n=3, temperature=1.0, seed=5, max_tokens=12)
    first = await local_model.chat(request)
    texts = [completion.text for completion in first.completions]
    assert len(set(texts)) == 3
    # The same seed alone on the machine; in a batch with others the last digits of a logit may differ.
    one = ask("Tell me a story.", temperature=1.0, seed=5, max_tokens=12)
    again = [(await local_model.chat(one)).completions[0].text for _ in range(2)]
    assert again[0] == again[1]


async def test_logprobs_come_with_as_many_alternatives_as_asked(local_model: LocalModel) -> None:
    for wanted in (0, 2):
        response = await local_model.chat(ask(logprobs=wanted, max_tokens=3))
        logprobs = response.completions[0].logprobs
        assert logprobs is not None
        assert [len(token.top) for token in logprobs] == [wanted] * 3
        assert all(token.logprob <= 0 for token in logprobs)
        assert "".join(token.token for token in logprobs).strip() == response.completions[0].text.strip()
    top = logprobs[0].top
    assert top[0][1] >= top[1][1]


async def test_a_stop_string_ends_the_text_and_is_not_part_of_it(local_model: LocalModel) -> None:
    free = await local_model.chat(ask(max_tokens=16))
    stop = free.completions[0].text[5:7]
    stopped = await local_model.chat(ask(max_tokens=16, stop=(stop,)))
    assert stop not in stopped.completions[0].text
    assert stopped.completions[0].finish_reason == "stop"


async def test_a_prompt_seen_before_is_read_from_the_cache(local_model: LocalModel) -> None:
    request = ask("Here is a sentence that no other test says: the heron waits. Repeat it.", max_tokens=2)
    await local_model.chat(request)
    again = await local_model.chat(request)
    assert again.usage.cached_tokens > again.usage.prompt_tokens / 2


async def test_a_prompt_longer_than_the_context_says_so(local_model: LocalModel) -> None:
    with pytest.raises(PromptTooLong, match="context size"):
        await local_model.chat(ask("hello " * 5000))


async def test_more_chats_than_slots_wait_their_turn(local_model: LocalModel) -> None:
    responses = await asyncio.gather(*(local_model.chat(ask(f"Say {i}.", max_tokens=2)) for i in range(8)))
    assert all(response.completions[0].text for response in responses)


async def test_a_stored_reply_needs_no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with aclosing(Stored(LocalModel(slots=1, context=256), tmp_path / "store")) as stored:
        first = await stored.chat(ask(max_tokens=4))
    monkeypatch.setenv("REDRAFT_CACHE", str(tmp_path / "empty"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    async with aclosing(Stored(LocalModel(), tmp_path / "store")) as stored:
        again = await stored.chat(ask(max_tokens=4))
    assert (again.stored, again.completions) == (True, first.completions)


async def test_a_closed_model_loads_again(local_model: LocalModel) -> None:
    model = LocalModel(slots=1, context=256)
    for _ in range(2):
        assert (await model.chat(ask(max_tokens=2))).completions
        await model.aclose()
    await model.aclose()


async def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no file"):
        LocalModel(tmp_path / "absent.gguf")
    (tmp_path / "text.gguf").write_text("hello")
    with pytest.raises(ConfigError, match="cannot load"):
        await LocalModel(tmp_path / "text.gguf").connect()


async def test_the_identity_follows_the_content_of_a_file(tmp_path: Path) -> None:
    identities = set()
    for content in ("one", "two"):
        path = tmp_path / "model.gguf"
        path.write_text(content)
        identities.add(LocalModel(path).identity)
    assert len(identities) == 2
