"""`redraft eval data` and `redraft eval import`, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from redraft.cli import app
from redraft.errors import ConfigError
from redraft.evaluation.datasets import DATASETS
from redraft.evaluation.outcomes import read_outcomes

LOGS = Path(__file__).parent.parent / "importers" / "logs"


@pytest.fixture
def sums(tmp_path: Path) -> Path:
    path = tmp_path / "sums.jsonl"
    path.write_text("".join(json.dumps({"question": f"{n} + 1?", "answer": f"#### {n + 1}"}) + "\n" for n in range(9)))
    return path


def said(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["eval", *map(str, arguments)], env={"COLUMNS": "200"}, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_without_a_string_it_shows_them_all() -> None:
    listed = {row["form"]: row for row in json.loads(said("data", "--json"))}
    assert set(listed) == {dataset.form for dataset in DATASETS.values()}
    assert "grade-school word problems" in said("data")


def test_samples_are_written_and_read_back(sums: Path, tmp_path: Path) -> None:
    said("data", f"gsm8k:{sums}", "--limit", 3, "--seed", 5, "-o", tmp_path / "three.jsonl")
    again = said("data", f"jsonl:{tmp_path}/three.jsonl")
    assert again == (tmp_path / "three.jsonl").read_text() == said("data", f"gsm8k:{sums}", "--limit", 3, "--seed", 5)
    assert len(again.splitlines()) == 3


def test_tasks_are_apart_from_gold(sums: Path, tmp_path: Path) -> None:
    lines = said("data", f"gsm8k:{sums}", "--tasks", "--gold", tmp_path / "gold.jsonl").splitlines()
    assert json.loads(lines[2]) == {"id": "gsm8k/2", "kind": "question", "question": "2 + 1?"}
    gold = (tmp_path / "gold.jsonl").read_text().splitlines()
    assert json.loads(gold[2]) == {"question": "2 + 1?", "answer": "3"}


def test_options_want_a_data_set() -> None:
    with pytest.raises(ConfigError, match="say which data set"):
        said("data", "--tasks")


def test_logs_become_outcomes(tmp_path: Path) -> None:
    out = tmp_path / "outcomes.jsonl"
    logs = LOGS / "lm-eval-before.jsonl", LOGS / "lm-eval-after.jsonl"
    told = said("import", "lm-eval", *logs, "--filter", "flexible-extract", "--method", "sums", "-o", out)
    assert told.endswith("outcomes.jsonl: 3 items, before and after\n")
    assert read_outcomes(out)["sums"].verdicts.tolist() == [[1, 1], [0, 1], [1, 0]]
