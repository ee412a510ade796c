"""What a data set is: the figures that tables, the command line and `open_samples` go by.

Each data set's file ends with its `DATASET`; `catalogue` lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from redraft.evaluation.sample import Sample
from redraft.verifiers.base import Verifier


@dataclass(frozen=True)
class Dataset:
    """One data set, named by `NAME:ARGUMENT`.

    `task` is the kind of its tasks, `any` where the file decides. `source` is the paper, `licence` the origin's.
    `load` reads the argument (a local file or folder, options after `?`) in the format of the data set's authors, and
    raises ConfigError with file, line and field. `grader` makes the oracle verifier from samples: the one place where
    gold goes. It raises ConfigError where the samples' gold cannot grade a new draft.
    """

    name: str
    argument: str
    task: str
    about: str
    source: str
    licence: str
    load: Callable[[str], list[Sample]]
    grader: Callable[[Sequence[Sample]], Verifier]

    @property
    def form(self) -> str:
        """How it is written: `gsm8k:FILE`."""
        return f"{self.name}:{self.argument}"
