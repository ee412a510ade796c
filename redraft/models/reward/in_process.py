"""A reward model's weights in this process, in transformers: any folder or hub id. For throughput, serve it with vLLM.

Calls that come in together are one batch, padded on the right behind an attention mask; nothing is ever cut to fit.
What the numbers mean is each reading's affair.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from redraft.errors import ConfigError
from redraft.models.batcher import Batcher
from redraft.models.errors import PromptTooLong, ServerFault
from redraft.models.reward.base import PLAIN_END, Head, number
from redraft.models.reward.loading import Loaded, load, token_id


@dataclass(frozen=True)
class _Asked:
    """One call: a prompt and replies for a classifier; texts, and which tokens may come next, for a causal model."""

    texts: tuple[str, ...]
    prompt: str = ""
    tokens: tuple[str, ...] = ()
    chat: bool = False


@dataclass
class _Row:
    """Token ids to be read in one go, at which of them something is wanted, and, in the end, what was found there."""

    ids: list[int]
    ends: tuple[int, ...]
    types: list[int] | None = None
    tokens: tuple[int, ...] = ()
    found: list[list[float]] = field(default_factory=list)


class InProcess:
    """The weights `model` (a folder or a hub id) with a `head`: a sequence classifier of one or two labels, or a causal
    language model. They load at the first call, or `connect`.

    A classifier reads prompt and reply as a chat where its tokenizer has a chat template, and as a pair of texts
    otherwise; `chat` decides against that, for a causal model's questions too. `dtype` is one of PyTorch's; by default
    as the weights are stored, but float32 on a processor. `device` defaults to the first GPU, if there is one. What a
    text is in a batch with changes its number by rounding alone: about 1e-5 of a logit in float32.
    """

    def __init__(
        self,
        model: str,
        head: Head,
        *,
        chat: bool | None = None,
        batch_size: int = 8,
        dtype: str | None = None,
        device: str | None = None,
    ) -> None:
        self.name = model
        self._head: Head = head
        self._chat, self._batch_size, self._dtype, self._device = chat, batch_size, dtype, device
        self._loaded: Loaded | None = None
        self._refused = ""  # Why it cannot be loaded: asked for once, as it takes long to be refused.
        self._lock = threading.Lock()
        self._batcher: Batcher[_Asked, list[list[float]]] = Batcher(self._answer, batch_size)

    @property
    def identity(self) -> str:
        """Raises ConfigError before `connect`: revision and precision are known once the model is loaded."""
        if self._loaded is None:
            raise ConfigError(f"which weights {self.name} stands for is known once it is loaded: connect first")
        return self._loaded.identity

    async def connect(self, tokens: Sequence[str] = ()) -> None:
        """Load the weights. Raises MissingExtra, or ConfigError: no such model, another head, no such token."""
        loaded = await asyncio.to_thread(self._load)
        for token in tokens:
            token_id(token, loaded, self.name)

    async def logits(self, prompt: str, replies: Sequence[str]) -> list[float]:
        """As `Engine.logits`. Raises PromptTooLong, MalformedReply (not a number), ServerFault (no memory left)."""
        found = await self._batcher(_Asked(tuple(replies), prompt)) if replies else []
        return [number(labels[-1] - sum(labels[:-1])) for labels in found]

    async def log_probs(self, texts: Sequence[str], tokens: Sequence[str], chat: bool) -> list[list[float]]:
        """As `Engine.log_probs`; texts that begin one another cost one reading. Raises as `logits` does."""
        found = await self._batcher(_Asked(tuple(texts), tokens=tuple(tokens), chat=chat)) if texts else []
        return [[number(value) for value in values] for values in found]

    async def aclose(self) -> None:
        await asyncio.to_thread(self._batcher.close)
        self._loaded = None

    # ---- in the batcher's thread -----------------------------------------------------------------------------------

    def _load(self) -> Loaded:
        with self._lock:
            if self._refused:
                raise ConfigError(self._refused)
            if self._loaded is None:
                try:
                    self._loaded = load(self.name, self._head, self._dtype, self._device)
                except ConfigError as error:
                    self._refused = str(error)
                    raise
            return self._loaded

    def _answer(self, asked: list[_Asked]) -> list[list[list[float]] | Exception]:
        loaded = self._load()
        rows = [self._rows(each, loaded) for each in asked]
        # Of one length as far as possible: less padding to compute.
        flat = sorted((row for each in rows if isinstance(each, list) for row in each), key=lambda row: len(row.ids))
        for start in range(0, len(flat), self._batch_size):
            _run(flat[start : start + self._batch_size], loaded)
        return [each if isinstance(each, Exception) else [at for row in each for at in row.found] for each in rows]

    def _rows(self, asked: _Asked, loaded: Loaded) -> list[_Row] | Exception:
        wanted = tuple(token_id(token, loaded, self.name) for token in asked.tokens)
        rows: list[_Row] = []
        for text in asked.texts:
            row = self._read(text, asked, loaded)
            if len(row.ids) > loaded.context:
                return PromptTooLong(f"{len(row.ids)} tokens, where {self.name} reads at most {loaded.context}")
            row.tokens = wanted
            if wanted and rows and row.ids[: len(rows[-1].ids)] == rows[-1].ids:
                row.ends = (*rows.pop().ends, *row.ends)
            rows.append(row)
        return rows

    def _read(self, text: str, asked: _Asked, loaded: Loaded) -> _Row:
        tokenizer = loaded.tokenizer
        chat = bool(tokenizer.chat_template) if self._chat is None else self._chat
        turns = [{"role": "user", "content": asked.prompt}, {"role": "assistant", "content": text}]
        if asked.tokens:
            turns = [{"role": "user", "content": text}]
        if (asked.chat or not asked.tokens) and chat:
            whole = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=bool(asked.tokens))
            found = tokenizer(whole, add_special_tokens=False, verbose=False)
        elif asked.tokens:
            found = tokenizer(text + PLAIN_END if asked.chat else text, verbose=False)
        else:
            found = tokenizer(asked.prompt, text, verbose=False)
        ids = list(found["input_ids"])
        return _Row(ids, (len(ids) - 1,), found.get("token_type_ids"))


def _run(rows: list[_Row], loaded: Loaded) -> None:
    import torch

    model, longest = loaded.model, max(len(row.ids) for row in rows)
    config = model.config.get_text_config()
    own = config.pad_token_id
    # Any token does behind the mask; but a decoder's classifier looks for the last one that is not padding.
    pad = next(i for i in count() if all(i not in row.ids for row in rows)) if own is None else own

    def tensor(lists: list[list[int]], filler: int) -> torch.Tensor:
        return torch.tensor([each + [filler] * (longest - len(each)) for each in lists], device=model.device)

    inputs = {
        "input_ids": tensor([row.ids for row in rows], pad),
        "attention_mask": tensor([[1] * len(row.ids) for row in rows], 0),
    }
    if all(row.types is not None for row in rows):
        inputs["token_type_ids"] = tensor([row.types or [] for row in rows], 0)
    try:
        config.pad_token_id = pad
        with torch.inference_mode():
            if not rows[0].tokens:
                for row, labels in zip(rows, model(**inputs).logits.float().tolist(), strict=True):
                    row.found = [labels]
                return
            ends = sorted({end for row in rows for end in row.ends})
            kept = torch.tensor(ends, device=model.device)
            scores = model(**inputs, logits_to_keep=kept, use_cache=False).logits.float().log_softmax(-1)
            for row, at in zip(rows, scores, strict=True):
                row.found = [at[ends.index(end), list(row.tokens)].tolist() for end in row.ends]
    except RuntimeError as error:
        raise ServerFault(f"transformers: {error}") from error
    finally:
        config.pad_token_id = own
