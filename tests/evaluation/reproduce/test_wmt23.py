"""WMT23's published agreement of metrics with people, from their recorded scores."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from redraft.errors import ConfigError
from redraft.evaluation.metrics.systems import pairwise_accuracy, soft_pairwise_accuracy
from redraft.evaluation.reproduce.wmt23 import PAIRS, WMT23, read_scores, scores


def test_every_published_number_comes_out_again(data):
    rows = WMT23.rows(data)
    assert [row.name for row in rows if row.match == "no"] == []
    assert sum(row.match == "yes" for row in rows) == 37
    found = {row.name: row.recomputed for row in rows if row.match == "yes"}
    assert found["GEMBA-MQM, system accuracy"] == 0.944
    assert [found[f"GEMBA-MQM, en-de, {cell}"] for cell in ("system Pearson", "segment Pearson", "acc_eq")] == [
        0.993,
        0.502,
        0.572,
    ]


def test_the_one_that_differs_was_preliminary(data):
    (row,) = [row for row in WMT23.rows(data) if row.match != "yes"]
    assert (row.published, row.recomputed, row.match) == (0.965, 0.944, "known difference")


def test_there_are_249_pairs_of_systems(data):
    sets = [scores(data, pair, "GEMBA-MQM") for pair in PAIRS]
    assert pairwise_accuracy((each.metric, each.human) for each in sets)[1:] == (235, 249)
    assert [len(each.names) for each in sets] == [12, 13, 15]
    assert [int((~np.isnan(each.human_segments)).all(axis=1).sum()) for each in sets] == [460, 820, 1177]


def test_soft_accuracy_puts_random_scores_below_every_metric(data):
    of = {}
    for metric in ("GEMBA-MQM", "XCOMET-Ensemble", "BLEU", "Random-sysname"):
        each = scores(data, "zh-en", metric)
        of[metric] = soft_pairwise_accuracy(each.metric_segments, each.human_segments)
    assert of["GEMBA-MQM"] > of["XCOMET-Ensemble"] > of["BLEU"] > of["Random-sysname"]


def test_a_metric_that_was_not_recorded_is_named(tmp_path):
    with pytest.raises(ConfigError, match="no scores of NoSuch for en-de"):
        scores(tmp_path, "en-de", "NoSuch")


def test_scores_are_read_by_system_with_none_as_nan(tmp_path):
    path = tmp_path / "x.seg.score.gz"
    path.write_bytes(gzip.compress(b"A\t-1.5\nA\tNone\nB\t0\nB\t-25\n"))
    found = read_scores(path)
    assert {name: column.tolist()[-1] for name, column in found.items()} == {
        "A": pytest.approx(np.nan, nan_ok=True),
        "B": -25,
    }
    path.write_bytes(gzip.compress(b"A\tbad\n"))
    with pytest.raises(ConfigError, match=r"x\.seg\.score\.gz cannot be read"):
        read_scores(path)
