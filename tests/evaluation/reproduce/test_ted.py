"""The 29 published scores of TED talks, from 18,000 annotations."""

from __future__ import annotations

import gzip

import pytest

from redraft.errors import ConfigError
from redraft.evaluation.reproduce.ted import TED, read_annotations


def test_27_of_29_systems_have_their_published_score_and_two_are_printed_cut(data):
    rows = TED.rows(data)
    assert len(rows) == 29
    assert sum(row.match == "yes" for row in rows) == 27
    assert {row.name: row.recomputed for row in rows if row.match == "known difference"} == {
        "en-de, eTranslation": 1.97,
        "zh-en, Borderline": 2.41,
    }


def test_a_file_that_is_not_there_or_no_table_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"absent\.tsv\.gz cannot be read"):
        read_annotations(tmp_path / "absent.tsv.gz")
    (tmp_path / "plain.tsv.gz").write_text("not packed")
    with pytest.raises(ConfigError, match=r"plain\.tsv\.gz cannot be read"):
        read_annotations(tmp_path / "plain.tsv.gz")
    (tmp_path / "narrow.tsv.gz").write_bytes(gzip.compress(b"system\tseg_id\nA\t1\n"))
    with pytest.raises(ConfigError, match="has no column category"):
        read_annotations(tmp_path / "narrow.tsv.gz")
