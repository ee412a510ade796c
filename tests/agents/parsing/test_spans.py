"""Where a critic's quote stands in the draft or the source."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft.agents.parsing import locate
from redraft.schema import Finding


def finding(quote: str, category: str = "other") -> Finding:
    return Finding(severity="minor", category=category, quote=quote)


def marked(quotes: str | list[str], draft: str, source: str = "", category: str = "other") -> list[object]:
    """For each quote the text, start and words marked, or None."""
    found = []
    for it in locate(
        [finding(quote, category) for quote in ([quotes] if isinstance(quotes, str) else quotes)], draft, source
    ):
        text = {"draft": draft, "source": source}
        found.append(
            (it.span.text, it.span.start, text[it.span.text][it.span.start : it.span.end]) if it.span else None
        )
    return found


@pytest.mark.parametrize(
    ("quote", "draft", "start", "words"),
    [
        ("Haus", "Das Haus", 4, "Haus"),
        (" Haus ", "Das Haus", 4, "Haus"),
        ("haus", "Das HAUS", 4, "HAUS"),
        ("die", "Diese die Straße", 6, "die"),
        ("Haus", "Hausboot", 0, "Haus"),
        ("strasse", "Große Straße", 6, "Straße"),
        ("“a” b", 'say "a"  b', 4, '"a"  b'),
        ("a\nb", "x a   b", 2, "a   b"),
        ("it's", "so it’s so", 3, "it’s"),
        ("1-2", "von 1–2", 4, "1–2"),
        ("café", "un cafe\u0301 noir", 3, "cafe\u0301"),
        ("...", "und …", 4, "…"),
        ("office", "my o\ufb03ce", 3, "o\ufb03ce"),
        ("Brücke", "die Brü\u00adcke", 4, "Brü\u00adcke"),
        ("😀 b", "a 😀 b", 2, "😀 b"),
    ],
)
def test_a_quote_is_found_in_the_draft_as_it_is(quote: str, draft: str, start: int, words: str) -> None:
    assert marked(quote, draft) == [("draft", start, words)]


@pytest.mark.parametrize(("quote", "draft"), [("", "a"), (" ", "a b"), ("x", "a"), ("s", "ß"), ("cafe", "cafe\u0301")])
def test_a_quote_that_stands_nowhere_has_no_span(quote: str, draft: str) -> None:
    assert marked(quote, draft, "b") == [None]


def test_the_source_is_second_but_for_an_omission() -> None:
    assert marked("x", "a x", "x") == [("draft", 2, "x")]
    assert marked("x", "a", "x") == [("source", 0, "x")]
    assert marked("x", "a x", "x", "accuracy/omission") == [("source", 0, "x")]
    assert marked("x", "a x", "b", "accuracy/omission") == [("draft", 2, "x")]


def test_the_same_quote_again_takes_its_next_occurrence_while_there_is_one() -> None:
    assert [it and it[1] for it in marked(["a", "b", "a", "a"], "a b a")] == [0, 2, 4, 4]


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKD", text).casefold().split())


@given(before=st.text(), quote=st.text(min_size=1), after=st.text())
def test_a_span_holds_the_quote(before: str, quote: str, after: str) -> None:
    draft = before + quote + after
    (it,) = locate([finding(quote)], draft)
    if it.span:
        assert _fold(draft[it.span.start : it.span.end]) == _fold(quote)
    else:
        assert not quote.strip() or draft != quote
