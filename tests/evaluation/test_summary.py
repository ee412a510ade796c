"""A method in numbers, and a method beside another."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from redraft.errors import ConfigError
from redraft.evaluation import summary
from redraft.evaluation.metrics import correctness, decomposition, flips
from redraft.evaluation.outcomes import Outcome, Outcomes, collect
from redraft.evaluation.statistics.estimate import Estimate
from redraft.schema import Usage

LETTERS = {"r": True, "w": False, "u": None}
KEYS = [
    *("accuracy", "parse_rate", "accuracy_of_parsed", "first_accuracy", "wrong_to_right", "right_to_wrong"),
    *("cl", "cs", "rss", "calls", "tokens", "seconds", "money"),
]


def outcomes(
    *rounds: str, groups: Sequence[str] = (), usage: Usage | None = None, money: float | None = None
) -> Outcomes:
    """Each item's verdicts, a word of r(ight), w(rong), u(nread) for each round."""
    rows = [
        Outcome(
            id=str(item),
            round=number,
            verdict=LETTERS[letter],
            group=groups[item] if groups else None,
            usage=usage,
            money=money,
            signal="tool",
        )
        for number, letters in enumerate(rounds)
        for item, letter in enumerate(letters)
    ]
    return collect(rows, "method")["method"]


def estimates(found: Outcomes) -> dict[str, Estimate]:
    [told] = summary.summarise({"method": found}, resamples=500)
    return told.estimates


def test_every_number_is_there_in_order_with_its_interval():
    [told] = summary.summarise({"mended": outcomes("rrwwu" * 20, "rwrww" * 20, usage=Usage(calls=3), money=0.5)})
    assert (told.method, told.signal, told.items) == ("mended", "tool", 100)
    assert list(told.estimates) == KEYS
    value = {name: estimate.value for name, estimate in told.estimates.items()}
    assert [value[name] for name in KEYS[:6]] == pytest.approx([2 / 5, 1, 2 / 5, 2 / 5, 1 / 5, 1 / 5])
    assert [value[name] for name in KEYS[6:9]] == pytest.approx([1 / 2, 1 / 3, 0.5])
    assert [value[name] for name in KEYS[9:]] == [3, 0, 0, 0.5]
    for estimate in told.estimates.values():
        assert estimate.low is not None
        assert estimate.high is not None
        assert estimate.low <= (estimate.value or 0) <= estimate.high
        assert estimate.note is None
    assert (told.estimates["cl"].n, told.estimates["cs"].n) == (40, 60)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("rwu"), st.sampled_from("rwu")), min_size=1, max_size=30))
def test_values_are_those_of_the_metrics(pairs: list[tuple[str, str]]):
    found = outcomes("".join(pair[0] for pair in pairs), "".join(pair[1] for pair in pairs))
    parts = decomposition.single_shot(found.first, found.final)
    expected = [
        correctness.accuracy(found.final),
        correctness.parse_rate(found.final),
        correctness.accuracy_of_parsed(found.final),
        correctness.accuracy(found.first),
        flips.wrong_to_right(found.first, found.final),
        flips.right_to_wrong(found.first, found.final),
        *(parts.cl, parts.cs, parts.rss),
    ]
    told = estimates(found)
    values = [told[name].value for name in KEYS[:9]]
    assert [np.nan if value is None else value for value in values] == pytest.approx(expected, nan_ok=True)
    assert all((told[name].note or "").startswith("undefined: ") == (told[name].value is None) for name in KEYS)


