"""How numbers are written."""

import pytest

from redraft.evaluation.report import words
from redraft.evaluation.statistics.estimate import Estimate
from redraft.evaluation.summary import COSTS, SHARES


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0.00"),
        (0.5, "0.50"),
        (12.34, "12.3"),
        (345.6, "346"),
        (12345, "12,345"),
        (-0.5, "−0.50"),
        (0.0042, "4.2e−03"),
    ],
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert words.number(value) == text


def test_an_estimate_is_told_with_its_interval() -> None:
    assert words.told(Estimate(value=0.412, low=0.38, high=0.4451), share=True) == "41.2 % (38.0–44.5)"
    assert words.told(Estimate(value=0.5, low=-0.1, high=1.1), share=False) == "0.50 (−0.10 to 1.10)"
    assert words.told(Estimate(value=0.5), share=True) == "50.0 % (no interval)"


def test_an_undefined_estimate_says_why_once() -> None:
    assert words.told(Estimate(value=None, note="undefined: no wrong first draft"), True) == (
        "undefined: no wrong first draft"
    )
    assert words.told(Estimate(value=None, note="no cost"), True) == "undefined: no cost"
    assert words.told(Estimate(value=None), True) == "undefined: no reason is given"


def test_differences_are_in_percentage_points_with_their_sign() -> None:
    assert words.difference(Estimate(value=0.128, low=-0.01, high=0.2)) == ("+12.8 points", "−1.0 to +20.0")
    assert words.difference(Estimate(value=None, note="no pair")) == ("undefined: no pair", "")


@pytest.mark.parametrize(("p", "text"), [(None, "none"), (0.0001, "< 0.001"), (0.0312, "0.031"), (0.5, "0.50")])
def test_chances(p: float | None, text: str) -> None:
    assert words.chance(p) == text


def test_every_metric_of_a_summary_has_words() -> None:
    assert list(words.METRICS) == [*SHARES, *COSTS]
    assert words.metric("new_thing").label == "New thing"
