"""Logs that lm-evaluation-harness and inspect_ai wrote, as outcomes before and after."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.evaluation.importers import import_logs
from redraft.evaluation.outcomes import Outcome, collect

LOGS = Path(__file__).parent / "logs"
INSPECT = LOGS / "inspect-before.eval", LOGS / "inspect-after.json"
LM_EVAL = LOGS / "lm-eval-before.jsonl", LOGS / "lm-eval-after.jsonl"


def verdicts(outcomes: list[Outcome]) -> list[list[int]]:
    return collect(outcomes, "x")["sums"].verdicts.tolist()


def test_inspect_logs_before_and_after() -> None:
    pytest.importorskip("zstandard", reason="zstandard is not installed: pip install 'redraft[inspect]'")
    outcomes = import_logs("inspect", *INSPECT, method="sums")
    assert verdicts(outcomes) == [[1, 1], [0, 1], [0, 0]]
    first = outcomes[0]
    assert (first.id, first.output, first.score) == ("sum-1", "The answer is 2", 1.0)
    assert first.usage is not None
    assert (first.usage.calls, first.usage.prompt_tokens, first.usage.completion_tokens) == (1, 5, 15)


def test_epochs_of_a_sample_are_a_group() -> None:
    pytest.importorskip("zstandard", reason="zstandard is not installed: pip install 'redraft[inspect]'")
    outcomes = import_logs("inspect", LOGS / "inspect-epochs.eval")
    assert {(outcome.id, outcome.group) for outcome in outcomes} == {
        (f"sum-{n}/{epoch}", f"sum-{n}") for n in (1, 2, 3) for epoch in (1, 2)
    }
    assert {outcome.method for outcome in outcomes} == {"inspect-epochs"}


@pytest.mark.parametrize(
    ("filter", "expected"),
    [("strict-match", [[1, 1], [0, 1], [-1, -1]]), ("flexible-extract", [[1, 1], [0, 1], [1, 0]])],
)
def test_lm_eval_logs_as_a_filter_left_them(filter: str, expected: list[list[int]]) -> None:
    """What the filter could not read has no verdict, and the reply is the model's own."""
    outcomes = import_logs("lm-eval", *LM_EVAL, method="sums", filter=filter)
    assert verdicts(outcomes) == expected
    assert outcomes[2].output == "Maybe 6?"


def edited(tmp_path: Path, change: Callable[[list[dict[str, object]]], object]) -> Path:
    """The JSON log of inspect_ai with its samples changed."""
    log = json.loads(INSPECT[1].read_text())
    change(log["samples"])
    path = tmp_path / "log.json"
    path.write_text(json.dumps(log))
    return path


def score(value: object) -> dict[str, object]:
    return {"match": {"value": value, "answer": None}}


@pytest.mark.parametrize(
    ("value", "verdict", "number"),
    [
        ("C", True, 1.0),
        ("I", False, 0.0),
        ("P", None, 0.5),
        ("N", None, None),
        (True, True, 1.0),
        (0.25, None, 0.25),
        ({"a": 1}, None, None),
    ],
)
def test_what_scores_of_inspect_mean(tmp_path: Path, value: object, verdict: bool | None, number: float | None) -> None:
    path = edited(tmp_path, lambda samples: samples[0].update(scores=score(value)))
    first = import_logs("inspect", path)[0]
    assert (first.verdict, first.score) == (verdict, number)


def test_a_sample_that_ended_in_an_error_has_no_verdict(tmp_path: Path) -> None:
    path = edited(tmp_path, lambda samples: samples[1].update(error={"message": "no reply"}))
    failed = import_logs("inspect", path)[1]
    assert (failed.verdict, failed.score, failed.output) == (None, None, None)


def test_a_scorer_is_chosen_where_there_are_several(tmp_path: Path) -> None:
    both = {**score("C"), "judge": {"value": 0.0}}
    path = edited(tmp_path, lambda samples: [sample.update(scores=both) for sample in samples])
    with pytest.raises(ConfigError, match="several metrics: say which by --metric, one of match, judge"):
        import_logs("inspect", path)
    assert [outcome.verdict for outcome in import_logs("inspect", path, metric="judge")] == [False] * 3
    with pytest.raises(ConfigError, match="no metric 'f1'"):
        import_logs("inspect", path, metric="f1")


