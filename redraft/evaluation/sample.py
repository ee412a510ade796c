"""What is asked, with its gold answer: a graph receives the task alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import JsonValue

from redraft.schema import Noun, Task


class Sample(Noun):
    """One item of a data set.

    `gold` is what the data set's verifier needs to judge a draft (a row of `redraft.verifiers.gold` without the task's
    text), None where nothing is known. Samples with the same `group` are not independent, such as rewordings of one
    question; statistics resample whole groups.
    """

    id: str
    task: Task
    gold: JsonValue = None
    group: str | None = None


def subset(samples: Sequence[Sample], count: int, seed: int = 0) -> list[Sample]:
    """`count` of `samples` in their order, chosen by `seed`: the same everywhere, a smaller one within a larger."""
    chosen = np.random.default_rng(seed).permutation(len(samples))[:count]
    return [samples[place] for place in sorted(chosen)]
