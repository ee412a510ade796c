"""Data sets of which no recording is here: a few rows of our own in the shape of the authors' files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from redraft.errors import ConfigError
from redraft.evaluation.datasets import open_grader, open_samples
from redraft.schema import CodeTask, Draft, Failure, TranslationTask, Verdict


def write(path: Path, *rows: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_math_is_a_folder_of_files(tmp_path: Path) -> None:
    for name, answer in (("algebra/10", "x=1"), ("algebra/2", r"\frac{1}{2}"), ("geometry/1", "(3,4)")):
        row = {"problem": f"Find {name}.", "level": "Level 1", "type": "X", "solution": rf"So \boxed{{{answer}}}."}
        write(tmp_path / "test" / f"{name}.json", row)
    samples = open_samples(f"math:{tmp_path}/test")
    assert [sample.id for sample in samples] == ["algebra/2.json", "algebra/10.json", "geometry/1.json"]
    assert [sample.gold for sample in samples] == [{"answer": r"\frac{1}{2}"}, {"answer": "x=1"}, {"answer": "(3,4)"}]


async def test_math_500_brings_the_answer(tmp_path: Path) -> None:
    row = {"problem": "Half?", "solution": "Half.", "answer": r"\frac{1}{2}", "unique_id": "test/algebra/7.json"}
    (sample,) = open_samples(f"math:{write(tmp_path / 'math500.jsonl', row)}")
    assert (sample.id, sample.gold) == ("test/algebra/7.json", {"answer": r"\frac{1}{2}"})
    grader = open_grader([sample])
    verdict = await grader.score(sample.task, Draft(text=r"\boxed{0.5}", node="test"))
    await grader.aclose()
    assert isinstance(verdict, Verdict)
    assert verdict.passed


def test_a_solution_without_a_box_says_so(tmp_path: Path) -> None:
    write(tmp_path / "test" / "algebra" / "1.json", {"problem": "?", "solution": "It is plain."})
    with pytest.raises(ConfigError, match=r"algebra/1.json, solution: no answer is marked as such"):
        open_samples(f"math:{tmp_path}/test")


MBPP = {
    "text": "Write a function to double a number.",
    "code": "def twice(n):\n    return 2 * n",
    "task_id": 11,
    "test_setup_code": "import math",
    "test_list": ["assert twice(1) == 2", "assert twice(2) == 4"],
    "challenge_test_list": ["assert twice(-1) == -2"],
}


def test_mbpp_shows_one_test_and_judges_by_all(tmp_path: Path) -> None:
    (sample,) = open_samples(f"mbpp:{write(tmp_path / 'mbpp.jsonl', MBPP)}")
    assert isinstance(sample.task, CodeTask)
    assert sample.task.tests == ("assert twice(1) == 2",)
    assert "twice(2)" not in sample.task.model_dump_json()
    assert "return 2" not in sample.model_dump_json()
    assert sample.gold == {
        "tests": ["assert twice(1) == 2", "assert twice(2) == 4", "assert twice(-1) == -2"],
        "setup": "import math",
    }


def test_mbpp_sanitized_is_one_list(tmp_path: Path) -> None:
    row = {"source_file": "b.ipynb", "task_id": 602, "prompt": "Double it.", "test_imports": ["import math"]}
    path = tmp_path / "sanitized-mbpp.json"
    path.write_text(json.dumps([{**row, "code": MBPP["code"], "test_list": MBPP["test_list"]}], indent=1))
    (sample,) = open_samples(f"mbpp:{path}?split=train")
    assert sample.id == "MBPP/602"
    with pytest.raises(ConfigError, match="holds no samples"):
        open_samples(f"mbpp:{path}?split=test")


async def test_mbpp_problems_that_share_a_sentence_keep_their_own_tests(tmp_path: Path) -> None:
    other = {**MBPP, "task_id": 12, "test_list": ["assert double(1) == 2"], "challenge_test_list": []}
    samples = open_samples(f"mbpp:{write(tmp_path / 'mbpp.jsonl', MBPP, other)}")
    grader = open_grader(samples)
    draft = Draft(text="def double(n):\n    return 2 * n", node="test")
    found = [await grader.score(sample.task, draft) for sample in samples]
    await grader.aclose()
    if any(isinstance(verdict, Failure) for verdict in found):
        pytest.skip("no sandbox works here")
    assert [isinstance(verdict, Verdict) and verdict.passed for verdict in found] == [False, True]


def test_humaneval_plus_on_the_hub_has_a_longer_test(tmp_path: Path) -> None:
    row = {
        "task_id": "HumanEval/0",
        "prompt": "from math import pi\n\ndef one():\n    '''Give 1.'''\n",
        "entry_point": "one",
        "canonical_solution": "    return 1\n",
        "test": "def check(candidate):\n    assert candidate() == 1\n",
    }
    (sample,) = open_samples(f"humaneval+:{write(tmp_path / 'plus.jsonl', row)}")
    assert sample.gold == {"setup": "from math import pi\n\n", "entry_point": "one", "test": row["test"]}


SEED = {
    "task_id": "HumanEval/0",
    "prompt": "def one():\n    '''Give 1.'''\n",
    "entry_point": "one",
    "test": "def check(candidate):\n    assert candidate() == 1\n",
    "given_tests": ["assert one() == 1"],
    "solution": "def one():\n    return 2\n",
    "is_solved": False,
}


def test_ldb_seeds_are_whole_or_take_their_tests_from_another_file(tmp_path: Path) -> None:
    (whole,) = open_samples(f"ldb:{write(tmp_path / 'humaneval/seed/gpt/seed.jsonl', SEED)}")
    assert whole.task.draft == SEED["solution"]
    bare = write(
        tmp_path / "run.jsonl", {"task_id": "HumanEval/0", "seed_solution": SEED["solution"], "solution": None}
    )
    with pytest.raises(ConfigError, match=r"has no tests in it, and there is no .*run.tests.jsonl.*\?tests=FILE"):
        open_samples(f"ldb:{bare}")
    tests = write(tmp_path / "tests.jsonl", {name: SEED[name] for name in SEED if name != "solution"})
    assert open_samples(f"ldb:{bare}?tests={tests}") == [whole]
    write(tests, {**SEED, "task_id": "HumanEval/1"})
    with pytest.raises(ConfigError, match=r"run.jsonl, line 1, task_id: the file of tests has no 'HumanEval/0'"):
        open_samples(f"ldb:{bare}?tests={tests}")


WMT = """system\tdoc\tdoc_id\tseg_id\trater\tsource\ttarget\tcategory\tseverity
A\td\t1\t1\trater1\tThe big house.\tDas <v>kleine</v> Haus.\tAccuracy/Mistranslation\tMajor
B\td\t1\t1\trater1\tThe big house.\tDas große Haus.\tNo-error\tNo-error
A\td\t1\t1\trater2\tThe <v>big</v> house.\tDas kleine Haus.\tAccuracy/Omission\tMinor
"""


def test_the_lines_of_one_translation_are_one_sample(tmp_path: Path) -> None:
    (tmp_path / "mqm_newstest2020_ende.tsv").write_text(WMT)
    first, second = open_samples(f"mqm:{tmp_path}/mqm_newstest2020_ende.tsv")
    assert first.task == TranslationTask(
        source="The big house.", source_lang="en", target_lang="de", draft="Das kleine Haus."
    )
    assert (first.id, first.group, second.group) == ("A/d/1", "d/1", "d/1")
    assert first.gold == {
        "raters": ["rater1", "rater2"],
        "errors": [
            {
                "rater": "rater1",
                "category": "Accuracy/Mistranslation",
                "severity": "Major",
                "span": {"start": 4, "end": 10, "text": "draft"},
            },
            {
                "rater": "rater2",
                "category": "Accuracy/Omission",
                "severity": "Minor",
                "span": {"start": 4, "end": 7, "text": "source"},
            },
        ],
    }
    assert second.gold == {"raters": ["rater1"], "errors": []}


def test_a_tsv_says_its_languages_and_has_no_references(tmp_path: Path) -> None:
    path = tmp_path / "annotations.tsv"
    path.write_text(WMT)
    with pytest.raises(ConfigError, match=r"its name does not say the languages: mqm:.*\?pair=en-de"):
        open_samples(f"mqm:{path}")
    samples = open_samples(f"mqm:{path}?pair=en-de")
    with pytest.raises(ConfigError, match=r"sample 'A/d/1', gold.reference: Field required"):
        open_grader(samples)


async def test_labels_are_of_the_recorded_response_alone(tmp_path: Path) -> None:
    row = {
        "input": "Write a riddle about 7.",
        "llm_response": "It is six.",
        "label": "error",
        "error_categories": ["Instruction-Following"],
        "human_explanation": "That is 6.",
        "metadata": {"llm_response_model": "some-model"},
    }
    path = write(tmp_path / "some-model.jsonl", row, {**row, "llm_response": "It is seven.", "label": "no_error"})
    samples = open_samples(f"realmistake:{path}")
    grader = open_grader(f"realmistake:{path}")
    found = [await grader.score(sample.task, Draft(text=sample.task.draft or "", node="test")) for sample in samples]
    assert [isinstance(verdict, Verdict) and (verdict.passed, verdict.evidence) for verdict in found] == [
        (False, "That is 6."),
        (True, "That is 6."),
    ]
    assert await grader.score(samples[0].task, Draft(text="It is eight.", node="test")) == Failure(
        cause="no_gold", message="people labelled the recorded draft, and this is another"
    )
