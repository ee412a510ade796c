"""Right over all, read over all, right over read."""

from math import isnan

import numpy as np

from redraft.evaluation.metrics.correctness import accuracy, accuracy_of_parsed, parse_rate


def test_an_unreadable_draft_counts_against_accuracy_and_not_against_that_of_the_readable():
    verdicts = np.array([1, 1, 1, 0, -1, -1, 0, 1], dtype=np.int8)
    assert accuracy(verdicts) == 4 / 8
    assert parse_rate(verdicts) == 6 / 8
    assert accuracy_of_parsed(verdicts) == 4 / 6


def test_nothing_readable_and_nothing_at_all_are_undefined():
    unread, empty = np.array([-1, -1], dtype=np.int8), np.array([], dtype=np.int8)
    assert (accuracy(unread), parse_rate(unread)) == (0, 0)
    assert isnan(accuracy_of_parsed(unread))
    assert all(isnan(metric(empty)) for metric in (accuracy, parse_rate, accuracy_of_parsed))
