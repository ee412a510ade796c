"""`redraft eval report` as a person types it."""

import json
from pathlib import Path

from .conftest import Shell


def outcomes(path: Path) -> Path:
    lines = [
        {"id": str(item), "round": number, "method": method, "verdict": (item + number) % 3 > 0, "output": "text"}
        for method in ("first", "second")
        for item in range(12)
        for number in (0, 1)
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


def test_it_writes_a_page_and_what_else_is_asked_for(shell: Shell, tmp_path: Path) -> None:
    path = outcomes(tmp_path / "sums.jsonl")
    done = shell("eval", "report", path, "--csv", "t.csv", "--markdown", "t.md", "--resamples", 200)
    assert (done.returncode, done.stderr) == (0, "")
    assert "report.html: 2 methods" in done.stdout
    assert "<title>sums · redraft</title>" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbfmethod,signal,")
    assert "| second | first | 0.0 points" in (tmp_path / "t.md").read_text(encoding="utf-8")


def test_faults_of_the_command_are_one_sentence(shell: Shell, tmp_path: Path) -> None:
    path = outcomes(tmp_path / "sums.jsonl")
    done = shell("eval", "report", path, "--baseline", "third")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no method is named 'third'; there are first, second" in done.stderr
    assert "cannot be written" in shell("eval", "report", path, "--resamples", 200, "-o", "none/r.html").stderr
