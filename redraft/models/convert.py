"""GGUF to safetensors, once, into the user's cache: vLLM's CPU build reads no GGUF. Loads no engine.

The work is done by transformers in a process of its own (`python -m redraft.models.convert SOURCE TARGET`), which
gives its memory back and keeps its progress bars to itself.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from redraft.errors import ConfigError, MissingExtra
from redraft.models.weights import cache_dir, sha256


def find_or_convert(gguf: Path) -> Path:
    """The folder with `gguf` as bfloat16 safetensors, tokenizer and chat template; converted first if it is not there.

    Blocks: half a minute for 135 M parameters, and then never again. Safe in two processes at once.
    Raises MissingExtra, or ConfigError with the converter's complaint.
    """
    target = cache_dir() / f"{gguf.stem}-{sha256(gguf)[:16]}"
    if target.is_dir():
        return target
    for package in ("torch", "transformers", "gguf", "accelerate"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtra(f"What turns GGUF files into safetensors ({package})", "transformers")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        made = Path(folder, "made")
        command = [sys.executable, "-m", "redraft.models.convert", str(gguf), str(made)]
        environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            complaint = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            raise ConfigError(f"{gguf} cannot be turned into safetensors: {complaint[-1]}")
        try:
            made.rename(target)  # Atomic, on one file system: another process sees all of it or nothing.
        except OSError:
            if not target.is_dir():  # Else another process was faster, and its work is as good.
                raise
    return target


def convert(gguf: Path, target: Path) -> None:
    """Write `gguf` to the folder `target`."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    source = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
    dense = GgufConfig(dequantize=True)
    AutoModelForCausalLM.from_pretrained(**source, quantization_config=dense, dtype=torch.bfloat16).save_pretrained(
        target
    )
    tokenizer = AutoTokenizer.from_pretrained(**source)
    if _adds_bos(gguf):
        # transformers 5.19 reads every GGUF tokenizer as one that adds no beginning-of-sequence token.
        tokenizer.add_bos_token = True
        tokenizer.update_post_processor()
    tokenizer.save_pretrained(target)


def _adds_bos(gguf: Path) -> bool:
    from gguf import GGUFReader

    field = GGUFReader(gguf).get_field("tokenizer.ggml.add_bos_token")
    return field is not None and bool(field.contents())


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
