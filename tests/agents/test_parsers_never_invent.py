"""Properties of every parser, and a test for each trap of the published parsers."""

import gzip
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from redraft.agents.parsing import (
    locate,
    parse_concepts,
    parse_concepts_json,
    parse_feedback,
    parse_mqm,
    parse_mqm_any,
    parse_mqm_json,
    parse_preference,
    parse_ruling,
    parse_ruling_json,
    parse_text,
)
from redraft.schema import Finding, Unparsed

PARSERS: list[Callable[[str], object]] = [
    parse_feedback,
    parse_mqm,
    parse_mqm_any,
    parse_mqm_json,
    parse_preference,
    parse_text,
    partial(parse_concepts, code="1"),
    partial(parse_concepts_json, judged=""),
    partial(parse_ruling, words=("A", "B"), code="1"),
    partial(parse_ruling_json, words=("A", "B"), judged=""),
]
PIECES = [
    *("Critical:", "Major:", "Minor:", "**Major**", "no-error", "accuracy/omission", " - ", '"', "“", "”", "\n", "- "),
    *(
        "{",
        "}",
        "[",
        "]",
        '"critical"',
        ":",
        ",",
        "```",
        "```json\n",
        "<think>",
        "</think>",
        "Answer:",
        "A",
        "B",
        " is ",
    ),
    *(
        "Corrected Translation:",
        "Verdict:",
        "good",
        "needs work",
        "\\boxed{",
        "Brücke",
        "\u2028",
        "\0",
        "\ud800",
        "1. ",
    ),
]
FORMATTED = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@pytest.mark.parametrize("parse", PARSERS)
@given(text=st.text(st.characters()) | FORMATTED)
@example(text="")
@example(text="[" * 5000)
def test_no_parser_raises_on_any_text(parse: Callable[[str], object], text: str) -> None:
    parse(text)


@given(text=st.text(st.characters(exclude_characters="ABab")))
def test_no_preference_without_a_letter_to_prefer(text: str) -> None:
    assert isinstance(parse_preference(text), Unparsed)


@given(text=st.text(st.characters(exclude_characters="mMcC0{[")))
def test_no_finding_without_a_severity(text: str) -> None:
    assert isinstance(parse_mqm_any(text), Unparsed | tuple)
    assert not isinstance(parse_mqm_any(text), tuple) or parse_mqm_any(text) == ()


@given(text=st.text(st.characters(exclude_characters="vV{")))
def test_no_satisfaction_without_a_verdict(text: str) -> None:
    assert isinstance(parse_feedback(text), Unparsed)


class TestTrapsOfTheAuthorsParsers:
    """arXiv 2409.14335's and 2402.16379's released parsers read each of these as something it is not."""

    @pytest.mark.parametrize("text", ["A.", "(A)", "**A**", "A) first"])
    def test_a_decorated_a_is_a_and_not_b(self, text: str) -> None:
        assert parse_preference(text) == "A"

    @pytest.mark.parametrize("text", ["Neither", "Both are equal", "", "A and B are equal", "tie", "C"])
    def test_no_preference_is_not_b(self, text: str) -> None:
        assert isinstance(parse_preference(text), Unparsed)

    def test_spans_in_curly_quotes_are_not_dropped(self) -> None:
        (finding,) = parse_mqm("Critical:\nno-error\nMajor:\naccuracy/mistranslation - “Bank”\nMinor:\nno-error")
        assert finding.quote == "Bank"

    @pytest.mark.parametrize("nothing", ["no-error", "no-error.", "None", "", "no error"])
    def test_every_way_of_saying_no_error_in_json_is_one(self, nothing: str) -> None:
        assert parse_mqm_any(json.dumps({"critical": nothing, "major": "no-error", "minor": None})) == ()

    def test_an_error_before_any_severity_is_not_taken_for_a_minor_one(self) -> None:
        assert isinstance(parse_mqm('accuracy/mistranslation - "Bank"'), Unparsed)

    def test_a_translation_of_several_paragraphs_is_kept_whole(self) -> None:
        assert (
            parse_text("Corrected Translation:\nErster Absatz.\n\nZweiter Absatz.")
            == "Erster Absatz.\n\nZweiter Absatz."
        )

    def test_an_empty_correction_is_not_a_correction(self) -> None:
        assert isinstance(parse_text("Corrected Translation:"), Unparsed)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('**Major:**\n- accuracy/omission - "x"\n**Minor:**\nno-error', [("major", "accuracy/omission", "x")]),
        ("1. Minor: style/awkward - «x»", [("minor", "style/awkward", "x")]),
        ('```\nCritical:\naccuracy/addition - "x"\n```', [("critical", "accuracy/addition", "x")]),
        ('Here are the errors:\nMajor:\nfluency/grammar – "x"', [("major", "fluency/grammar", "x")]),
        ("Critical:\nno-error\nMajor:\nno-error\nMinor:\nno-error", []),
        ("no-error", []),
        ('{"critical":[],"major":[{"category":"other","span":"x"}],"minor":[]}', [("major", "other", "x")]),
        ('```json\n{"major": [{"category": "other", "span": "x"}], "minor": [],\n```', [("major", "other", "x")]),
        (
            'Minor:\nfluency/spelling - "Critical: do not open"',
            [("minor", "fluency/spelling", "Critical: do not open")],
        ),
    ],
)
def test_annotations_as_models_write_them(text: str, found: list[tuple[str, str, str]]) -> None:
    read = parse_mqm_any(text)
    assert not isinstance(read, Unparsed), read.reason
    assert [(finding.severity, finding.category, finding.quote) for finding in read] == found


@given(draft=st.text(), quote=st.text(min_size=1, max_size=5), category=st.sampled_from(["other", "accuracy/omission"]))
def test_spans_lie_in_the_text_they_name(draft: str, quote: str, category: str) -> None:
    finding = Finding(severity="minor", category=category, quote=quote)
    (located,) = locate([finding], draft + quote, source=quote + draft)
    if located.span:
        text = {"draft": draft + quote, "source": quote + draft}[located.span.text]
        assert located.span.end <= len(text)
        assert text[located.span.start : located.span.end].split()
    else:
        assert not quote.strip()


@pytest.mark.parametrize("parse", PARSERS)
def test_real_translations_read_as_replies_raise_nothing(parse: Callable[[str], object], data: Path) -> None:
    with gzip.open(data / "tear-mqm" / "wmt23.en-de.jsonl.gz") as file:
        for line in file.read().split(b"\n")[:-1]:
            parse(json.loads(line)["translation"])
