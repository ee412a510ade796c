"""Recorded programs with their verdicts (LDB) and stricter hidden tests for them (HumanEval+), as gold."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from redraft.verifiers.code import CodeGold

Row = dict[str, Any]

PREAMBLE = """\
from typing import *
import math
from heapq import *
import itertools
import re
import typing
import heapq
_str=str
import re
"""
"""What LDB put before a seed to judge it; its results already have it."""

_PLUS = """
import copy, json, math

reference = {{}}
exec({solution!r}, reference)

def same(found, right, atol):
    if found == right:
        return True
    if atol == 0 and (isinstance(right, float) or isinstance(right, list) and right and isinstance(right[0], float)):
        atol = 1e-6
    if atol == 0 or type(found) is not type(right):
        return False
    pairs = list(zip(found, right)) if isinstance(right, (list, tuple)) else [(found, right)]
    if isinstance(right, (list, tuple)) and len(found) != len(right):
        return False
    return all(abs(a - b) <= atol + 1e-7 * abs(b) for a, b in pairs)

for given in json.loads({inputs!r}):
    right = reference[{entry!r}](*copy.deepcopy(given))
    if {entry!r} == "find_zero":  # Any zero will do.
        assert abs(reference["poly"](given[0], {entry}(*copy.deepcopy(given)))) <= {atol} + 1e-6
    else:
        found = {entry}(*copy.deepcopy(given))
        assert same(found, right, {atol}), (given, found, right)
"""


def rows(path: Path) -> list[Row]:
    """The rows of a file. Split at line feeds alone: some strings hold other line ends."""
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().split("\n") if line]


def hidden_tests(data: Path, family: str, setup: str = "") -> dict[str, CodeGold]:
    """LDB's hidden tests, by the task's id, which stands for its specification here."""
    return {
        row["task_id"]: CodeGold(specification=row["task_id"], setup=setup, **_kept(row, "test", "entry_point"))
        for row in rows(data / "ldb" / f"{family}.tests.jsonl.gz")
    }


def stricter_tests(data: Path) -> dict[str, CodeGold]:
    """HumanEval+: its base and its further inputs, a test each; what is right comes from its own solution."""
    return {
        row["task_id"]: CodeGold(
            specification=row["task_id"],
            entry_point=row["entry_point"],
            tests=tuple(_plus(row, row[inputs]) for inputs in ("base_input", "plus_input") if row[inputs]),
        )
        for row in rows(data / "humanevalplus" / "HumanEvalPlus.jsonl.gz")
    }


def final(row: Row) -> str:
    """The program that a run of LDB ended with."""
    return str(row["solution"] or row["implementations"][-1])


def _plus(row: Row, inputs: list[Any]) -> str:
    solution = row["prompt"] + row["canonical_solution"]
    return _PLUS.format(solution=solution, inputs=json.dumps(inputs), entry=row["entry_point"], atol=row["atol"])


def _kept(row: Row, *names: str) -> Row:
    return {name: row[name] for name in names}
