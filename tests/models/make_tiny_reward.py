"""Tiny reward models whose numbers a few lines of numpy give as well, and those lines.

The architecture is Llama's, with one layer. Its queries are zero, so that attention takes the plain mean of what came
so far, and its feed-forward part is zero. So a token's state is its embedding plus the mean, over itself and all before
it, of the normed embeddings times a matrix: every token before counts, and a padded one would show.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

SPECIAL = ["<unk>", "<s>", "</s>"]
WORDS = (
    "+ - ки к и True False user: assistant: Answer: Step 1: 2: 3: 4: Why What is it so the sky blue ? . , light air "
    "two and three make five four Proposed answer: Is proposed right far? Answer with one word, or False. Good Bad"
)
VOCABULARY = {word: number for number, word in enumerate([*SPECIAL, *dict.fromkeys(WORDS.split())])}
SIZE = 32
CONTEXT = 96
TEMPLATE = (
    "<s> {% for message in messages %}{{ message.role }}: {{ message.content }} </s> {% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)


def _wave(rows: int, pace: float) -> NDArray[np.float64]:
    return np.sin(pace * np.arange(1, rows * SIZE + 1)).reshape(rows, SIZE)


EMBEDDING = _wave(len(VOCABULARY), 0.7)
MIXING = _wave(SIZE, 0.3) / 2
VOCABULARY_HEAD = _wave(len(VOCABULARY), 1.1) * 1.5
SCORE_HEAD = _wave(2, 1.7) / 2


def ids(text: str, *, begin: bool = True) -> list[int]:
    """What the tokenizer makes of `text`: its words, apart at white space."""
    return [1] * begin + [VOCABULARY.get(word, 0) for word in text.split()]


def states(tokens: list[int]) -> NDArray[np.float64]:
    """The model's last states, one row for each token."""

    def normed(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(x / np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-6))

    x = EMBEDDING[tokens]
    mean = np.cumsum(normed(x), axis=0) / np.arange(1, len(tokens) + 1)[:, None]
    return normed(x + mean @ MIXING.T)


def logit(tokens: list[int], labels: int = 1) -> float:
    """The classifier's number: its only logit, or its second above its first."""
    found = states(tokens)[-1] @ SCORE_HEAD[:labels].T
    return float(found[0] if labels == 1 else found[1] - found[0])


def log_probs(tokens: list[int]) -> NDArray[np.float64]:
    """The causal model's natural-log probabilities of every token, after all of `tokens`."""
    scores = states(tokens)[-1] @ VOCABULARY_HEAD.T
    return np.asarray(scores - np.log(np.exp(scores).sum()))


def share(tokens: list[int], good: str, bad: str) -> float:
    """The probability of `good` against `bad` as the next word."""
    found = log_probs(tokens)
    yes, no = np.exp(found[VOCABULARY[good]]), np.exp(found[VOCABULARY[bad]])
    return float(yes / (yes + no))


def make(folder: Path, head: Literal["classifier", "causal"], *, labels: int = 1, chat: bool = True) -> Path:
    """Write such a model to `folder`: with its words as tokenizer, and a chat template unless `chat` is False."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification

    config = LlamaConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=SIZE,
        intermediate_size=SIZE,
        num_hidden_layers=1,
        num_attention_heads=1,
        num_key_value_heads=1,
        max_position_embeddings=CONTEXT,
        rms_norm_eps=1e-6,
        tie_word_embeddings=False,
        bos_token_id=1,
        eos_token_id=2,
        num_labels=labels,
    )
    model = LlamaForCausalLM(config) if head == "causal" else LlamaForSequenceClassification(config)
    known = {"embed_tokens": EMBEDDING, "v_proj": MIXING, "o_proj": np.eye(SIZE)}
    known |= {"norm": np.ones(SIZE), "lm_head": VOCABULARY_HEAD, "score": SCORE_HEAD[:labels]}
    with torch.no_grad():
        for name, weights in model.named_parameters():
            value = next((value for key, value in known.items() if name.endswith(f"{key}.weight")), None)
            value = np.ones(SIZE) if name.endswith("layernorm.weight") else value
            weights.copy_(torch.zeros_like(weights) if value is None else torch.tensor(value))
    model.save_pretrained(folder)
    write_tokenizer(folder, chat=chat)
    return folder


def write_tokenizer(folder: Path, vocabulary: dict[str, int] = VOCABULARY, *, chat: bool = True) -> None:
    """Write the tokenizer: words apart at white space, `<s>` in front, `</s>` between the texts of a pair."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A </s> $B", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        model_input_names=["input_ids", "attention_mask"],
        chat_template=TEMPLATE if chat else None,
        model_max_length=CONTEXT,
    ).save_pretrained(folder)
