"""Entailment by a classifier trained on natural language inference, in transformers: the paper's way, and no call.

Any sequence classifier will do whose labels name entailment, contradiction and neutral, such as DeBERTa on MNLI.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from redraft.agents.values import ask
from redraft.errors import ConfigError, MissingExtra
from redraft.schema import Failure, Missing, Task
from redraft.verifiers.entailment import Pairs, Relation

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_RELATIONS: tuple[Relation, ...] = ("entailment", "contradiction", "neutral")


class NliModel:
    """A sequence classifier at `path`, a folder or a hub id; `batch_size` pairs at once, in one thread.

    Loads at the first pair, or at `connect`. A pair too long for it is a Failure (`too_long`) and never cut short.
    """

    def __init__(self, path: str, *, batch_size: int = 32) -> None:
        self._path = path
        self._batch_size = batch_size
        self._lock = threading.Lock()
        self._loaded: tuple[PreTrainedTokenizerBase, PreTrainedModel, list[int]] | None = None

    async def relations(self, task: Task, pairs: Pairs) -> Sequence[Relation | Missing]:
        """The likeliest label; both texts stand behind the question, as in the authors' code."""
        question = ask(task)
        asked = [(f"{question} {a}", f"{question} {b}") for a, b in pairs]
        rows = await asyncio.to_thread(self._probabilities, asked)
        return [row if isinstance(row, Failure) else _RELATIONS[row.index(max(row))] for row in rows]

    async def supports(self, task: Task, pairs: Pairs) -> Sequence[float | Missing]:
        """The probability of entailment."""
        rows = await asyncio.to_thread(self._probabilities, pairs)
        return [row if isinstance(row, Failure) else row[0] for row in rows]

    async def connect(self) -> None:
        """Load the model. Raises ConfigError or MissingExtra."""
        await asyncio.to_thread(self._load)

    async def aclose(self) -> None:
        """Free the weights; another pair would load them again."""
        with self._lock:
            self._loaded = None

    def _load(self) -> tuple[PreTrainedTokenizerBase, PreTrainedModel, list[int]]:
        with self._lock:
            self._loaded = self._loaded or _load(self._path)
            return self._loaded

    def _probabilities(self, pairs: Pairs) -> list[list[float] | Failure]:
        """The three probabilities of each pair, in the order of `_RELATIONS`."""
        tokenizer, model, columns = self._load()
        longest = _longest(tokenizer, model)
        encoded = [tokenizer(first, second, verbose=False) for first, second in pairs]
        rows: list[list[float] | Failure] = [
            Failure(cause="too_long", message=f"{size} tokens, and {self._path} takes {longest}")
            for size in (len(tokens["input_ids"]) for tokens in encoded)
        ]
        fitting = [at for at, tokens in enumerate(encoded) if len(tokens["input_ids"]) <= longest]
        with self._lock:
            for start in range(0, len(fitting), self._batch_size):
                chosen = fitting[start : start + self._batch_size]
                batch = tokenizer.pad([encoded[at] for at in chosen], return_tensors="pt")
                for at, row in zip(chosen, _forward(model, batch), strict=True):
                    rows[at] = [row[column] for column in columns]
        return rows


def _forward(model: PreTrainedModel, batch: dict[str, torch.Tensor]) -> list[list[float]]:
    import torch

    with torch.inference_mode():
        logits = model(**{name: tensor.to(model.device) for name, tensor in batch.items()}).logits
    return cast(list[list[float]], logits.double().softmax(dim=-1).tolist())


def _longest(tokenizer: PreTrainedTokenizerBase, model: PreTrainedModel) -> int:
    return min(int(tokenizer.model_max_length), int(getattr(model.config, "max_position_embeddings", 1 << 30)))


def _load(path: str) -> tuple[PreTrainedTokenizerBase, PreTrainedModel, list[int]]:
    try:
        from transformers import AutoModelForSequenceClassification, AutoTokenizer
    except ImportError as error:
        raise MissingExtra("transformers", "transformers") from error
    try:
        tokenizer = AutoTokenizer.from_pretrained(path)
        model = AutoModelForSequenceClassification.from_pretrained(path).eval()
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot load {path}: {error}") from error
    labels = {int(column): str(label).lower() for column, label in model.config.id2label.items()}
    columns = [next((at for at, label in labels.items() if relation[:7] in label), -1) for relation in _RELATIONS]
    if -1 in columns:
        raise ConfigError(f"{path} is no NLI model: its labels are {', '.join(labels.values())}")
    return tokenizer, model, columns
