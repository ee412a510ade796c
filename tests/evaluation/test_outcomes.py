"""A file of outcomes as columns: what is right, wrong, missing; what is at odds is said with its line."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from redraft.errors import ConfigError
from redraft.evaluation.outcomes import Outcomes, paired, read_outcomes
from redraft.evaluation.sample import Sample, subset
from redraft.schema import QuestionTask

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(*rows: dict[str, object], name: str = "mine.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return written


def one(path: Path) -> Outcomes:
    (outcomes,) = read_outcomes(path).values()
    return outcomes


def test_rounds_become_columns_and_an_early_end_keeps_its_draft(write: Write) -> None:
    path = write(
        {"id": "b", "round": 1, "verdict": True, "output": "4", "usage": {"calls": 3, "prompt_tokens": 5}},
        {"id": "a", "round": 0, "verdict": True, "signal": "tool"},
        {"id": "b", "round": 0, "verdict": None, "output": "?"},
    )
    outcomes = one(path)
    assert (outcomes.method, outcomes.ids, outcomes.signal) == ("mine", ("b", "a"), "tool")
    assert outcomes.verdicts.tolist() == [[-1, 1], [1, 1]]
    assert (outcomes.first.tolist(), outcomes.final.tolist()) == ([-1, 1], [1, 1])
    assert outcomes.outputs == (("?", "4"), (None, None))
    np.testing.assert_array_equal(outcomes.calls, [3, np.nan])
    np.testing.assert_array_equal(outcomes.tokens, [5, np.nan])


def test_one_file_may_hold_several_methods(write: Write) -> None:
    found = read_outcomes(write({"id": "a", "method": "x"}, {"id": "a"}), "y")
    assert list(found) == ["x", "y"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "holds no outcomes"),
        ([{"id": "a"}, {"id": "b", "verdict": "perhaps"}], "line 2, verdict: .*boolean"),
        ([{"id": "a", "right": True}], "line 1, right: Extra"),
        ([{"round": 0}], "line 1, id: Field required"),
        ([{"id": "a"}, {"id": "a"}], "'a' has round 0 twice"),
        ([{"id": "a", "round": 0}, {"id": "a", "round": 2}], "'a' has round 2 and lacks round 1"),
        ([{"id": "a", "round": -1}], "line 1, round"),
        ([{"id": "a", "score": float("nan")}], "line 1, score: .*finite"),
    ],
)
def test_what_is_at_odds_is_named(write: Write, rows: list[dict[str, object]], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read_outcomes(write(*rows))
    assert gc.isenabled()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.jsonl cannot be read"):
        read_outcomes(tmp_path / "none.jsonl")


def test_methods_are_paired_by_item_whatever_the_order(write: Write) -> None:
    first = one(write({"id": "a", "verdict": True}, {"id": "b", "verdict": False}))
    second = one(write({"id": "b", "verdict": True}, {"id": "a", "verdict": False}, name="other.jsonl"))
    left, right = paired(first, second)
    assert first.final[left].tolist() == [1, 0]
    assert second.final[right].tolist() == [0, 1]
    with pytest.raises(ConfigError, match=r"third lacks b; mine lacks c, d \(3 differ\)"):
        paired(first, one(write({"id": "a"}, {"id": "c"}, {"id": "d"}, name="third.jsonl")))


def test_a_subset_is_the_same_everywhere_and_lies_in_a_larger_one() -> None:
    samples = [Sample(id=str(n), task=QuestionTask(question="?")) for n in range(50)]
    few, more = subset(samples, 5, seed=1), subset(samples, 20, seed=1)
    assert [sample.id for sample in few] == ["15", "23", "25", "30", "37"]
    assert all(sample in more for sample in few)
    assert subset(samples, 5, seed=2) != few
    assert subset(samples, 100) == samples