def test_samples_of_one_question_are_its_estimator_and_resampled_together():
    random = np.random.default_rng(0)
    hard = np.repeat(random.random(60), 10)
    first, last = ("".join(np.where(random.random(600) < hard, "r", "w")) for _ in range(2))
    groups = [str(k // 10) for k in range(600)]
    together, alone = estimates(outcomes(first, last, groups=groups)), estimates(outcomes(first, last))
    expected = decomposition.sampled(
        *((np.array(list(x)) == "r").astype(np.int8).reshape(60, 10) for x in (first, last))
    )
    assert [together[name].value for name in ("cl", "cs", "rss")] == pytest.approx(expected[2:4] + expected[6:])
    width = {name: (told.high or 0) - (told.low or 0) for name, told in together.items()}
    assert width["accuracy"] > 1.5 * ((alone["accuracy"].high or 0) - (alone["accuracy"].low or 0))
    assert (together["accuracy"].n, alone["accuracy"].n) == (60, 600)


def test_all_right_is_no_certainty():
    told = estimates(outcomes("r" * 50, "r" * 50))
    exact = stats.binomtest(50, 50).proportion_ci()
    assert (told["accuracy"].low, told["accuracy"].high) == pytest.approx((exact.low, exact.high))
    grouped = estimates(outcomes("r" * 100, "r" * 100, groups=[str(k // 2) for k in range(100)]))
    assert (grouped["accuracy"].low, grouped["accuracy"].high) == pytest.approx((exact.low, exact.high))


def test_what_is_undefined_says_why():
    told = estimates(outcomes("uu", "uu"))
    assert told["accuracy_of_parsed"].note == "undefined: no draft could be read"
    assert told["cl"].note == "undefined: no right first draft"
    told = estimates(outcomes("rr", "rw"))
    assert (told["cs"].value, told["cs"].low, told["cs"].note) == (None, None, "undefined: no wrong first draft")
    assert told["rss"].note == "undefined: first drafts are all right or all wrong"
    assert told["tokens"].note == "undefined: not recorded"


def test_one_round_corrects_nothing():
    told = estimates(outcomes("rrw"))
    for name in ("wrong_to_right", "right_to_wrong", "cl", "cs", "rss"):
        assert told[name].note == "undefined: there is one round, so nothing was corrected"
    assert told["first_accuracy"].value == told["accuracy"].value == pytest.approx(2 / 3)


def test_too_few_items_are_told():
    told = estimates(outcomes("rrrw" * 10, "rrrw" * 10))
    assert told["accuracy"].note is None
    assert "only 10 wrong first drafts, too few to say much" in (told["cs"].note or "")
    grouped = estimates(outcomes("rrrw" * 10, "rrrw" * 10, groups=[str(k % 5) for k in range(40)]))
    assert grouped["accuracy"].note == "only 5 groups of items, too few to say much"


def test_a_cost_that_some_items_lack_says_so():
    rows = [Outcome(id=str(k), verdict=True, usage=Usage(calls=k) if k else None) for k in range(40)]
    told = estimates(collect(rows, "m")["m"])["calls"]
    assert (told.value, told.n, told.note) == (20, 39, "known for 39 of 40 items")


def test_methods_are_tested_against_the_baseline():
    better, same = outcomes("w" * 40 + "r" * 60, "r" * 15 + "w" * 25 + "r" * 60), outcomes("w" * 40 + "r" * 60)
    worse = outcomes("w" * 40 + "r" * 60, "w" * 45 + "r" * 55)
    found = summary.test_against({"base": same, "better": better, "same": same, "worse": worse}, "base")
    assert [(test.first, test.second) for test in found] == [(name, "base") for name in ("better", "same", "worse")]
    up, none, down = found
    assert up.difference.value == pytest.approx(0.15)
    assert 0.05 < (up.difference.low or 0) < 0.15 < (up.difference.high or 0) < 0.25
    assert up.mcnemar == up.permutation == pytest.approx(2 / 2**15)
    assert up.holm == pytest.approx(3 * 2 / 2**15)
    assert (up.note, none.note) == (None, "they agree on all items")
    assert (none.mcnemar, none.difference.value) == (1, 0)
    assert (none.difference.high or 0) == -(none.difference.low or 0) == pytest.approx(1 - 0.025 ** (1 / 100))
    assert down.difference.value == pytest.approx(-0.05)
    assert down.note == "they differ on 5 of the items: with fewer than 6, no p can be under 0.05"


def test_items_are_matched_by_id_and_not_by_place():
    rows = [Outcome(id=str(k), verdict=k % 3 == 0) for k in range(30)]
    methods = collect(rows, "a") | collect(rows[::-1], "b")
    [test] = summary.test_against(methods, "a")
    assert (test.difference.value, test.mcnemar) == (0, 1)


def test_items_that_share_a_group_are_tested_by_group():
    groups = [str(k // 4) for k in range(40)]
    methods = {"a": outcomes("w" * 40, groups=groups), "b": outcomes("rrrr" + "w" * 36, groups=groups)}
    [test] = summary.test_against(methods, "a", resamples=500)
    assert (test.mcnemar, test.permutation, test.holm) == (None, 1, 1)
    assert test.difference.n == 10
    assert test.note == "they differ on 1 of the groups of items: with fewer than 6, no p can be under 0.05"


def test_methods_of_other_items_or_groups_or_none_are_refused():
    one, two = outcomes("rw"), outcomes("rwr")
    with pytest.raises(ConfigError, match="not of the same items"):
        summary.test_against({"one": one, "two": two}, "one")
    with pytest.raises(ConfigError, match="different groups"):
        summary.test_against({"one": one, "two": outcomes("rw", groups="aa")}, "one")
    with pytest.raises(ConfigError, match="no method is named 'three'; there are one, two"):
        summary.test_against({"one": one, "two": two}, "three")
