"""GGUF files become folders that vLLM reads: once, whole, and with the tokenizer that the file describes."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.models.convert import convert_tokenizer, find_or_convert
from redraft.models.weights import find_or_fetch

pytestmark = pytest.mark.vllm


def test_a_converted_model_is_whole_and_converted_once(embedded_folder: Path) -> None:
    assert {path.name for path in embedded_folder.iterdir()} >= {
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "chat_template.jinja",
    }
    before = (embedded_folder / "model.safetensors").stat()
    assert find_or_convert(find_or_fetch()) == embedded_folder
    assert (embedded_folder / "model.safetensors").stat() == before


@pytest.mark.slow
async def test_two_processes_may_convert_at_once(embedded_folder: Path, tmp_path: Path) -> None:
    code = "import sys, pathlib; from redraft.models.convert import find_or_convert as f; f(pathlib.Path(sys.argv[1]))"
    environment = {**os.environ, "REDRAFT_CACHE": str(tmp_path)}
    started = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", code, find_or_fetch(), env=environment)
        for _ in range(2)
    ]
    assert await asyncio.gather(*(process.wait() for process in started)) == [0, 0]
    assert [path.name for path in tmp_path.iterdir()] == [embedded_folder.name]


@pytest.mark.parametrize("adds_bos", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_the_tokenizer_begins_texts_as_the_file_says(tmp_path: Path, adds_bos: bool) -> None:
    from gguf import GGUFReader
    from transformers import AutoTokenizer

    gguf = tmp_path / "model.gguf"
    shutil.copyfile(find_or_fetch(), gguf)
    reader = GGUFReader(gguf, "r+")
    field = reader.fields["tokenizer.ggml.add_bos_token"]
    field.parts[field.data[0]][0] = adds_bos
    reader.data.flush()
    convert_tokenizer(gguf, tmp_path / "made")
    made = AutoTokenizer.from_pretrained(tmp_path / "made")
    assert (made("word")["input_ids"][0] == made.bos_token_id) is adds_bos


def test_what_is_no_gguf_file_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDRAFT_CACHE", str(tmp_path / "cache"))
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"not a model")
    with pytest.raises(ConfigError, match="cannot be turned into safetensors"):
        find_or_convert(broken)
    assert not list((tmp_path / "cache").iterdir())
