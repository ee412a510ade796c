"""When a number is the published one."""

from __future__ import annotations

import pytest

from redraft.evaluation.reproduce import REPRODUCTIONS, compared


@pytest.mark.parametrize(
    ("published", "value", "digits", "match"),
    [
        (82.9, 82.927, 1, "yes"),
        (82.9, 82.85, 1, "yes"),  # Half-way: rounded up by hand, to even by Python.
        (82.8, 82.85, 1, "yes"),
        (82.9, 82.84, 1, "no"),
        (0.944, 0.9444, 3, "yes"),
        (2.0, 2.04, 2, "no"),
        (0.5, float("nan"), 1, "no"),
    ],
)
def test_a_number_matches_where_it_rounds_to_what_was_printed(
    published: float, value: float, digits: int, match: str
) -> None:
    row = compared("Paper", "cell", published, value, digits)
    assert row.match == match
    assert (row.recomputed == published) is (match == "yes")


def test_a_known_reason_excuses_its_own_difference_only() -> None:
    known = compared("Paper", "cell", 47.2, 51.6, 1, "other seeds were released", 51.6)
    assert (known.match, known.recomputed, known.note) == ("known difference", 51.6, "other seeds were released")
    other = compared("Paper", "cell", 47.2, 51.8, 1, "other seeds were released", 51.6)
    assert (other.match, other.note) == ("no", None)
    mended = compared("Paper", "cell", 47.2, 47.2, 1, "other seeds were released", 51.6)
    assert (mended.match, mended.note) == ("yes", None)


def test_each_reproduction_goes_by_its_own_name() -> None:
    assert {"ldb", "realmistake", "gsm8k", "ifeval"} <= set(REPRODUCTIONS)
    assert all(name == each.name for name, each in REPRODUCTIONS.items())
