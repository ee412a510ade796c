"""ReaLMistake (Kamoi et al., COLM 2024, arXiv 2404.03602): how well twelve language models find errors.

A cell is the mean over four prompts of a detector's figure on one task and one model's responses. The published tables
lie beside the recorded verdicts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Literal

import numpy as np

from redraft.errors import ConfigError
from redraft.evaluation.metrics.detection import detection
from redraft.evaluation.reproduce.recorded import read_csv, text_of
from redraft.evaluation.reproduce.table import Published, Reproduction, compared

Figure = Literal["precision", "recall", "f1"]
Cell = tuple[str, str, str]
"""Whose responses, task, detector."""

_RESPONSES = ("gpt-4-0613", "Llama-2-70b-chat-hf")
_TASKS = ("math_word_problem_generation", "finegrained_fact_verification", "answerability_classification")
_CALLS = {"E": 1, "N": 0, "?": -1}


def rows(data: Path, figure: Figure = "f1") -> Sequence[Published]:
    """All 72 cells of one of the authors' tables."""
    folder = data / "realmistake"
    printed, found = published(folder, figure), cells(folder, figure)
    if lacking := sorted(printed.keys() - found.keys()):
        raise ConfigError(f"{folder}: no recorded verdicts of {', '.join(lacking[0])} ({len(lacking)} cells lack)")
    return [
        compared(f"ReaLMistake, {figure}", ", ".join(cell), value, 100 * found[cell], 1)
        for cell, value in printed.items()
    ]


def cells(folder: Path, figure: Figure) -> dict[Cell, float]:
    """The figure, from 0 to 1, of every detector. As with the authors, 0 where it is undefined."""
    labels: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for row in read_csv(folder / "labels.csv.gz"):
        labels[row["initial_model"], row["task"]].append(row["label"] == "error")
    found: dict[Cell, list[float]] = defaultdict(list)
    for row in read_csv(folder / "predictions.csv.gz"):
        if row["kind"] == "simple_prompt_baseline":
            response, task = row["initial_model"], row["task"]
            figures = detection(labels[response, task], [_CALLS[letter] for letter in row["predictions"]])
            found[response, task, row["detector"]].append(float(np.nan_to_num(getattr(figures, figure))))
    return {cell: float(np.mean(values)) for cell, values in found.items()}


def published(folder: Path, figure: Figure) -> dict[Cell, float]:
    """The figures, in per cent, of the authors' table in LaTeX; its last two columns are chance and people."""
    path = folder / f"published-simple-{figure}.txt"
    head, *lines = [line for line in text_of(path).split("\n") if line.strip()]
    detectors = [cell.strip(" \\") for cell in head.split("&")[2:-2]]
    places = list(product(_RESPONSES, _TASKS))
    if len(lines) != len(places):
        raise ConfigError(f"{path} has {len(lines)} rows of figures and not {len(places)}")
    printed = {}
    for (response, task), line in zip(places, lines, strict=True):
        for detector, cell in zip(detectors, line.split("&")[2:-2], strict=True):
            printed[response, task, detector] = float(re.findall(r"\d+\.\d", cell)[-1])
    return printed


REALMISTAKE = Reproduction("realmistake", "Kamoi et al., arXiv 2404.03602", "realmistake", rows)
