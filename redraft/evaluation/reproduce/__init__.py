"""Published numbers, recomputed from the outputs that their authors recorded: `REPRODUCTIONS`, one file for each.

Here are the published numbers and how recorded files are read; formulas are in `metrics`, verdicts come from
`redraft.verifiers`. Recorded data lies in a folder that is not part of redraft (docs/evaluation.md).
"""

from __future__ import annotations

from redraft.evaluation.reproduce.gsm8k import GSM8K
from redraft.evaluation.reproduce.ifeval import IFEVAL
from redraft.evaluation.reproduce.ldb import LDB
from redraft.evaluation.reproduce.realmistake import REALMISTAKE
from redraft.evaluation.reproduce.table import Match, Published, Reproduction, compared
from redraft.evaluation.reproduce.ted import TED
from redraft.evaluation.reproduce.wmt23 import WMT23

_ALL: tuple[Reproduction, ...] = (LDB, REALMISTAKE, GSM8K, IFEVAL, WMT23, TED)

REPRODUCTIONS: dict[str, Reproduction] = {each.name: each for each in _ALL}

__all__ = ["REPRODUCTIONS", "Match", "Published", "Reproduction", "compared"]
