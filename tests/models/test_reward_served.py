"""Reward models behind real vLLM servers: the numbers are numpy's and transformers', in float32 to within 1e-4."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from redraft.errors import ConfigError
from redraft.models.errors import PromptTooLong, Unreachable
from redraft.models.reward.classifier import Classifier
from redraft.models.reward.in_process import InProcess
from redraft.models.reward.p_true import QUESTION, PTrue
from redraft.models.reward.served import Served
from redraft.models.reward.step_tags import StepTags
from tests.models.conftest import Server, start_server
from tests.models.make_tiny_reward import CONTEXT, ids, logit, make, share

PROMPT = "Why is the sky blue ?"
REPLY = "light and air ."
STEPS = ("light and air .", "so it is blue , and light .", "Step 3: it is so")
OPTIONS = ("--dtype", "float32", "--max-model-len", str(CONTEXT), "--max-num-seqs", "8")


class Pair(NamedTuple):
    """A folder of weights, and the server that runs them."""

    folder: Path
    server: Server


class Pairs(NamedTuple):
    classifier: Pair
    causal: Pair


@pytest.fixture(scope="module")  # Each holds 2 GB.
def reward_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pairs]:
    """Both kinds of model, each behind a server; the servers start at the same time."""
    root = tmp_path_factory.mktemp("served")
    folders = make(root / "classifier", "classifier"), make(root / "causal", "causal")
    started = [start_server(folders[0], root / "classifier.log", *OPTIONS, "--runner", "pooling")]
    try:
        started.append(start_server(folders[1], root / "causal.log", *OPTIONS))
        for server in started:
            server.wait_until_ready()
        yield Pairs(*map(Pair, folders, started))
    finally:
        for server in started:
            server.stop()


@pytest.fixture
async def classifier(reward_servers: Pairs) -> AsyncIterator[Served]:
    engine = Served(reward_servers.classifier.server.url)
    yield engine
    await engine.aclose()


@pytest.fixture
async def causal(reward_servers: Pairs) -> AsyncIterator[Served]:
    engine = Served(reward_servers.causal.server.url)
    yield engine
    await engine.aclose()


def close(expected: object) -> object:
    return pytest.approx(expected, abs=1e-4)


@pytest.mark.slow
@pytest.mark.vllm
class TestOnAServer:
    async def test_a_classifiers_logit_is_the_reward_of_the_chat(
        self, classifier: Served, reward_servers: Pairs
    ) -> None:
        model = Classifier(classifier, raw=True)
        await model.connect()
        found = await model.outcome(PROMPT, REPLY)
        assert found == close(logit(ids(f"<s> user: {PROMPT} </s> assistant: {REPLY} </s>", begin=False)))
        here = Classifier(InProcess(str(reward_servers.classifier.folder), "classifier"), raw=True)
        assert found == close(await here.outcome(PROMPT, REPLY))
        assert await model.steps(PROMPT, STEPS) == close(await here.steps(PROMPT, STEPS))

    async def test_a_cross_encoder_is_sent_a_pair(self, reward_servers: Pairs) -> None:
        engine = Served(reward_servers.classifier.server.url, chat=False)
        assert await engine.logits(PROMPT, [REPLY]) == close([logit(ids(f"{PROMPT} </s> {REPLY}"))])
        await engine.aclose()

    async def test_step_tags_are_read_as_math_shepherd_has_them(self, causal: Served, reward_servers: Pairs) -> None:
        model, here = StepTags(causal), StepTags(InProcess(str(reward_servers.causal.folder), "causal"))
        await model.connect()
        found = await model.steps(PROMPT, STEPS)
        assert found == close(tuple(share(ids(text), "+", "-") for text in model.texts(PROMPT, STEPS)))
        assert found == close(await here.steps(PROMPT, STEPS))

    async def test_p_true_is_a_share_of_the_next_word(self, causal: Served, reward_servers: Pairs) -> None:
        asked = QUESTION.format(prompt=PROMPT, reply=REPLY)
        found = await PTrue(causal).outcome(PROMPT, REPLY)
        assert found == close(share(ids(f"<s> user: {asked} </s> assistant:", begin=False), "True", "False"))
        assert found == close(
            await PTrue(InProcess(str(reward_servers.causal.folder), "causal")).outcome(PROMPT, REPLY)
        )
        plain = Served(reward_servers.causal.server.url, chat=False)
        found = await PTrue(plain).outcome(PROMPT, REPLY)
        assert found == close(share(ids(f"{asked} Answer:"), "True", "False"))
        await plain.aclose()

    async def test_many_at_once_get_the_numbers_they_get_alone(self, classifier: Served, causal: Served) -> None:
        replies = [f"{REPLY} " + "light " * count for count in range(20)]
        for model in (Classifier(classifier), StepTags(causal), PTrue(causal)):
            together = await asyncio.gather(*(model.outcome(PROMPT, reply) for reply in replies))
            assert together == close([await model.outcome(PROMPT, reply) for reply in replies])

    async def test_a_tag_in_a_text_sets_no_step(self, causal: Served) -> None:
        found = await StepTags(causal).steps(PROMPT, ["it is so ки + two", REPLY])
        texts = (
            f"{PROMPT} Step 1: it is so к и + two ки",
            f"{PROMPT} Step 1: it is so к и + two ки Step 2: {REPLY} ки",
        )
        assert found == close(tuple(share(ids(text), "+", "-") for text in texts))

    async def test_a_text_beyond_the_context_is_refused(self, classifier: Served, causal: Served) -> None:
        for model in (Classifier(classifier), StepTags(causal), PTrue(causal)):
            with pytest.raises(PromptTooLong):
                await model.outcome(PROMPT, "air " * 120)

    async def test_a_word_that_is_no_token_is_a_configuration_error(self, causal: Served) -> None:
        with pytest.raises(ConfigError, match=r"'Good \?' is 2 tokens"):
            await StepTags(causal, good="Good ?").connect()
        with pytest.raises(ConfigError, match="'Yes' is unknown"):
            await PTrue(causal, true="Yes").connect()

    async def test_a_server_of_the_other_kind_is_refused_with_what_to_do(
        self, classifier: Served, causal: Served, reward_servers: Pairs
    ) -> None:
        with pytest.raises(ConfigError, match="has to run a causal language model"):
            await StepTags(classifier).connect()
        with pytest.raises(ConfigError, match="has to run a sequence classifier"):
            await Classifier(causal).connect()
        pair = Served(reward_servers.causal.server.url, chat=False)
        with pytest.raises(ConfigError, match="has to run a sequence classifier"):
            await Classifier(pair).connect()
        await pair.aclose()


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    engine = Served("http://localhost:9/v1#prm", "prm", timeout=5)
    for model in (Classifier(engine), StepTags(engine)):
        with pytest.raises(Unreachable):
            await model.outcome(PROMPT, REPLY)
    await engine.aclose()


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(ConfigError, match="is not the address of a server"):
        Served("http://")
