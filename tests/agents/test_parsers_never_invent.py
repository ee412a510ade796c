"""Properties of every parser, and a test for each trap of the published parsers."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from redraft.agents.parsing import (
    locate,
    parse_feedback,
    parse_mqm,
    parse_mqm_any,
    parse_mqm_json,
    parse_preference,
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
    ("text", "verdict"),
    [
        ("Answer: B", "B"),
        ("The answer is B.", "B"),
        ("\\boxed{A}", "A"),
        ('{"answer": "A"}', "A"),
        ("I prefer translation A because B is odd", "A"),
        ("B is better than A", "B"),
        ("A, because B is wrong.", "A"),
        ("A\n\nExplanation: translation B misses a word", "A"),
        ("A keeps the tense. B loses it.\n\nFinal answer: A", "A"),
        ("answer: b", "B"),
        ("<think>B, surely B</think>A", "A"),
        ("**Answer:** B", "B"),
    ],
)
def test_verdicts_as_models_write_them(text: str, verdict: str) -> None:
    assert parse_preference(text) == verdict


@pytest.mark.parametrize(
    "text",
    [
        "A or B",
        "Answer: neither",
        "Answer: A or B",
        "A is not better",
        "A translation is good",
        "Neither A nor B is better.",
        "I cannot say whether A is better.",
        "A\n\nFinal answer: B",
        "The answer is not A",
        "A better translation would be: Hallo",
        "B-movie",
        "<think>A",
    ],
)
def test_what_is_no_verdict_is_not_made_one(text: str) -> None:
    assert isinstance(parse_preference(text), Unparsed)


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


@pytest.mark.parametrize(
    "text", ["", "Critical:", "I'm sorry, I cannot help with that.", "The translation is fine, I think.", "{}"]
)
def test_no_findings_is_a_verdict_too_and_needs_evidence(text: str) -> None:
    assert isinstance(parse_mqm_any(text), Unparsed)


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("Corrected Translation: Hallo.", "Hallo."),
        ("**Corrected Translation:**\n„Hallo.“", "Hallo."),
        ("Sure! Here is the corrected translation:\n\nHallo.", "Hallo."),
        ("Hallo.\n\nNote: I changed the greeting.", "Hallo."),
        ('{"final target": "Hallo."}', "Hallo."),
        ("```\nHallo.\n```", "Hallo."),
        ("Hallo. -- corrected translation", "Hallo."),
        ("„Hallo“, sagte er, „Welt“", "„Hallo“, sagte er, „Welt“"),
    ],
)
def test_corrected_texts_as_models_write_them(text: str, corrected: str) -> None:
    assert parse_text(text) == corrected


@pytest.mark.parametrize(
    ("text", "satisfied"),
    [
        ("Fine.\nVerdict: good", True),
        ("No.\n**Verdict:** needs work.", False),
        ("Verdict: needs work\nVerdict: good", True),
    ],
)
def test_the_last_verdict_on_a_draft_counts(text: str, satisfied: bool) -> None:
    assert parse_feedback(text).satisfied is satisfied


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


def test_a_quote_that_stands_nowhere_keeps_its_finding_without_a_span() -> None:
    finding = Finding(severity="minor", category="other", quote="elsewhere")
    assert locate([finding], "draft", "source") == (finding,)


@pytest.mark.parametrize("parse", PARSERS)
def test_real_translations_read_as_replies_raise_nothing(parse: Callable[[str], object], data: Path) -> None:
    with gzip.open(data / "tear-mqm" / "wmt23.en-de.jsonl.gz") as file:
        for line in file.read().split(b"\n")[:-1]:
            parse(json.loads(line)["translation"])
