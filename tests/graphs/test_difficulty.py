"""MAgICoRe's gate: the numbers of the paper, without a model."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft import ConfigError, Draft
from redraft.graphs.difficulty import Chain, Measure, annotated, confidence, hard, measure, read_measure


def chain(outcome: float, *steps: float, answer: str | None = "1", text: str = "Step 1: a\nStep 2: b") -> Chain:
    return Chain(draft=Draft(text=text, node="sample", answer=answer), outcome=outcome, steps=steps)


def test_the_reward_is_the_outcome_s_plus_the_product_of_the_steps() -> None:
    assert chain(0.5, 0.5, 0.4).reward == pytest.approx(0.7)
    assert chain(0.5, 0.5, 0.4, answer=None).reward == 0.5


def test_confidence_is_one_for_one_answer_and_a_half_at_the_entropy_of_three() -> None:
    assert confidence([3.0]) == 1.0
    assert confidence([1, 1, 1]) == pytest.approx(0.5)
    assert confidence([1, 1]) > 0.5 > confidence([1, 1, 1, 0.1])


@given(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=8))
def test_confidence_is_below_a_half_just_where_the_entropy_is_above_ln_3(masses: list[float]) -> None:
    shares = [mass / sum(masses) for mass in masses]
    entropy = -sum(share * math.log(share) for share in shares)
    if abs(entropy - math.log(3)) > 1e-9:
        assert (confidence(masses) < 0.5) == (entropy > math.log(3))


SPREAD = [chain(0.1, 0.1, answer="1")] * 2 + [chain(0.5, 0.5, answer=str(n)) for n in (2, 3, 4)]
CLUSTERS = (0, 0, 1, 2, 3)


def test_hard_takes_a_weak_majority_and_spread_rewards() -> None:
    assert hard(SPREAD, CLUSTERS, measure(SPREAD), 0.5)


def test_a_majority_above_the_mean_makes_it_easy() -> None:
    assert not hard(SPREAD, CLUSTERS, Measure(0.1, 1.0), 0.5)


def test_concentrated_rewards_make_it_easy_only_if_both_are() -> None:
    sure = [chain(0.1, 0.1, answer="1")] * 2 + [chain(0.9, 0.9, answer="2")]
    assert not hard(sure, (0, 0, 1), measure(sure), 0.5)
    torn = [chain(0.01, 0.01)] * 2 + [chain(0.9, 0.5, answer="2")] + [chain(0.02, 0.5, answer=a) for a in "345"]
    clusters = (0, 0, 1, 2, 3, 4)
    assert confidence([0.02, 0.9, 0.02, 0.02, 0.02]) >= 0.5 > confidence([0.02, 0.5, 0.5, 0.5, 0.5])
    assert hard(torn, clusters, measure(torn), 0.5)


def test_chains_without_any_answer_are_hard() -> None:
    assert hard([chain(0.9, 0.9, answer=None)], (None,), Measure(0, 1), 0.5)


def test_the_reviewer_sees_each_step_with_its_score_of_ten() -> None:
    assert annotated(chain(0.5, 0.94, 0.26)) == "Step 1: a (Score: 9/10)\n\nStep 2: b (Score: 3/10)"


def test_the_measure_of_a_data_set_is_that_of_the_first_samples(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    rows = [{"id": "a", "result": {"scores": {"first_reward": reward}}} for reward in (0.5, 1.5)]
    rows += [{"id": "b", "error": {}}, {"id": "c", "result": {"scores": {}}}]
    out.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert read_measure(out) == Measure(1.0, 0.5)
    assert read_measure(out).z(2.0) == 2.0


@pytest.mark.parametrize("text", ["", "nonsense", '{"result": {"scores": {"first_reward": 1}}}'])
def test_a_file_that_is_no_measure_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "out.jsonl").write_text(text)
    with pytest.raises(ConfigError, match=r"calibration: .*out\.jsonl"):
        read_measure(tmp_path / "out.jsonl")


def test_rewards_that_are_all_the_same_are_neither_high_nor_low() -> None:
    assert Measure(0.5, 0.0).z(0.9) == 0.0
