"""Loads a reward model's weights and tokenizer with transformers, and refuses what is no reward model of the kind asked
for. Runs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from redraft.errors import ConfigError, MissingExtra
from redraft.models.reward.base import Head, not_one_token
from redraft.models.weights import fingerprint

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_KINDS = {"classifier": "sequence classifier", "causal": "causal language model"}
_INSTEAD = {
    "classifier": "a causal language model goes as process-reward:MODEL or p-true:MODEL",
    "causal": "a sequence classifier goes as reward:MODEL",
}


@dataclass(frozen=True)
class Loaded:
    """A model in evaluation mode, its tokenizer, how many tokens it reads at most, and what it is exactly."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    context: int
    identity: str


def load(name: str, head: Head, dtype: str | None, device: str | None) -> Loaded:
    """The weights `name` (a folder or a hub id) with `head`; `dtype` and `device` as in `InProcess`.

    Raises MissingExtra, or ConfigError where there are no such weights or they are of another kind.
    """
    try:
        import torch
        import transformers
    except ImportError as error:
        raise MissingExtra("What runs reward models in this process (transformers)", "transformers") from error
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    folder = Path(name).expanduser()
    path = str(folder) if folder.is_dir() else name
    family = (
        transformers.AutoModelForSequenceClassification if head == "classifier" else transformers.AutoModelForCausalLM
    )
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(path)
        model, report = family.from_pretrained(
            path, dtype=dtype or ("float32" if device == "cpu" else "auto"), output_loading_info=True
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        why = " ".join(str(error).split())[:300]
        raise ConfigError(f"{name} cannot be loaded as a {_KINDS[head]}: {why}; {_INSTEAD[head]}") from error
    # transformers makes up what the weights lack, and would score with it.
    if missing := sorted(report["missing_keys"]):
        made_by = ", ".join(model.config.architectures or ()) or "unknown architecture"
        raise ConfigError(f"{name} ({made_by}) is no {_KINDS[head]}, it has no {missing[0]}; {_INSTEAD[head]}")
    if head == "classifier" and model.config.num_labels > 2:
        raise ConfigError(f"{name} tells {model.config.num_labels} classes apart; a reward model has one or two labels")
    revision = getattr(model.config, "_commit_hash", None) or (fingerprint(folder) if folder.is_dir() else "unknown")
    identity = f"{name}@{revision} {str(model.dtype).removeprefix('torch.')}"
    return Loaded(model.to(device).eval(), tokenizer, _context(model, tokenizer), identity)


def _context(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int:
    longest: int = tokenizer.model_max_length
    positions: int = getattr(model.config.get_text_config(), "max_position_embeddings", None) or longest
    table = getattr(getattr(model.base_model, "embeddings", None), "position_embeddings", None)
    if (padding := getattr(table, "padding_idx", None)) is not None:
        positions -= padding + 1  # RoBERTa and its kin count positions from there.
    return min(positions, longest)


def token_id(token: str, loaded: Loaded, name: str) -> int:
    """The id of `token`. Raises ConfigError where it is not exactly one token of this model."""
    ids: list[int] = loaded.tokenizer.encode(token, add_special_tokens=False)
    if len(ids) != 1 or loaded.tokenizer.decode(ids).strip() != token.strip():
        raise not_one_token(token, name, len(ids))
    return ids[0]
