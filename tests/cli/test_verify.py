"""`redraft verify`: a verifier tried on drafts in a file."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from redraft.verifiers.catalogue import KINDS
from tests.cli.conftest import Shell, sentences

Rows = Callable[..., Path]
GREETING = {"source_lang": "en", "target_lang": "de", "source": "Hi.", "reference": "Hallo."}


@pytest.fixture
def references(tmp_path: Path) -> str:
    (tmp_path / "gold.jsonl").write_text(json.dumps(GREETING) + "\n")
    return "chrf:gold.jsonl"


def test_without_a_kind_it_shows_them_all(shell: Shell) -> None:
    told = shell("verify").stdout
    listed = {row["form"]: row for row in json.loads(shell("verify", "--json").stdout)}
    assert set(listed) == {kind.form for kind in KINDS}
    for kind in KINDS:
        assert kind.form in told
        assert listed[kind.form]["signal"] == kind.signal


def test_each_draft_gets_its_verdict_and_bad_lines_cost_the_others_nothing(
    shell: Shell, rows: Rows, references: str
) -> None:
    path = rows({**GREETING, "id": "a", "draft": "Hallo."}, "nonsense", {**GREETING, "id": "c", "draft": "xyz"})
    judged = shell("verify", references, "-i", path)
    assert judged.returncode == 1
    assert "a passed 1.000" in sentences(judged.stdout)
    assert "c passed 0.000" in sentences(judged.stdout)
    assert (
        "2 judged by chrf (signal oracle), 2 passed, mean score 0.500, 1 without a verdict: bad_json" in judged.stdout
    )


def test_records_stand_in_the_order_of_the_input(shell: Shell, rows: Rows, references: str) -> None:
    path = rows(*({**GREETING, "id": f"{n}", "draft": "Hallo."} for n in range(20)))
    judged = shell("verify", references, "-i", path, "--window", 3, "--json")
    records = [json.loads(line) for line in judged.stdout.split("\n") if line]
    assert judged.returncode == 0
    assert [record["id"] for record in records] == [f"{n}" for n in range(20)]
    assert {record["verdict"]["score"] for record in records} == {1.0}


def test_a_line_without_a_draft_or_of_another_task_has_no_verdict(shell: Shell, rows: Rows, references: str) -> None:
    path = rows({**GREETING, "id": "a"}, {"id": "b", "question": "1 + 1?", "kind": "question", "draft": "2"})
    records = [json.loads(line) for line in shell("verify", references, "-i", path, "--json").stdout.splitlines()]
    assert records[0]["error"] == {"cause": "no_draft", "message": "line 1 has no draft to judge"}
    assert records[1]["missing"]["cause"] == "wrong_task"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nix", "-i", "in.jsonl"), "there is no verifier 'nix'"),
        (("chrf", "-i", "in.jsonl"), "it is written chrf:REFERENCES.jsonl"),
        (("chrf:missing.jsonl", "-i", "in.jsonl"), "missing.jsonl cannot be read"),
        (("comet",), "-i FILE is missing"),
        (("person", "-i", "in.jsonl"), "a person judges within a workflow"),
        (("chrf:gold.jsonl", "-i", "missing.jsonl"), "missing.jsonl cannot be read"),
    ],
)
def test_a_command_that_cannot_be_run_is_one_sentence(
    shell: Shell, rows: Rows, references: str, arguments: tuple[str, ...], complaint: str
) -> None:
    rows({**GREETING, "draft": "Hallo."})
    told = shell("verify", *arguments)
    assert told.returncode == 2
    assert complaint in sentences(told.stderr)
    assert "Traceback" not in told.stderr
