"""`redraft eval reproduce`: the table, its lines of JSON and its exit codes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell, sentences


def test_a_table_of_what_matches_and_what_is_known_to_differ(shell: Shell, data: Path) -> None:
    told = shell("eval", "reproduce", "ldb", "--data", data)
    assert told.returncode == 0
    assert "20 of 22 match, 2 differ for a known reason, 0 differ" in told.stdout
    assert "the seeds that the authors released have 258 of 500 right" in sentences(told.stdout)


def test_lines_of_json(shell: Shell, data: Path) -> None:
    told = shell("eval", "reproduce", "realmistake", "--data", data, "--json")
    rows = [json.loads(line) for line in told.stdout.split("\n") if line]
    assert told.returncode == 0
    assert len(rows) == 72
    assert all(row["match"] == "yes" and row["published"] == row["recomputed"] for row in rows)


def test_what_does_not_match_ends_with_1(shell: Shell, data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "recorded" / "ldb"
    folder.mkdir(parents=True)
    for file in (data / "ldb").glob("*.gz"):
        text = gzip.decompress(file.read_bytes()).decode()
        (folder / file.name).write_bytes(gzip.compress(text.replace('"solved":true', '"solved":false').encode(), 1))
    told = shell("eval", "reproduce", "ldb", "--data", tmp_path / "recorded")
    assert told.returncode == 1
    assert "11 differ" in told.stdout


def test_what_is_not_there_is_told_and_is_no_match(shell: Shell, tmp_path: Path) -> None:
    told = shell("eval", "reproduce", "--data", tmp_path)
    assert told.returncode == 1
    assert "ldb: not recomputed: no folder ldb with recorded outputs in" in told.stderr
    assert "gsm8k: not recomputed" in told.stderr


def test_outcomes_of_ones_own(shell: Shell, tmp_path: Path) -> None:
    lines = [{"id": f"{k}", "round": n, "verdict": k >= 10 * (2 - n)} for k in range(40) for n in range(2)]
    (tmp_path / "mine.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "published.jsonl").write_text('{"published": "75.0 %"}\n{"published": 0.4, "round": 0}\n')
    alone = shell("eval", "reproduce", "-i", "mine.jsonl")
    assert alone.returncode == 0
    assert "50.0 %" in alone.stdout
    assert "25.0 %" in alone.stdout
    beside = shell("eval", "reproduce", "-i", "mine.jsonl", "--published", "published.jsonl", "--json")
    assert beside.returncode == 1
    first, second, *claims = [json.loads(line) for line in beside.stdout.split("\n") if line]
    assert (first["round"], second["round"], second["since"]) == (0, 1, 0)
    assert second["estimates"]["wrong_to_right"]["value"] == 0.25
    assert second["estimates"]["wrong_to_right"]["low"] < 0.25
    assert [claim["match"] for claim in claims] == ["yes", "no"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nix",), "nothing to reproduce of 'nix'; there are ldb"),
        (("ldb",), "say where the recorded outputs lie: --data DIR"),
        (("ldb", "--data", "nowhere"), "no folder ldb with recorded outputs in nowhere"),
        (("ldb", "-i", "mine.jsonl"), "give one or the other"),
        (("--published", "mine.jsonl"), "--published goes with -i FILE"),
        (("-i", "missing.jsonl"), "missing.jsonl cannot be read"),
    ],
)
def test_a_command_that_cannot_be_run_is_one_sentence(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], complaint: str
) -> None:
    monkeypatch.delenv("REDRAFT_DATA", raising=False)
    told = shell("eval", "reproduce", *arguments)
    assert told.returncode == 2
    assert complaint in sentences(told.stderr)
    assert "Traceback" not in told.stderr
