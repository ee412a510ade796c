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


def convert_weights(gguf: Path, target: Path) -> None:
    """Write the weights and configuration of `gguf` to the folder `target`."""
    import torch
    from transformers import AutoModelForCausalLM, GgufConfig

    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, quantization_config=GgufConfig(dequantize=True), dtype=torch.bfloat16
    )
    model.save_pretrained(target)


def convert_tokenizer(gguf: Path, target: Path) -> None:
    """Write the tokenizer and chat template of `gguf` to the folder `target`."""
    from gguf import GGUFReader
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    adds_bos = GGUFReader(gguf).get_field("tokenizer.ggml.add_bos_token")
    if adds_bos is not None and adds_bos.contents():
        # transformers 5.19 reads every GGUF tokenizer as one that adds no beginning-of-sequence token.
        tokenizer.add_bos_token = True
        tokenizer.update_post_processor()
    tokenizer.save_pretrained(target)


if __name__ == "__main__":
    source, made = (Path(argument) for argument in sys.argv[1:])
    convert_weights(source, made)
    convert_tokenizer(source, made)
