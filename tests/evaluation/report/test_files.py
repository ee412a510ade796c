"""What is read for a report, and the Markdown and CSV that are written of it."""

import csv
import io
import json
from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.evaluation.report.contents import Contents, gather
from redraft.evaluation.report.csv import COLUMNS, to_csv
from redraft.evaluation.report.html import to_html
from redraft.evaluation.report.markdown import to_markdown
from redraft.evaluation.report.matrix import flips

from .conftest import Write, rows

ITEMS = ["rr", "wr", "rw", "ww", "ur", "wu"] * 4


def gathered(folder: Path, baseline: str | None = None) -> Contents:
    return gather([folder], baseline=baseline, resamples=200)


def test_flips_are_counted_first_by_final(write: Write) -> None:
    contents = gathered(write(rows("refine", *ITEMS)))
    assert flips(contents.methods["refine"]).tolist() == [[4, 4, 0], [4, 4, 4], [4, 0, 0]]


def test_the_same_outcomes_make_the_same_page(write: Write) -> None:
    folder = write([*rows("a", *ITEMS), *rows("b", *ITEMS)])
    assert to_html(gathered(folder)) == to_html(gathered(folder))


def test_markdown_has_intervals_and_sets_oracle_methods_apart(write: Write) -> None:
    text = to_markdown(gathered(write([*rows("a", *ITEMS), *rows("b|<b>", *ITEMS, signal="oracle")])))
    honest, oracle = text.split("## With the gold answer")
    assert "| Metric | a (self) |" in honest
    assert "| Wrong → right | 16.7 % (" in honest
    assert r"b\|\<b\>" in oracle
    assert r"| b\|\<b\> (oracle) | a | 0.0 points" in oracle


def test_a_comparison_is_tested_against_its_controls(write: Write) -> None:
    folder = write([*rows("a", *ITEMS), *rows("b", *ITEMS), *rows("single", *ITEMS)])
    controls = [{"method": "b", "control": "single"}, {"method": "gone", "control": "single"}]
    (folder / "comparison.json").write_text(json.dumps({"controls": controls}))
    contents = gathered(folder)
    assert [(test.first, test.second) for test in contents.tests] == [("b", "single")]
    assert "| b | single | 0.0 points" in to_markdown(contents)
    assert '<th scope="col">Control</th>' in to_html(contents)
    assert [test.second for test in gathered(folder, "a").tests] == ["a", "a"]


def test_csv_has_a_line_for_each_method_and_metric(write: Write) -> None:
    contents = gathered(write(rows("a", *ITEMS)))
    text = to_csv(contents.summaries)
    assert text.startswith("\ufeff")
    lines = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert tuple(lines[0]) == COLUMNS
    assert [line["metric"] for line in lines] == list(contents.summaries[0].estimates)
    accuracy = lines[0]
    assert float(accuracy["low"]) < float(accuracy["value"]) == 0.5 < float(accuracy["high"])
    assert lines[-1] | {"value": "", "note": "undefined: not recorded"} == lines[-1]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", " =1+1", "\r=1+1", "＝1+1"])
def test_no_cell_of_the_csv_is_a_formula(write: Write, name: str) -> None:
    text = to_csv(gathered(write(rows(name, "rr", "wr"))).summaries).removeprefix("\ufeff")
    for line in csv.DictReader(io.StringIO(text)):
        assert line["method"][0] in "'␉␍"


def test_faults_are_one_sentence(write: Write, tmp_path: Path) -> None:
    folder = write([*rows("a", *ITEMS), *rows("b", *ITEMS)])
    with pytest.raises(ConfigError, match="no method is named 'c'; there are a, b"):
        gathered(folder, "c")
    with pytest.raises(ConfigError, match=r"holds 'a', which another file holds too"):
        gather([folder, folder / "outcomes.jsonl"], resamples=200)
    with pytest.raises(ConfigError, match=r"nothing.jsonl cannot be read"):
        gather([tmp_path / "nothing.jsonl"])
    (folder / "comparison.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"comparison.json holds no object"):
        gathered(folder)
    (folder / "comparison.json").unlink()
    (folder / "records").mkdir()
    (folder / "records" / "a.jsonl").write_text("\n{}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"a.jsonl, line 2: "):
        to_html(gathered(folder))


def test_methods_of_other_items_are_told_apart_or_refused(write: Write) -> None:
    folder = write([*rows("a", *ITEMS), *rows("b", *ITEMS[:-1])])
    assert "not of the same items" in (gathered(folder).untested or "")
    assert "cannot be tested" in to_html(gathered(folder))
    with pytest.raises(ConfigError, match="not of the same items"):
        gathered(folder, "a")
