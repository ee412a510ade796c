"""Published numbers, recomputed from the outputs that their authors recorded: `REPRODUCTIONS`, one file for each.

Here are the published numbers and how recorded files are read; formulas are in `metrics`, verdicts come from
`redraft.verifiers`. Recorded data lies in a folder that is not part of redraft (docs/evaluation.md).
"""

from __future__ import annotations

from redraft.evaluation.reproduce.table import Match, Published, Reproduction, compared

_ALL: tuple[Reproduction, ...] = ()

REPRODUCTIONS: dict[str, Reproduction] = {each.name: each for each in _ALL}

__all__ = ["REPRODUCTIONS", "Match", "Published", "Reproduction", "compared"]
