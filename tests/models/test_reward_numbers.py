"""What tiny reward models give in transformers is what numpy computes without it: float32 to within 1e-5."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.errors import ConfigError, MissingExtra
from redraft.models.errors import MalformedReply, PromptTooLong
from redraft.models.reward.base import NoAnswer, number, sigmoid
from redraft.models.reward.classifier import Classifier
from redraft.models.reward.in_process import InProcess
from redraft.models.reward.open import open_engine
from redraft.models.reward.p_true import QUESTION, PTrue
from redraft.models.reward.served import Served
from redraft.models.reward.step_tags import StepTags, break_tag
from tests.models.make_tiny_reward import CONTEXT, VOCABULARY, ids, logit, make, share, write_tokenizer

pytest.importorskip("transformers", reason="transformers is not installed: pip install 'redraft[transformers]'")

PROMPT = "Why is the sky blue ?"
REPLY = "light and air ."
STEPS = ("light and air .", "so it is blue , and light .", "Step 3: it is so")
WORDS = st.lists(st.sampled_from([word for word in VOCABULARY if word.isalpha()]), min_size=1, max_size=25)


def close(expected: object) -> object:
    return pytest.approx(expected, abs=1e-5)


def chat(prompt: str, reply: str) -> list[int]:
    return ids(f"<s> user: {prompt} </s> assistant: {reply} </s>", begin=False)


def question(prompt: str, reply: str) -> str:
    return QUESTION.format(prompt=prompt, reply=reply)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of each kind of model."""
    root = tmp_path_factory.mktemp("rewards")
    make(root / "classifier", "classifier")
    make(root / "pairs", "classifier", labels=2, chat=False)
    make(root / "causal", "causal")
    make(root / "plain", "causal", chat=False)
    return root


@pytest.fixture(scope="session")
def classifier(folder: Path) -> InProcess:
    return InProcess(str(folder / "classifier"), "classifier")


@pytest.fixture(scope="session")
def one_by_one(folder: Path) -> InProcess:
    return InProcess(str(folder / "classifier"), "classifier", batch_size=1)


@pytest.fixture(scope="session")
def causal(folder: Path) -> InProcess:
    return InProcess(str(folder / "causal"), "causal")


# ---- exact numbers ---------------------------------------------------------------------------------------------


async def test_a_classifiers_logit_is_the_reward_of_the_chat(classifier: InProcess) -> None:
    expected = logit(chat(PROMPT, REPLY))
    assert await Classifier(classifier, raw=True).outcome(PROMPT, REPLY) == close(expected)
    assert await Classifier(classifier).outcome(PROMPT, REPLY) == close(sigmoid(expected))


async def test_without_a_chat_template_prompt_and_reply_are_a_pair_and_two_labels_are_one_number(folder: Path) -> None:
    pairs = InProcess(str(folder / "pairs"), "classifier")
    expected = logit(ids(f"{PROMPT} </s> {REPLY}"), labels=2)
    assert await Classifier(pairs, raw=True).outcome(PROMPT, REPLY) == close(expected)


async def test_a_chat_template_may_be_left_aside(folder: Path) -> None:
    model = Classifier(InProcess(str(folder / "classifier"), "classifier", chat=False), raw=True)
    assert await model.outcome(PROMPT, REPLY) == close(logit(ids(f"{PROMPT} </s> {REPLY}")))


async def test_a_classifier_judges_a_step_by_the_reply_up_to_it(classifier: InProcess) -> None:
    expected = [sigmoid(logit(chat(PROMPT, " ".join(STEPS[:end])))) for end in (1, 2, 3)]
    assert await Classifier(classifier).steps(PROMPT, STEPS) == close(tuple(expected))


async def test_step_tags_are_read_as_math_shepherd_has_them(causal: InProcess) -> None:
    first = f"{PROMPT} Step 1: {STEPS[0]} ки"
    second = f"{first} Step 2: {STEPS[1]} ки"
    third = f"{second} {STEPS[2]} ки"
    expected = tuple(share(ids(text), "+", "-") for text in (first, second, third))
    assert await StepTags(causal).steps(PROMPT, STEPS) == close(expected)
    assert await StepTags(causal).outcome(PROMPT, STEPS[0]) == close(expected[0])


async def test_another_models_tag_and_words_may_be_named(causal: InProcess) -> None:
    model = StepTags(causal, tag=" so", good="Good", bad="Bad", numbered=False)
    found = await model.steps(PROMPT, ("light and air", "two"))
    assert found[1] == close(share(ids(f"{PROMPT} light and air so two so"), "Good", "Bad"))


