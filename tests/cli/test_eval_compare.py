"""`redraft eval compare` over a recording."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from redraft.cli.eval_compare import by_label, named
from redraft.errors import ConfigError
from redraft.evaluation.compare import Setup, compare
from redraft.evaluation.contender import Players
from redraft.evaluation.datasets import open_grader, write_samples
from redraft.evaluation.sample import Sample
from redraft.models.recorded import Recorder
from redraft.models.scripted import Scripted
from redraft.schema import QuestionTask
from tests.cli.conftest import Shell, sentences
from tests.evaluation.test_compare import reply

SAMPLES = [
    Sample(id=f"q{n}", task=QuestionTask(question=f"What is {n} + {n}?"), gold={"answer": str(2 * n)})
    for n in range(1, 5)
]
SETTINGS = ("-s", "self-refine.rounds=1", "-s", "self-refine.max_tokens=99")


@pytest.fixture
async def asked(tmp_path: Path) -> list[str]:
    """A command over a file of samples and a recording of all that it asks."""
    write_samples(tmp_path / "sums.jsonl", SAMPLES)
    grader = open_grader(SAMPLES)
    model = Recorder(Scripted(reply), tmp_path / "recording.jsonl")
    setup = Setup(Players(model), {"self-refine": {"rounds": 1, "max_tokens": 99}})
    await compare(SAMPLES, grader, {"self-refine": "self-refine"}, tmp_path / "recorded", setup)
    await grader.aclose()
    data, model_string = f"jsonl:{tmp_path / 'sums.jsonl'}", f"recorded:{tmp_path / 'recording.jsonl'}"
    return ["eval", "compare", data, "self-refine", "--model", model_string, *SETTINGS, "--resamples", "200"]


def test_a_table_tells_of_each_method_with_intervals_and_of_each_pair(shell: Shell, asked: list[str]) -> None:
    ran = shell(*asked)
    assert ran.returncode == 0, ran.stderr
    said = sentences(ran.stdout)
    assert "single" in said
    assert "self-consistency@3" in said
    assert "50.0 %" in said
    assert "Beside the controls" in said
    assert "only 4 items, too few to say much" in said
    assert "cost-quality front (calls, accuracy): single, self-refine" in said
    assert "redraft eval report comparison" in said


def test_for_a_program_there_is_json_and_the_same_again_says_the_same(shell: Shell, asked: list[str]) -> None:
    first, again = shell(*asked, "--json"), shell(*asked, "--json")
    assert (first.returncode, first.stdout) == (0, again.stdout)
    told = json.loads(first.stdout)
    accuracy = {summary["method"]: summary["estimates"]["accuracy"]["value"] for summary in told["summaries"]}
    assert accuracy == {"single": 0.25, "self-refine": 0.5, "self-consistency@3": 0.25}
    assert [point["method"] for point in told["front"] if not point["beaten_by"]] == ["single", "self-refine"]
    assert [(test["first"], test["second"]) for test in told["controls"]] == [
        ("self-refine", "single"),
        ("self-refine", "self-consistency@3"),
    ]


def test_another_data_set_in_the_same_folder_is_refused(shell: Shell, asked: list[str]) -> None:
    assert shell(*asked, "--no-control").returncode == 0
    ran = shell(*asked, "--limit", 2)
    assert ran.returncode == 2
    assert "comparison holds another comparison: limit was not set and is 2; items was 4 and is 2" in sentences(
        ran.stderr
    )


def test_what_was_not_recorded_fails_as_data_and_in_the_exit_code(shell: Shell, asked: list[str]) -> None:
    ran = shell(*asked, "-s", "single.max_tokens=98")
    assert ran.returncode == 1
    assert "failed 4 times: not_recorded" in sentences(ran.stdout)


def test_labels_and_their_settings() -> None:
    assert named(["cove", "careful=self-refine"]) == {"cove": "cove", "careful": "self-refine"}
    with pytest.raises(ConfigError, match="'cove' comes twice: call one of them otherwise, as LABEL=cove"):
        named(["cove", "cove"])
    labels = ("cove", "cove+self-refine")
    given: dict[str, object] = {"cove.questions": 1, "cove+self-refine.cove.questions": 2}
    assert by_label(given, labels) == {"cove": {"questions": 1}, "cove+self-refine": {"cove.questions": 2}}
    with pytest.raises(ConfigError, match=r"-s takes METHOD\.KEY=VALUE, where METHOD is one of cove"):
        by_label({"rounds": 1}, labels)
