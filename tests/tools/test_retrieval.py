"""BM25 over a folder: what is found, where it stands, and what is left out and told."""

import logging
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft.errors import ConfigError
from redraft.tools.retrieval.base import Retriever
from redraft.tools.retrieval.passages import LONGEST, passages, sentences

bm25 = pytest.importorskip("redraft.tools.retrieval.bm25")
pytest.importorskip("bm25s", reason="redraft[retrieval] is not installed")
Bm25 = bm25.Bm25

ADA = "Ada Lovelace was born in London. She wrote about engines.\n\nHer father was Byron. He was a poet. He left."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "ada.txt").write_text(ADA)
    (tmp_path / "bridge.md").write_text("The old bridge crosses the river.\nIt was built in 1720.")
    (tmp_path / "japan.txt").write_text("東京は日本の首都です。大阪は大きい。")
    return tmp_path


async def test_the_passage_that_shares_most_words_comes_first_with_its_place(folder: Path) -> None:
    best, *_ = await Bm25(folder).search("Where was Ada born?", 3)
    assert (best.source, best.line, best.place) == ("people/ada.txt", 1, "people/ada.txt:1")
    assert best.text == ADA[best.start : best.start + len(best.text)]
    assert best.score > 0


async def test_line_and_start_tell_where_a_later_passage_begins(folder: Path) -> None:
    (best,) = await Bm25(folder, sentences=1).search("a poet", 1)
    assert (best.text, best.line, best.start) == ("He was a poet.", 3, ADA.index("He was"))


async def test_found_passages_do_not_overlap(folder: Path) -> None:
    found = await Bm25(folder, sentences=4).search("He was a poet", 10)
    assert len([passage for passage in found if passage.source == "people/ada.txt"]) == 1


async def test_scripts_without_spaces_are_searched_too(folder: Path) -> None:
    (best, *_) = await Bm25(folder, sentences=1).search("日本の首都はどこ", 1)
    assert best.text == "東京は日本の首都です。"


@pytest.mark.parametrize("query", ["", "?", "zebra", "\ud800"])
async def test_nothing_is_found_for_words_that_stand_nowhere(folder: Path, query: str) -> None:
    assert await Bm25(folder).search(query, 5) == []


def test_it_is_a_retriever(folder: Path) -> None:
    assert isinstance(Bm25(folder), Retriever)


def test_what_is_left_out_is_told(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "picture.txt").write_bytes(b"\x89PNG\0\0")
    (folder / "latin.txt").write_bytes("Brücke".encode("latin-1"))
    (folder / "huge.txt").write_text("a. " * 1000)
    (folder / ".git").mkdir()
    (folder / "link.txt").symlink_to(folder / "bridge.md")
    os.mkfifo(folder / "pipe.txt")
    with caplog.at_level(logging.WARNING):
        index = Bm25(folder, max_file=1000)
    assert {one.path: one.reason for one in index.skipped} == {
        ".git": "hidden",
        "huge.txt": "larger than 1,000 bytes",
        "latin.txt": "not text in UTF-8",
        "link.txt": "a link",
        "picture.txt": "binary",
        "pipe.txt": "no plain file",
    }
    assert "6 left out: .git (hidden), huge.txt" in caplog.text


def test_no_more_is_read_than_the_folders_limit(folder: Path) -> None:
    index = Bm25(folder, max_total=100)
    assert {one.reason for one in index.skipped} == {"the folder's limit is used up"}
    assert [one.path for one in index.skipped] == ["japan.txt", "people/ada.txt"]


def test_a_folder_that_cannot_be_searched_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no folder .*nowhere"):
        Bm25(tmp_path / "nowhere")
    (tmp_path / "a.bin").write_bytes(b"\0")
    with pytest.raises(ConfigError, match=r"holds no text to search; 1 left out: a.bin \(binary\)"):
        Bm25(tmp_path)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Dr. J. Smith came. He left.", ["Dr. J. Smith came.", "He left."]),
        ("It is 3.5 m. Yes.", ["It is 3.5 m.", "Yes."]),
        ('He said "no." Then he left.', ['He said "no."', "Then he left."]),
        ("A title\n\nA text", ["A title", "A text"]),
        ("橋。川！", ["橋。", "川！"]),
        ("", []),
    ],
)
def test_sentences_end_at_marks_and_blank_lines(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == parts


@given(st.text(alphabet="ab .!?\n。", max_size=200) | st.text(), st.integers(1, 6), st.integers(1, 8))
def test_passages_hold_every_sentence_and_are_bounded(text: str, size: int, stride: int) -> None:
    found, cut = list(sentences(text)), list(passages(text, size, stride))
    assert "".join("".join(text[start:end].split()) for start, end in found) == "".join(text.split())
    assert all(0 < end - start <= LONGEST for start, end in found)
    assert all(any(start <= first and last <= end for start, end in cut) for first, last in found)


def test_what_never_ends_is_cut() -> None:
    assert [end - start for start, end in sentences("a" * (2 * LONGEST + 1))] == [LONGEST, LONGEST, 1]