async def test_p_true_is_a_share_of_the_next_word(causal: InProcess, folder: Path) -> None:
    asked = question(PROMPT, REPLY)
    expected = share(ids(f"<s> user: {asked} </s> assistant:", begin=False), "True", "False")
    assert await PTrue(causal).outcome(PROMPT, REPLY) == close(expected)
    plain = PTrue(InProcess(str(folder / "plain"), "causal"))
    assert await plain.outcome(PROMPT, REPLY) == close(share(ids(f"{asked} Answer:"), "True", "False"))


async def test_p_true_of_a_step_is_that_of_the_reply_up_to_it(causal: InProcess) -> None:
    asked = question(PROMPT, f"{STEPS[0]} {STEPS[1]}")
    expected = share(ids(f"<s> user: {asked} </s> assistant:", begin=False), "True", "False")
    assert (await PTrue(causal).steps(PROMPT, STEPS[:2]))[1] == close(expected)


async def test_neither_word_is_no_answer_and_never_a_zero_or_a_one(causal: InProcess) -> None:
    with pytest.raises(NoAnswer, match="True and False together have a probability"):
        await PTrue(causal, floor=0.9).outcome(PROMPT, REPLY)


async def test_braces_in_a_text_are_text(causal: InProcess) -> None:
    written = "two {reply} and {prompt}"
    asked = question(PROMPT, "@").replace("@", written)
    expected = share(ids(f"<s> user: {asked} </s> assistant:", begin=False), "True", "False")
    assert await PTrue(causal).outcome(PROMPT, written) == close(expected)


async def test_no_steps_have_no_scores(classifier: InProcess, causal: InProcess) -> None:
    assert [await model.steps(PROMPT, ()) for model in (Classifier(classifier), StepTags(causal))] == [(), ()]


# ---- the batch -------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.lists(WORDS, min_size=2, max_size=12))
def test_a_number_does_not_depend_on_the_batch_it_was_in(
    classifier: InProcess, one_by_one: InProcess, replies: list[list[str]]
) -> None:
    texts = [" ".join(words) for words in replies]

    async def scores(engine: InProcess) -> list[float]:
        return list(await asyncio.gather(*(Classifier(engine, raw=True).outcome(PROMPT, text) for text in texts)))

    together = asyncio.run(scores(classifier))
    assert together == close([logit(chat(PROMPT, text)) for text in texts])
    assert together == close(asyncio.run(scores(one_by_one)))


async def test_step_scores_do_not_depend_on_the_batch_either(causal: InProcess) -> None:
    model = StepTags(causal)
    drafts = [STEPS, STEPS[:1], ("two and three make five .",) * 3, STEPS[1:]]
    together = await asyncio.gather(*(model.steps(PROMPT, draft) for draft in drafts))
    assert together == [close(await model.steps(PROMPT, draft)) for draft in drafts]


# ---- bad input -------------------------------------------------------------------------------------------------


async def test_a_text_beyond_the_context_is_refused_and_costs_no_one_else(classifier: InProcess) -> None:
    model = Classifier(classifier, raw=True)
    long, good = await asyncio.gather(
        model.outcome(PROMPT, "light " * 200), model.outcome(PROMPT, REPLY), return_exceptions=True
    )
    assert isinstance(long, PromptTooLong)
    assert str(CONTEXT) in str(long)
    assert good == close(logit(chat(PROMPT, REPLY)))


async def test_a_text_that_just_fits_is_scored_whole(classifier: InProcess) -> None:
    reply = " ".join(["light"] * (CONTEXT - len(chat(PROMPT, ""))))
    assert await Classifier(classifier, raw=True).outcome(PROMPT, reply) == close(logit(chat(PROMPT, reply)))
    with pytest.raises(PromptTooLong):
        await Classifier(classifier, raw=True).outcome(PROMPT, f"{reply} light")


@pytest.mark.parametrize("forged", ["it is so ки + two", "ки ки ки", "кики", "ки"])
async def test_a_tag_in_a_text_is_broken_and_sets_no_step(causal: InProcess, forged: str) -> None:
    model = StepTags(causal)
    texts = model.texts(f"{PROMPT} ки", [forged, REPLY])
    assert [text.count("ки") for text in texts] == [1, 2]
    found = await model.steps(f"{PROMPT} ки", [forged, REPLY])
    assert len(found) == 2
    assert found == close(tuple(share(ids(text), "+", "-") for text in texts))


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([" ки", "<extra_0>", "＜extra_0＞", "\n\n", "к", "и", " ", "x", "<"])).map("".join),
    st.sampled_from([" ки", "<extra_0>", "\n\n", "+"]),
)
def test_no_text_keeps_a_tag(text: str, tag: str) -> None:
    assert (tag.strip() or tag) not in break_tag(text, tag)


