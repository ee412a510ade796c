"""LDB (Zhong, Wang and Shang, ACL Findings 2024, arXiv 2402.16906): programs before and after debugging.

Accuracies come from the hidden-test verdicts that the authors recorded with each program; that those of seven runs
come out again when the programs are run is `tests/verifiers/test_code.py`. The columns for TransCoder
and Self-Debugging have no recorded outputs here. The published numbers are as other accounts quote the paper, not read
from its own table.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import BaseModel

from redraft.evaluation.reproduce.recorded import read_lines
from redraft.evaluation.reproduce.table import Published, Reproduction, compared

_CELLS: tuple[tuple[str, str, str, float, float], ...] = (
    ("Table 1", "HumanEval, GPT-3.5", "humaneval.gpt-3.5-turbo-0613", 73.8, 82.9),
    ("Table 1", "HumanEval, CodeLlama", "humaneval.codellama", 49.4, 55.5),
    ("Table 1", "HumanEval, StarCoder", "humaneval.starcoder", 39.0, 39.6),
    ("Table 1", "MBPP, GPT-3.5", "mbpp.gpt-3.5-turbo-0613", 67.6, 76.0),
    ("Table 1", "MBPP, CodeLlama", "mbpp.codellama", 51.2, 57.4),
    ("Table 1", "MBPP, StarCoder", "mbpp.starcoder", 47.2, 55.4),
    ("by level", "HumanEval, GPT-3.5, line level", "humaneval.gpt-3.5-turbo-0613-line-level", 73.8, 80.5),
    ("by level", "HumanEval, GPT-3.5, function level", "humaneval.gpt-3.5-turbo-0613-function-level", 73.8, 79.9),
    ("on Reflexion", "HumanEval, GPT-3.5", "humaneval.reflexion-gpt-3.5-turbo-0613", 91.5, 95.1),
    ("on Reflexion", "HumanEval, GPT-4", "humaneval.reflexion-gpt-4-1106-preview", 91.5, 96.9),
    ("on Reflexion", "HumanEval, GPT-4o", "humaneval.reflexion-gpt-4o-2024-05-13", 91.5, 98.2),
)
"""Part of the paper, cell, recorded run, accuracy in per cent of the seeds and after debugging."""

_KNOWN = {
    ("mbpp.starcoder", "seed"): ("the seeds that the authors released have 258 of 500 right", 51.6),
    ("humaneval.reflexion-gpt-4-1106-preview", "LDB"): ("159 of 164 is 96.95, printed cut and not rounded", 97.0),
}
"""Why a cell differs, and what it is then."""


class _Run(BaseModel):
    seed_solved: bool
    solved: bool


def rows(data: Path) -> Sequence[Published]:
    """The accuracies of every recorded run, before and after."""
    found: list[Published] = []
    for part, name, run, before, after in _CELLS:
        items = read_lines(data / "ldb" / f"{run}.jsonl.gz", _Run)
        seeds = 100 * float(np.mean([item.seed_solved for item in items]))
        final = 100 * float(np.mean([item.solved for item in items]))
        for what, published, value in (("seed", before, seeds), ("LDB", after, final)):
            reason, known = _KNOWN.get((run, what), (None, None))
            found.append(compared(f"LDB, {part}", f"{name}, {what}", published, value, 1, reason, known))
    return found


LDB = Reproduction("ldb", "Zhong et al., arXiv 2402.16906", "ldb", rows)
