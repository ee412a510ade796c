"""MQM's weights, one by one and on every rating of WMT23."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

from redraft.errors import ConfigError
from redraft.evaluation.metrics.mqm import WMT21, WMT23, Weights, mqm_score, system_scores, weigh
from redraft.evaluation.reproduce.wmt23 import read_scores
from redraft.schema import Finding


@pytest.mark.parametrize(
    ("severity", "category", "weight"),
    [
        ("Major", "Accuracy/Mistranslation", 5),
        ("minor", "style/awkward", 1),
        ("Minor", "Fluency/Punctuation", 0.1),
        ("major", "fluency/punctuation", 5),
        ("major", "non-translation!", 25),
        ("Minor", "Non-translation", 25),
        ("major", "source issue", 0),
        ("Major", "Source error", 0),
        ("minor", "accuracy/creative reinterpretation", 0),
        ("major", "accuracy/source language fragment", 5),
        ("Neutral", "Style/Awkward", 0),
        ("No-error", "No-error", 0),
        ("critical", "accuracy/omission", 25),
    ],
)
def test_weights_of_wmt23(severity, category, weight):
    assert WMT23.of(severity, category) == weight


def test_source_errors_counted_until_2021():
    assert WMT21.of("Major", "Source error") == 5


def test_a_severity_that_mqm_does_not_have_is_refused():
    with pytest.raises(ConfigError, match="'severe' is no MQM severity"):
        WMT23.of("severe", "other")


def test_a_score_is_minus_the_sum_of_weights():
    findings = [
        Finding(severity="major", category="accuracy/mistranslation"),
        Finding(severity="minor", category="fluency/punctuation"),
    ]
    assert mqm_score(findings) == pytest.approx(-5.1)
    assert mqm_score(findings, Weights(major=10, minor_punctuation=1)) == -11
    assert str(mqm_score([])) == "0.0"


def errors(*rows):
    return pl.DataFrame(rows, schema=["system", "segment", "rater", "severity", "category"], orient="row")


def test_raters_are_averaged_in_a_segment_and_segments_in_a_system():
    table = errors(
        ("A", "1", "r1", "Major", "Accuracy/Omission"),
        ("A", "1", "r1", "Minor", "Style/Awkward"),
        ("A", "1", "r2", "No-error", "No-error"),
        ("A", "2", "r1", "Minor", "Fluency/Punctuation"),
        ("B", "1", "r1", "No-error", "No-error"),
    )
    # A: segment 1 is (6 + 0) / 2, segment 2 is 0.1.
    assert system_scores(table) == {"A": pytest.approx((3 + 0.1) / 2), "B": 0}


def test_no_annotations_are_no_systems():
    empty = pl.DataFrame(schema=dict.fromkeys(["system", "segment", "rater", "severity", "category"], pl.String))
    assert system_scores(empty) == {}


def test_a_table_that_lacks_something_is_refused():
    with pytest.raises(ConfigError, match="lack a category"):
        weigh(pl.DataFrame({"severity": ["major"]}))
    with pytest.raises(ConfigError, match="lack a severity"):
        weigh(
            pl.DataFrame(
                {"severity": [None], "category": ["other"]}, schema=dict.fromkeys(["severity", "category"], pl.String)
            )
        )
    with pytest.raises(ConfigError, match="lack a rater"):
        system_scores(errors().drop("rater"))


def ratings(folder: Path, pair: str):
    """(system, segment, rater, errors) of every rating."""
    for path in sorted(folder.glob(f"{pair}.mqm.*.seg.rating.gz")):
        segments: dict[str, int] = {}
        for line in gzip.decompress(path.read_bytes()).decode().rstrip("\n").split("\n"):
            system, rating = line.split("\t", 1)
            segments[system] = segments.get(system, -1) + 1
            if rating != "None":
                yield system, segments[system], path.name, json.loads(rating)["errors"]


@pytest.mark.parametrize(("pair", "rated", "unrated"), [("en-de", 5980, 0), ("zh-en", 18829, 3)])
def test_every_rating_of_wmt23_weighs_what_its_raters_published(data, pair, rated, unrated):
    folder = data / "wmt-mqm" / "wmt23" / "human"
    table, published = [], []
    for system, segment, rater, found in ratings(folder, pair):
        for error in found or [{"severity": "no-error", "category": "", "score": 0}]:
            table.append((system, segment, rater, error["severity"], error["category"]))
            published.append(error["score"])
    frame = errors(*table)
    frame = frame.with_columns(weight=weigh(frame))
    assert frame["weight"].to_list() == published

    raters = frame.group_by("system", "segment", "rater").agg(pl.col("weight").sum())
    ours = raters.group_by("system", "segment").agg(pl.col("weight").mean())
    scores = {(system, segment): -weight for system, segment, weight in ours.iter_rows()}
    theirs = {
        (system, segment): score
        for system, column in read_scores(folder / f"{pair}.mqm.seg.score.gz").items()
        for segment, score in enumerate(column)
        if score == score
    }
    agreed = [key for key, score in theirs.items() if scores.get(key, float("nan")) == pytest.approx(score, abs=1e-9)]
    assert (len(agreed), len(theirs) - len(agreed)) == (rated, unrated)
