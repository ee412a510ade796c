"""A user's own outcomes, round by round, and what was published of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.evaluation.outcomes import Outcomes, read_outcomes
from redraft.evaluation.reproduce.own import claimed, rounds

OUTCOMES = [
    *({"id": "mended", "round": k, "verdict": verdict} for k, verdict in enumerate([False, True])),
    *({"id": "broken and mended", "round": k, "verdict": verdict} for k, verdict in enumerate([True, False, True])),
    {"id": "left alone", "verdict": True},
    {"id": "unreadable", "verdict": None},
]


@pytest.fixture
def methods(tmp_path: Path) -> dict[str, Outcomes]:
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in OUTCOMES))
    return read_outcomes(path)


def published(folder: Path, *rows: dict[str, object]) -> Path:
    path = folder / "published.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_each_round_since_the_one_before_and_the_last_since_the_first(methods: dict[str, Outcomes]) -> None:
    """Right: 2, 2 and 3 of 4. One is mended and one broken in round 1, which round 2 mends: broken since 0 is none."""
    told = [
        (
            each.since,
            each.round,
            *(each.estimates[name].value for name in ("accuracy", "wrong_to_right", "right_to_wrong")),
        )
        for each in rounds(methods)
    ]
    assert told == [
        (None, 0, 0.5, None, None),
        (0, 1, 0.5, 0.25, 0.25),
        (1, 2, 0.75, 0.25, 0.0),
        (0, 2, 0.75, 0.25, 0.0),
    ]
    assert all(each.estimates["accuracy"].low is not None for each in rounds(methods))


def test_claims_are_as_precise_as_they_are_written(methods: dict[str, Outcomes], tmp_path: Path) -> None:
    path = published(
        tmp_path,
        {"published": "50.0 %", "round": 0},
        {"published": 0.8},
        {"published": "0.80"},
        {"published": 1, "metric": "cl", "method": "mine", "source": "my paper"},
        {"published": "25%", "metric": "right_to_wrong", "round": 1},
        {"published": 0, "metric": "wrong_to_right", "round": 0},
    )
    rows = claimed(methods, path)
    assert [(row.recomputed, row.match) for row in rows] == [
        (50.0, "yes"),
        (0.8, "yes"),
        (0.75, "no"),
        (1.0, "yes"),
        (25.0, "yes"),
        (None, "no"),
    ]
    assert (rows[3].source, rows[3].name) == ("my paper", "mine, round 2, cl")
    assert rows[5].note == "undefined: there is one round, so nothing was corrected"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"published": "about 3"}, "line 1, published: .*'about 3' is no number"),
        ({"published": "nan"}, "line 1, published: .*is no number"),
        ({"published": 0.5, "metric": "vibes"}, "line 1, metric"),
        ({"published": 0.5, "method": "theirs"}, "no method is named 'theirs'; there are mine"),
        ({"published": 0.5, "round": 3}, "mine has no round 3; its last is 2"),
        ({"published": 0.5, "round": -1}, "mine has no round -1"),
    ],
)
def test_claims_that_cannot_be_put_to_the_test(
    methods: dict[str, Outcomes], tmp_path: Path, row: dict[str, object], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        claimed(methods, published(tmp_path, row))


def test_of_several_methods_a_claim_names_one(methods: dict[str, Outcomes], tmp_path: Path) -> None:
    two = {**methods, "other": methods["mine"]}
    with pytest.raises(ConfigError, match="must say of which method; there are mine, other"):
        claimed(two, published(tmp_path, {"published": 0.75}))
