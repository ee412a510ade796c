"""The 72 published precisions, recalls and F1s of ReaLMistake's detectors, from their recorded verdicts."""

from __future__ import annotations

import csv
import gzip
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redraft.verifiers.detection import detection

RESPONSES = ("gpt-4-0613", "Llama-2-70b-chat-hf")
TASKS = ("math_word_problem_generation", "finegrained_fact_verification", "answerability_classification")
CALLS = {"E": True, "N": False, "?": None}


@pytest.fixture(scope="module")
def folder(data: Path) -> Path:
    if not (data / "realmistake").is_dir():
        pytest.skip("no ReaLMistake among the recorded data")
    return data / "realmistake"


def rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def published(path: Path) -> dict[tuple[str, str, str], str]:
    """Response model, task and detector to the figure in the authors' table."""
    head, *lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    detectors = [cell.strip(" \\") for cell in head.split("&")[2:-2]]
    cells = {}
    for (response, task), line in zip(product(RESPONSES, TASKS), lines, strict=True):
        for detector, cell in zip(detectors, line.split("&")[2:-2], strict=True):
            cells[response, task, detector] = re.findall(r"\d+\.\d", cell)[-1]
    return cells


@pytest.mark.parametrize("figure", ["precision", "recall", "f1"])
def test_every_published_cell_is_reproduced(folder: Path, figure: str) -> None:
    labels: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for row in rows(folder / "labels.csv.gz"):
        labels[row["initial_model"], row["task"]].append(row["label"] == "error")
    found: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for row in rows(folder / "predictions.csv.gz"):
        if row["kind"] == "simple_prompt_baseline":
            response, task = row["initial_model"], row["task"]
            calls = [CALLS[letter] for letter in row["predictions"]]
            figures = detection(zip(labels[response, task], calls, strict=True))
            found[response, task, row["detector"]].append(getattr(figures, figure))
    means = {cell: f"{100 * sum(values) / len(values):.1f}" for cell, values in found.items()}
    assert {len(values) for values in found.values()} == {4}
    assert len(means) == 72
    assert means == published(folder / f"published-simple-{figure}.txt")


def test_an_unread_reply_is_no_call_of_an_error_and_shows_beside() -> None:
    figures = detection([(True, True), (True, None), (False, None), (False, True)])
    assert (figures.precision, figures.recall, figures.f1, figures.parse_rate) == (0.5, 0.5, 0.5, 0.5)


@pytest.mark.parametrize("calls", [[], [(False, False)], [(True, False)], [(False, True)]])
def test_what_cannot_be_divided_is_zero(calls: list[tuple[bool, bool | None]]) -> None:
    figures = detection(calls)
    assert (figures.precision, figures.recall, figures.f1) == (0.0, 0.0, 0.0)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([True, False, None]))), st.randoms())
def test_the_order_of_the_items_decides_nothing(calls: list[tuple[bool, bool | None]], random: Random) -> None:
    shuffled = random.sample(calls, len(calls))
    assert detection(calls) == detection(shuffled)
    figures = detection(calls)
    if figures.precision and figures.recall:
        assert figures.f1 == pytest.approx(2 / (1 / figures.precision + 1 / figures.recall))