def test_logs_of_other_items_are_named(tmp_path: Path) -> None:
    whole = edited(tmp_path, lambda samples: None)
    (tmp_path / "other").mkdir()
    less = edited(tmp_path / "other", lambda samples: (samples.pop(0), samples[0].update(input="Else?")))
    with pytest.raises(ConfigError, match=r"the second lacks sum-1; they ask different things as sum-2 \(2 differ\)"):
        import_logs("inspect", whole, less)
    with pytest.raises(ConfigError, match=r"the first lacks sum-1"):
        import_logs("inspect", less, whole)


def test_an_item_stands_once_in_a_log(tmp_path: Path) -> None:
    path = edited(tmp_path, lambda samples: samples.append(samples[0]))
    with pytest.raises(ConfigError, match=r"sample 4: item 'sum-1' stands in the log already \(.*sample 1\)"):
        import_logs("inspect", path)


def test_lm_eval_lines_that_cannot_be_used(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    line = json.loads(LM_EVAL[0].read_text().split("\n")[0])
    with pytest.raises(ConfigError, match="several filters: say which by --filter, one of strict-match, flexible-"):
        import_logs("lm-eval", LM_EVAL[0])
    with pytest.raises(ConfigError, match="has no filter 'none'; it has strict-match, flexible-extract"):
        import_logs("lm-eval", LM_EVAL[0], filter="none")
    path.write_text(json.dumps({**line, "doc_id": None}))
    with pytest.raises(ConfigError, match=r"samples.jsonl, line 1, doc_id"):
        import_logs("lm-eval", path)
    path.write_text(json.dumps({**line, "metrics": ["by_part"], "by_part": [1, 0]}))
    with pytest.raises(ConfigError, match="no scores that are single numbers"):
        import_logs("lm-eval", path)
    path.write_text("")
    with pytest.raises(ConfigError, match="holds no replies"):
        import_logs("lm-eval", path)


def test_older_logs_of_lm_eval_do_not_list_their_metrics(tmp_path: Path) -> None:
    line = json.loads(LM_EVAL[0].read_text().split("\n")[0])
    older = {name: value for name, value in line.items() if name not in {"filter", "metrics", "doc_hash"}}
    path = tmp_path / "samples.jsonl"
    path.write_text(json.dumps(older))
    (outcome,) = import_logs("lm-eval", path)
    assert outcome.verdict is True


def test_answers_chosen_by_likelihood_have_no_text(tmp_path: Path) -> None:
    line = json.loads(LM_EVAL[0].read_text().split("\n")[0])
    chosen = {
        **line,
        "resps": [[["-1.5", "False"]], [["-0.5", "True"]]],
        "filtered_resps": [["-1.5", "False"], ["-0.5", "True"]],
        "metrics": ["acc"],
        "acc": 0.0,
    }
    path = tmp_path / "samples.jsonl"
    path.write_text(json.dumps(chosen))
    (outcome,) = import_logs("lm-eval", path)
    assert (outcome.output, outcome.verdict) == (None, False)


def test_files_that_are_no_logs(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(ConfigError, match="samples: no log of inspect_ai, or one without its samples"):
        import_logs("inspect", tmp_path / "x.json")
    with zipfile.ZipFile(tmp_path / "x.eval", "w") as archive:
        archive.writestr("header.json", "{}")
    with pytest.raises(ConfigError, match=r"x\.eval holds no samples"):
        import_logs("inspect", tmp_path / "x.eval")
    with zipfile.ZipFile(tmp_path / "y.eval", "w") as archive:
        archive.writestr("samples/a_epoch_1.json", "{")
    with pytest.raises(ConfigError, match=r"samples/a_epoch_1\.json: not JSON"):
        import_logs("inspect", tmp_path / "y.eval")
    with pytest.raises(ConfigError, match="'csv' is no format of logs; there are lm-eval, inspect"):
        import_logs("csv", tmp_path / "x.json")
