"""Methods tested against their controls at equal budget, all pairs as one family."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from redraft.evaluation.outcomes import Outcomes
from redraft.evaluation.statistics.tests import holm
from redraft.evaluation.summary import Test, test_against


def against_controls(
    methods: Mapping[str, Outcomes], pairs: Iterable[tuple[str, str]], *, resamples: int = 10_000, seed: int = 0
) -> list[Test]:
    """The accuracy of the first of each pair less that of the second, tested; `holm` is over all pairs."""
    tests = [
        test
        for first, second in pairs
        for test in test_against(
            {name: methods[name] for name in (first, second)}, second, resamples=resamples, seed=seed
        )
    ]
    p = [test.permutation if test.mcnemar is None else test.mcnemar for test in tests]
    adjusted = holm([math.nan if value is None else value for value in p])
    return [test.model_copy(update={"holm": value}) for test, value in zip(tests, adjusted, strict=True)]
