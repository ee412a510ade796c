"""What correction mends and breaks."""

from math import isnan

import numpy as np
import pytest

from redraft.errors import ConfigError
from redraft.evaluation.metrics.flips import right_to_wrong, transitions, transitions_by_round, wrong_to_right

VERDICTS = np.array([[1, 1, 0], [1, 0, 0], [0, 1, 1], [0, 1, -1], [-1, 1, 1]], dtype=np.int8)


def test_the_matrix_has_the_unreadable_as_a_state_of_its_own():
    assert transitions(VERDICTS[:, 0], VERDICTS[:, 2]).tolist() == [[0, 2, 0], [1, 0, 1], [1, 0, 0]]


def test_every_round_has_its_matrix():
    assert transitions_by_round(VERDICTS).tolist() == [
        [[1, 1, 0], [2, 0, 0], [1, 0, 0]],
        [[2, 1, 1], [0, 1, 0], [0, 0, 0]],
    ]
    assert transitions_by_round(VERDICTS[:, :1]).shape == (0, 3, 3)


def test_shares_are_of_all_items():
    first, last = VERDICTS[:, 0], VERDICTS[:, 2]
    assert wrong_to_right(first, last) == 1 / 5
    assert right_to_wrong(first, last) == 2 / 5
    assert isnan(wrong_to_right(first[:0], last[:0]))


def test_other_items_and_other_verdicts_are_refused():
    with pytest.raises(ConfigError, match="the same items"):
        transitions(VERDICTS[:, 0], VERDICTS[:2, 0])
    with pytest.raises(ConfigError, match="a verdict is 1"):
        transitions(VERDICTS[:, 0], VERDICTS[:, 0] + np.int8(1))