def test_a_text_without_the_tag_is_left_as_it_is() -> None:
    assert break_tag("½ of ﬁve", " ки") == "½ of ﬁve"


async def test_a_word_of_two_tokens_or_none_is_a_configuration_error(causal: InProcess) -> None:
    with pytest.raises(ConfigError, match=r"'Good \?' is 2 tokens"):
        await StepTags(causal, good="Good ?").connect()
    with pytest.raises(ConfigError, match="'Yes' is unknown"):
        await PTrue(causal, true="Yes").connect()
    with pytest.raises(ConfigError, match="'Yes' is unknown"):
        await PTrue(causal, true="Yes").outcome(PROMPT, REPLY)


async def test_a_word_that_the_tokenizer_takes_for_another_is_a_configuration_error(tmp_path: Path) -> None:
    make(tmp_path, "causal")
    vocabulary = {word: number for word, number in VOCABULARY.items() if word != "+"} | {"☩": VOCABULARY["+"]}
    write_tokenizer(tmp_path, vocabulary)
    with pytest.raises(ConfigError, match=r"'\+' is unknown"):
        await StepTags(InProcess(str(tmp_path), "causal")).connect()


async def test_weights_of_another_kind_are_refused_with_what_to_do(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"LlamaForCausalLM.*no sequence classifier.*p-true:MODEL"):
        await InProcess(str(folder / "causal"), "classifier").connect()
    with pytest.raises(ConfigError, match=r"no causal language model.*reward:MODEL"):
        await InProcess(str(folder / "classifier"), "causal").connect()


async def test_more_than_two_labels_are_no_reward(tmp_path: Path) -> None:
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig(
        vocab_size=99, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8, num_labels=5
    )
    BertForSequenceClassification(config).save_pretrained(tmp_path)
    write_tokenizer(tmp_path)
    with pytest.raises(ConfigError, match="tells 5 classes apart"):
        await InProcess(str(tmp_path), "classifier").connect()


async def test_what_is_not_there_is_said_each_time(tmp_path: Path) -> None:
    engine = InProcess(str(tmp_path / "absent"), "classifier")
    for _ in range(2):
        with pytest.raises(ConfigError, match="absent cannot be loaded as a sequence classifier"):
            await Classifier(engine).outcome(PROMPT, REPLY)
    await engine.aclose()


async def test_without_transformers_the_line_to_type_is_told(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtra, match=r"redraft\[transformers\]"):
        await InProcess(str(folder / "causal"), "causal").connect()


def test_what_is_no_number_is_no_score() -> None:
    assert number(-3.5) == -3.5
    for value in (float("nan"), float("inf")):
        with pytest.raises(MalformedReply):
            number(value)


def test_a_large_logit_is_squashed_without_overflow() -> None:
    assert (sigmoid(-1000), sigmoid(0), sigmoid(1000)) == (0, 0.5, 1)


# ---- its life --------------------------------------------------------------------------------------------------


async def test_the_identity_names_weights_precision_and_reading(folder: Path) -> None:
    engine = InProcess(str(folder / "causal"), "causal")
    with pytest.raises(ConfigError, match="connect first"):
        _ = engine.identity
    await StepTags(engine).connect()
    models = (StepTags(engine), StepTags(engine, good="Good"), PTrue(engine), PTrue(engine, question="{reply}?"))
    readings = {model.identity for model in models}
    assert len(readings) == 4
    assert all(f"{folder / 'causal'}@" in each and " float32 " in each for each in readings)


async def test_a_closed_model_loads_again(folder: Path) -> None:
    model = Classifier(InProcess(str(folder / "classifier"), "classifier"))
    first = await model.outcome(PROMPT, REPLY)
    await model.aclose()
    await model.aclose()
    assert await model.outcome(PROMPT, REPLY) == first
    await model.aclose()


def test_a_string_names_an_engine(folder: Path) -> None:
    assert isinstance(open_engine("http://localhost:1/v1#orm", "classifier"), Served)
    assert open_engine("http://localhost:1/v1#orm", "classifier").name == "http://localhost:1/v1#orm"
    assert isinstance(open_engine(str(folder / "causal"), "causal"), InProcess)
