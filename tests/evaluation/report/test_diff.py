"""What changed between two drafts, and where the errors stand in it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.evaluation.report.diff import ADDED, REMOVED, SAME, changes, mark, visible

TEXTS = st.lists(st.sampled_from(["a", "b ", "the ", "Haus ", ".", "\n", "中", "文", " "]), max_size=30).map("".join)


def test_words_are_compared_whole() -> None:
    assert changes("He drank the soup.", "He ate the soup.") == [
        (SAME, "He "),
        (REMOVED, "drank "),
        (ADDED, "ate "),
        (SAME, "the soup."),
    ]


def test_characters_are_compared_in_scripts_without_spaces() -> None:
    assert changes("我吃苹果", "我吃香蕉") == [(SAME, "我吃"), (REMOVED, "苹果"), (ADDED, "香蕉")]


@given(TEXTS, TEXTS)
@settings(deadline=None, max_examples=200)
def test_the_parts_are_both_texts(before: str, after: str) -> None:
    parts = changes(before, after)
    assert "".join(text for kind, text in parts if kind != ADDED) == before
    assert "".join(text for kind, text in parts if kind != REMOVED) == after


def test_errors_are_marked_where_they_stand_also_where_they_overlap() -> None:
    parts = [(SAME, "abc"), (REMOVED, "xyz"), (ADDED, "def")]
    assert mark(parts, [(1, 4), (2, 6), (0, 0)]) == [
        (SAME, "a", ()),
        (SAME, "b", (0,)),
        (SAME, "c", (0, 1)),
        (REMOVED, "xyz", ()),
        (ADDED, "d", (0, 1)),
        (ADDED, "ef", (1,)),
    ]


@given(st.text(max_size=30), st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted))
@settings(deadline=None, max_examples=200)
def test_a_mark_covers_exactly_its_span(text: str, span: list[int]) -> None:
    segments = mark([(ADDED, text)] if text else [], [(span[0], span[1])])
    assert "".join(part for _, part, numbers in segments if numbers) == text[span[0] : span[1]]


def test_what_cannot_be_seen_becomes_a_sign() -> None:
    assert visible("a\0b\x7f\u202ec\ud800") == "a␀b␡⟨U+202E⟩c⟨U+D800⟩"
    assert visible("line\r\nnext\tcolumn, 中文, שלום, 👩‍🔬") == "line\nnext\tcolumn, 中文, שלום, 👩‍🔬"
