"""Gold answers come from a file, by the text of their task, and a line that cannot be read is named."""

from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.schema import Failure, QuestionTask, TranslationTask
from redraft.verifiers.chrf import Reference
from redraft.verifiers.gold import gold_of, read_gold


def task(source: str) -> TranslationTask:
    return TranslationTask(source=source, source_lang="de", target_lang="en")


def test_gold_are_read_from_json_lines_split_at_newlines_alone(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_bytes(
        '{"source": "a\u2028b", "reference": "c\x85d", "id": 7}\r\n\n{"source":"e","reference":"f"}'.encode()
    )
    gold = read_gold(path, Reference)
    assert gold_of(task("a\u2028b"), gold) == Reference(source="a\u2028b", reference="c\x85d")
    assert gold_of(task("e"), gold) == Reference(source="e", reference="f")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b'{"source": "b"}', "line 2, reference: Field required"),
        (b'{"source": 3, "reference": "c"}', "line 2, source: Input should be a valid string"),
        (b'{"source": "b", "reference": " "}', "line 2, reference: .*must not be empty"),
        (b'{"source": "b", ', "line 2, the line: Invalid JSON"),
        (b'["b", "c"]', "line 2, the line: "),
        (b'{"source": "b", "reference": "\xff"}', "line 2, the line: Invalid JSON"),
        (b'{"source": "a", "reference": "other"}', "line 2: other gold for the same task"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: bytes, complaint: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_bytes(b'{"source": "a", "reference": "A"}\n' + line + b"\n")
    with pytest.raises(ConfigError, match=f"gold.jsonl, {complaint}"):
        read_gold(path, Reference)


def test_a_file_with_nothing_in_it_or_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(ConfigError, match="holds no gold"):
        read_gold(tmp_path / "empty.jsonl", Reference)
    with pytest.raises(ConfigError, match=r"missing\.jsonl cannot be read"):
        read_gold(tmp_path / "missing.jsonl", Reference)


def test_a_task_without_gold_is_told() -> None:
    gold = {"a": 1}
    assert gold_of(QuestionTask(question="a"), gold) == 1
    assert gold_of(QuestionTask(question="b"), gold) == Failure(cause="no_gold", message="no gold for the task 'b'")


def test_a_line_without_any_task_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"reference": "b"}')
    with pytest.raises(ConfigError, match="none of source, question"):
        read_gold(path, Reference)
