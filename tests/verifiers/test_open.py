"""One string names a verifier, as one string names a model."""

from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.verifiers.chrf import ChrF
from redraft.verifiers.comet import Comet
from redraft.verifiers.open import open_verifier


@pytest.mark.parametrize("kind", ["chrf", "chrf++"])
def test_chrf_with_its_references(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "references.jsonl"
    path.write_text('{"source": "a", "reference": "b"}\n', encoding="utf-8")
    verifier = open_verifier(f"{kind}:{path}")
    assert isinstance(verifier, ChrF)
    assert verifier.name == kind


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("comet", "comet:Unbabel/wmt22-cometkiwi-da"),
        ("comet:Unbabel/wmt23-cometkiwi-da-xl", "comet:Unbabel/wmt23-cometkiwi-da-xl"),
        ("comet:models/kiwi/checkpoints/model.ckpt", "comet:models/kiwi/checkpoints/model.ckpt"),
    ],
)
def test_comet_with_or_without_a_model_starts_nothing_yet(spec: str, name: str) -> None:
    verifier = open_verifier(spec)
    assert isinstance(verifier, Comet)
    assert (verifier.name, verifier.pid) == (name, None)


@pytest.mark.parametrize("spec", ["local", "vllm:Qwen/Qwen2.5-7B-Instruct", "http://localhost:8000/v1", "cometary", ""])
def test_anything_else_may_be_a_model(spec: str) -> None:
    assert open_verifier(spec) is None


@pytest.mark.parametrize(
    ("spec", "form"),
    [
        ("chrf", "chrf:REFERENCES.jsonl"),
        ("chrf:", "chrf:REFERENCES.jsonl"),
        ("comet:", r"comet\[:MODEL\]"),
        ("person:ann", r"person \("),
    ],
)
def test_half_a_name_is_refused_with_the_form_it_has(spec: str, form: str) -> None:
    with pytest.raises(ConfigError, match=f"names no verifier; it is written {form}"):
        open_verifier(spec)


def test_references_that_are_not_there_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        open_verifier(f"chrf:{tmp_path / 'missing.jsonl'}")
