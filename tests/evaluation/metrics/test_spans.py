"""Characters that a critic marked against those it should have."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.errors import ConfigError
from redraft.evaluation.metrics.spans import MAJOR, Marks, marks, span_scores
from redraft.schema import Finding, Span


def found(start, end, severity="major", text="draft"):
    return Finding(severity=severity, category="accuracy", span=Span(start=start, end=end, text=text))


def test_characters_by_hand():
    # The critic marks 0-4 and 10-12 (6 characters), the gold 2-6 (4): 2 and 3 are in both.
    scores = span_scores(marks([[found(0, 4), found(10, 12)]]), marks([[found(2, 6)]]))
    assert (scores.both, scores.predicted, scores.gold) == (2, 6, 4)
    assert (scores.precision, scores.recall, scores.f1) == (2 / 6, 2 / 4, 4 / 10)


def test_a_character_counts_once_however_often_it_is_marked():
    assert span_scores(marks([[found(0, 4), found(1, 3), found(3, 5)]]), marks([[found(0, 5)]])).precision == 1


def test_items_and_the_two_texts_of_an_item_are_kept_apart():
    predicted = marks([[found(0, 4)], [found(0, 4, text="source")]])
    gold = marks([[found(0, 4, text="source")], [found(0, 4)]])
    assert span_scores(predicted, gold)[:4] == (0, 0, 0, 0)


def test_major_only_leaves_minor_errors_out_of_both_sides():
    predicted = [[found(0, 4), found(4, 8, "minor"), found(8, 9, "critical")]]
    gold = [[found(0, 4, "minor"), found(4, 9)]]
    assert span_scores(marks(predicted), marks(gold)).f1 == 1
    assert span_scores(marks(predicted, MAJOR), marks(gold, MAJOR))[3:] == (1, 5, 5)


def test_a_finding_without_a_span_marks_nothing():
    assert span_scores(marks([[Finding(severity="major", category="omission")]]), marks([[found(0, 2)]])).predicted == 0


def test_precision_needs_a_prediction_and_recall_a_gold_error():
    nothing, something = marks([[]]), marks([[found(0, 2)]])
    assert np.isnan(span_scores(nothing, something).precision)
    assert span_scores(nothing, something).recall == 0
    assert np.isnan(span_scores(something, nothing).recall)
    assert np.isnan(span_scores(nothing, nothing).f1)


def test_marks_that_end_before_they_start_are_refused():
    column = np.array([0])
    with pytest.raises(ConfigError, match="not end before"):
        span_scores(Marks(column, np.array([5]), np.array([3])), marks([]))


RANGES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12), st.integers(0, 6)), max_size=12)


@settings(max_examples=200, deadline=None)
@given(RANGES, RANGES)
def test_ranges_count_as_their_sets_of_characters(predicted, gold):
    def as_marks(ranges):
        table = np.array([(text, start, start + length) for text, start, length in ranges], np.int64).reshape(-1, 3)
        return Marks(*table.T)

    first, second = (
        {(text, place) for text, start, length in ranges for place in range(start, start + length)}
        for ranges in (predicted, gold)
    )
    assert span_scores(as_marks(predicted), as_marks(gold))[3:] == (len(first & second), len(first), len(second))
