"""Any data set that the `datasets` package reads; here local folders, since there is no hub."""

from __future__ import annotations

import builtins
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from redraft.errors import ConfigError, MissingExtra
from redraft.evaluation.datasets import open_grader, open_samples
from redraft.schema import Draft, TranslationTask, Verdict


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets", reason="datasets is not installed: pip install 'redraft[datasets]'")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    folder = tmp_path / "sums"
    folder.mkdir()
    for split, numbers in (("train", range(3)), ("test", range(5))):
        rows = [{"q": f"{n} + {n}?", "a": 2 * n, "both": {"en": "Hi", "de": f"Hallo {n}"}} for n in numbers]
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


async def test_fields_go_by_redrafts_names(folder: Path) -> None:
    samples = open_samples(f"hf:{folder}@test?question=q&answer=a")
    assert [sample.id for sample in samples] == ["0", "1", "2", "3", "4"]
    assert samples[3].gold == {"answer": 6}
    grader = open_grader(samples)
    verdict = await grader.score(samples[3].task, Draft(text="The answer is 6.", node="test"))
    await grader.aclose()
    assert isinstance(verdict, Verdict)
    assert verdict.passed


def test_fields_within_fields_and_fixed_values(folder: Path) -> None:
    spec = f"hf:{folder}@train?source=both.en&reference=both.de&source_lang==en&target_lang==de&id=q"
    sample = open_samples(spec)[2]
    assert sample.id == "2 + 2?"
    assert sample.task == TranslationTask(source="Hi", source_lang="en", target_lang="de")
    assert sample.gold == {"reference": "Hallo 2"}


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("@test?question=z", r"row 0: there is no field 'z'; there are q, a, both"),
        ("?question=q", r"say which split by @SPLIT, one of train, test"),
        ("@dev?question=q", r"say which split by @SPLIT, one of train, test"),
        ("@test?question=a", r"row 0, task.question.question: Input should be a valid string"),
        ("@test?question=q&id==same", r"row 1, id: 'same' is the id of another sample"),
    ],
)
def test_what_cannot_be_read_is_told(folder: Path, rest: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        open_samples(f"hf:{folder}{rest}")


@pytest.mark.slow
def test_an_id_that_nobody_has_is_told(folder: Path) -> None:
    with pytest.raises(ConfigError, match="hf:nobody/nothing cannot be loaded"):
        open_samples("hf:nobody/nothing@test?question=q")


def test_without_the_package_the_line_to_type_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> object:
        if name == "datasets":
            raise ModuleNotFoundError("No module named 'datasets'", name=name)
        return real(name, globals, locals, fromlist, level)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingExtra, match=r"pip install 'redraft\[datasets\]'"):
        open_samples("hf:x@test?question=q")
