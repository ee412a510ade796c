"""A bad line is a record with file, line and field; it never costs the good ones."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft import ConfigError
from redraft.engine.reading import read_items
from redraft.engine.records import RECORD, Bad, Done, Item
from redraft.schema import Result, StopReason

GOOD = {"id": "a", "source": "Hi.", "source_lang": "en", "target_lang": "de", "translation": "Hallo."}
TRANSLATION = frozenset({"translation"})


def read(tmp_path: Path, *rows: object) -> list[Item | Bad]:
    file = tmp_path / "in.jsonl"
    file.write_bytes(b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows))
    return list(read_items(file, TRANSLATION))


def nested(levels: int) -> object:
    return [nested(levels - 1)] if levels else 1


def test_a_line_becomes_an_item_and_unknown_fields_stay_out_of_the_task(tmp_path: Path) -> None:
    (item,) = read(tmp_path, GOOD | {"reference": "Hallo!", "mqm_score": -1.0})
    assert item.task.draft == "Hallo."
    assert "Hallo!" not in item.task.model_dump_json()
    assert item.meta == {"reference": "Hallo!", "mqm_score": -1.0}


@pytest.mark.parametrize(
    ("row", "cause", "complaint"),
    [
        (b"{", "bad_json", "not a JSON object"),
        (b"[1]", "bad_json", "not list"),
        (b"", "bad_json", "not a JSON object"),
        (b'{"source": "\xff"}', "bad_encoding", "not UTF-8 at byte 13"),
        (GOOD | {"source": 7}, "bad_field", "field source: "),
        (GOOD | {"source": ""}, "bad_field", "field source: must not be empty"),
        (GOOD | {"translation": " "}, "bad_field", "field translation: must not be empty"),
        (GOOD | {"source": "a\0b"}, "bad_field", "field source: holds a NUL character at position 1"),
        (GOOD | {"source": "\ud800"}, "bad_field", "field source: holds half a surrogate pair"),
        (GOOD | {"target_lang": "german"}, "bad_field", "field target_lang: 'german' is not a language code"),
        ({"id": "x", "source": "Hi."}, "bad_field", "field source_lang: is missing"),
        (GOOD | {"id": {}}, "bad_field", "field id: "),
        (GOOD | {"kind": "poem"}, "bad_field", "field kind: 'poem' is none of translation"),
        (b"[" * 200_000, "bad_json", "not a JSON object"),
        (b'{"source": ' + b"9" * 5000 + b"}", "bad_json", "a whole number of thousands of digits"),
        (GOOD | {"id": "\ud800"}, "bad_field", "field id: holds half a surrogate pair"),
        (GOOD | {"kind": ["translation"]}, "bad_field", "field kind: a text is expected"),
        (GOOD | {"reference": "\ud83d"}, "bad_field", "field reference: no record can hold half a surrogate pair"),
        (GOOD | {"\ud83d": 1}, "bad_field", "field \\ud83d: no record can hold"),
        (GOOD | {"score": float("nan")}, "bad_field", "field score: no record can hold half a surrogate pair, NaN"),
        (GOOD | {"score": float("inf")}, "bad_field", "field score: no record can hold"),
        (GOOD | {"deep": nested(210)}, "bad_field", "field deep: no record can hold"),
        (GOOD | {"deep": nested(300)}, "bad_field", "field deep: no record can hold"),
    ],
)
def test_a_bad_line_names_file_line_and_field(tmp_path: Path, row: object, cause: str, complaint: str) -> None:
    first, bad, last = read(tmp_path, GOOD | {"id": "first"}, row, GOOD | {"id": "last"})
    assert isinstance(first, Item)
    assert isinstance(last, Item)
    assert isinstance(bad, Bad)
    assert bad.error.cause == cause
    assert bad.error.message.startswith(f"{tmp_path}/in.jsonl:2: ")
    assert complaint in bad.error.message


def test_a_second_item_of_one_id_is_bad(tmp_path: Path) -> None:
    _, second = read(tmp_path, GOOD, GOOD)
    assert (second.error.cause, "line 1 already" in second.error.message) == ("duplicate_id", True)


def test_items_without_an_id_are_numbered_by_line(tmp_path: Path) -> None:
    row = {key: value for key, value in GOOD.items() if key != "id"}
    assert [item.id for item in read(tmp_path, row, row)] == ["1", "2"]


def test_line_ends_of_unicode_inside_a_string_do_not_cut_it(tmp_path: Path) -> None:
    (item,) = read(tmp_path, json.dumps(GOOD | {"source": "a\u2028b\u0085c"}, ensure_ascii=False).encode())
    assert item.task.source == "a\u2028b\u0085c"


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    assert isinstance(read(tmp_path, b"\xef\xbb\xbf" + json.dumps(GOOD).encode() + b"\r")[0], Item)


def test_gzip_is_read(tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl.gz"
    file.write_bytes(gzip.compress(json.dumps(GOOD).encode()))
    assert [item.id for item in read_items(file)] == ["a"]


def test_an_empty_file_has_no_items(tmp_path: Path) -> None:
    assert read(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("none.jsonl", None, "cannot be read: No such file"),
        ("in.jsonl", "x".encode("utf-16"), "is UTF-16: write it as UTF-8"),
        ("in.jsonl.gz", b"not gzip", "cannot be read: Not a gzipped file"),
        ("in.jsonl.gz", gzip.compress(b"x" * 1000, mtime=0)[:-20], "cannot be read: Compressed file ended"),
        ("in.jsonl.gz", gzip.compress(b"x" * 1000, mtime=0)[:10] + b"\xff" * 40, "cannot be read: Error -3"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, name: str, content: bytes | None, complaint: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match=complaint):
        list(read_items(tmp_path / name))


def test_the_kind_is_told_by_the_fields_and_asked_for_where_they_do_not_tell(tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text('{"question": "q"}\n{"text": "t"}\n{"draft": "d"}\n{"question": "q", "text": "t"}\n')
    kinds = [item.task.kind if isinstance(item, Item) else item.error.message for item in read_items(file)]
    assert kinds[:2] == ["question", "text"]
    assert all("say which it is" in message for message in kinds[2:])


@given(st.lists(st.binary(max_size=60).filter(lambda line: b"\n" not in line), max_size=6))
def test_no_bytes_make_reading_raise_and_every_line_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, rows: list[bytes]
) -> None:
    content = b"".join(row + b"\n" for row in rows)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    file = tmp_path_factory.mktemp("any") / "in.jsonl"
    file.write_bytes(content)
    assert [item.line for item in read_items(file)] == list(range(1, len(rows) + 1))


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=4)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.sampled_from(["text", "tool_call"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["id", "kind", "draft", "text", "request", "functions", "instruction", "constraints", "other"])
FULL = {"text": "t", "request": "r", "instruction": "i"}


@given(
    st.dictionaries(FIELDS | ANY_TEXT, ANY_JSON, max_size=4),
    st.sets(st.sampled_from([*FULL])),
    st.just(0) | st.integers(180, 300),
)
def test_no_json_makes_reading_raise_and_every_record_can_be_written_and_read(
    tmp_path_factory: pytest.TempPathFactory, row: dict[str, object], good: set[str], levels: int
) -> None:
    file = tmp_path_factory.mktemp("any") / "in.jsonl"
    file.write_text(json.dumps({name: FULL[name] for name in good} | row | {"deep": nested(levels)}) + "\n{}\n")
    for item in read_items(file):
        result = Result(final=None, stop=StopReason.COMPLETED)
        record = item if isinstance(item, Bad) else Done(**dict(item), result=result)
        assert RECORD.validate_json(record.line_of_json()) == record


def test_levels_inside_a_text_of_json_are_a_bad_field_too(tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text(json.dumps({"kind": "tool_call", "request": "r", "functions": ["[" * 100_000]}) + "\n")
    (bad,) = read_items(file)
    assert isinstance(bad, Bad)
    assert "holds too many levels" in bad.error.message


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from redraft.engine.reading import read_items
from redraft.errors import ConfigError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
try:
    list(read_items(Path(sys.argv[1])))
except ConfigError as error:
    print(error)
"""


def test_no_room_for_the_ids_is_one_sentence(tmp_path: Path) -> None:
    """The operating system's limit on a file's size stands in for the disk."""
    file = tmp_path / "in.jsonl"
    file.write_text("".join(f'{{"id": "{number:02000}", "text": "t"}}\n' for number in range(3000)))
    ran = subprocess.run([sys.executable, "-c", FULL_DISK, file], capture_output=True, text=True, timeout=200)
    assert (ran.stdout[:53], ran.stderr) == ("there is no room for a temporary file of the input's ", "")
