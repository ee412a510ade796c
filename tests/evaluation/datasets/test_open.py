"""One string names a data set; what is wrong with a file is told with file, line and field."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redraft.errors import ConfigError
from redraft.evaluation.datasets import DATASETS, open_grader, open_samples, write_samples
from redraft.evaluation.sample import Sample, subset
from redraft.schema import CodeTask, Constraint, InstructionTask, QuestionTask, Task, TextTask, TranslationTask

GOOD = {"question": "1 + 1?", "answer": "It is #### 2"}


def lines(path: Path, *rows: object) -> str:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return str(path)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ((GOOD, "{"), "line 2: not JSON"),
        ((GOOD, "[]"), "line 2, the row: Input should be a valid dictionary"),
        ((GOOD, {"question": "?"}), "line 2, answer: Field required"),
        ((GOOD, {"question": "?", "answer": "no mark"}), "line 2, answer: must end with #### and the final answer"),
        ((GOOD, {"question": " ", "answer": "#### 1"}), "line 2, question: must not be empty"),
        ((), "holds no samples"),
        (("", "\n"), "holds no samples"),
    ],
)
def test_a_bad_file_is_told_with_line_and_field(tmp_path: Path, rows: tuple[object, ...], message: str) -> None:
    path = lines(tmp_path / "test.jsonl", *rows)
    with pytest.raises(ConfigError) as told:
        open_samples(f"gsm8k:{path}")
    assert path in str(told.value)
    assert message in str(told.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        open_samples(f"gsm8k:{tmp_path}/none.jsonl")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        open_samples(f"gsm8k:{tmp_path}")
    (tmp_path / "x").write_bytes('{"question": "ä"}'.encode("latin-1"))
    with pytest.raises(ConfigError, match="x is not UTF-8 at byte 15"):
        open_samples(f"gsm8k:{tmp_path}/x")
    (tmp_path / "x.gz").write_bytes(gzip.compress(b"{}" * 99)[:-9])
    with pytest.raises(ConfigError, match=r"x\.gz cannot be read"):
        open_samples(f"gsm8k:{tmp_path}/x.gz")


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("gsm9k:x", "'gsm9k:x' names no data set; there are gsm8k:FILE.jsonl, math:"),
        ("gsm8k", "'gsm8k' names no file; it is written gsm8k:FILE.jsonl"),
        ("mbpp:x?split=dev", "split: Input should be 'prompt', 'test', 'validation' or 'train'"),
        ("hf:x?question=q&colour=c", "colour is none of id, group"),
        ("hf:x?answer=a", "say by \\?NAME=FIELD what is asked"),
    ],
)
def test_strings_that_name_nothing(spec: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        open_samples(spec)


def test_every_data_set_says_what_it_is() -> None:
    kinds = {"question", "code", "instruction", "translation", "theorem", "text", "any"}
    for name, dataset in DATASETS.items():
        assert dataset.name == name
        assert dataset.task in kinds
        assert dataset.about
        assert dataset.form.startswith(f"{name}:")


TASKS: list[tuple[Task, dict[str, object]]] = [
    (QuestionTask(question="1 + 1?"), {"answer": "2"}),
    (CodeTask(specification="one", entry_point="one"), {"tests": ["assert one() == 1"]}),
    (
        InstructionTask(instruction="No commas.", constraints=(Constraint(kind="punctuation:no_comma"),)),
        {"constraints": [{"kind": "punctuation:no_comma", "arguments": {}, "text": ""}]},
    ),
    (TranslationTask(source="Hi", source_lang="en", target_lang="de"), {"reference": "Hallo", "mqm_score": -1.5}),
    (TextTask(text="Say hi."), {"anything": [None, True]}),
]


def test_samples_come_back_as_they_were_written(tmp_path: Path) -> None:
    samples = [Sample(id=f"{n}", task=task, gold=gold, group="g") for n, (task, gold) in enumerate(TASKS)]  # type: ignore[arg-type]
    write_samples(tmp_path / "all.jsonl", samples)
    assert open_samples(f"jsonl:{tmp_path}/all.jsonl") == samples
    with pytest.raises(ConfigError, match="one verifier grades one kind of task; here are code, instruction"):
        open_grader(samples)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(str.strip))
@settings(max_examples=50, deadline=None)
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Line ends of Unicode (U+2028, U+0085) are part of a text, not of the file."""
    path = tmp_path_factory.mktemp("x") / "x.jsonl"
    samples = [Sample(id=text, task=QuestionTask(question=text), gold={"answer": text})]
    write_samples(path, samples)
    assert open_samples(f"jsonl:{path}") == samples


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        ({"tests": []}, r"line 1: sample 'a', gold: neither 'tests' nor 'test' is there"),
        ({"test": "def check(candidate): ..."}, "there is no 'entry_point' to call it with"),
    ],
)
def test_gold_is_checked_by_its_kinds_schema(tmp_path: Path, gold: object, message: str) -> None:
    row = {"id": "a", "task": {"kind": "code", "specification": "x"}, "gold": gold}
    with pytest.raises(ConfigError, match=message):
        open_samples("jsonl:" + lines(tmp_path / "x.jsonl", row))


def test_an_id_belongs_to_one_sample(tmp_path: Path) -> None:
    rows = [{"id": "a", "task": {"kind": "question", "question": text}} for text in ("one", "two")]
    with pytest.raises(ConfigError, match=r"line 2, id: 'a' is the id of another sample already \(.*line 1\)"):
        open_samples("jsonl:" + lines(tmp_path / "x.jsonl", *rows))


def test_one_question_has_one_answer() -> None:
    samples = [Sample(id=n, task=QuestionTask(question="?"), gold={"answer": n}) for n in "ab"]
    with pytest.raises(ConfigError, match="samples 'a' and 'b' ask the same and have different gold"):
        open_grader(samples)
    with pytest.raises(ConfigError, match="no sample has gold"):
        open_grader([Sample(id="a", task=QuestionTask(question="?"))])
    with pytest.raises(ConfigError, match="no verifier grades text tasks"):
        open_grader([Sample(id="a", task=TextTask(text="?"), gold={"x": 1})])
    with pytest.raises(ConfigError, match=r"sample 'a', gold: an object is expected, such as \{\"answer\": ...\}"):
        open_grader([Sample(id="a", task=QuestionTask(question="?"), gold="2")])


def test_a_limit_is_a_subset_by_seed(tmp_path: Path) -> None:
    rows = [{"question": f"{n}?", "answer": f"#### {n}"} for n in range(50)]
    spec = "gsm8k:" + lines(tmp_path / "x.jsonl", *rows)
    every = open_samples(spec)
    assert open_samples(spec, 10, seed=3) == subset(every, 10, 3) != open_samples(spec, 10, seed=4)
    assert {s.id for s in open_samples(spec, 5, seed=3)} < {s.id for s in open_samples(spec, 10, seed=3)}
    assert open_samples(spec, 99) == every
    with pytest.raises(ConfigError, match="limit is at least 1, not 0"):
        open_samples(spec, 0)
