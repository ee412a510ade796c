"""MQM scores: what the errors that people or a critic marked take off a translation.

The weights of the WMT 2023 campaign are the default. MQM-APE's (25/5/1 by severity alone, no more than 25 in all) are
settings of that method: `redraft.graphs.mqm_ape.Config`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from redraft.errors import ConfigError
from redraft.schema import Finding


@dataclass(frozen=True)
class Weights:
    """What one error takes off. The defaults are those of the WMT 2023 campaign (`WMT23`).

    Major, minor, minor punctuation and non-translation: Freitag et al., Experts, Errors, and Context (TACL 2021), who
    count every category (`WMT21`). Their raters have no critical errors: that weight is GEMBA-MQM's. Categories are
    compared in lower case, by how they begin: "source error" and "source issue" begin with "source ".
    """

    critical: float = 25.0
    major: float = 5.0
    minor: float = 1.0
    minor_punctuation: float = 0.1
    non_translation: float = 25.0
    uncounted: tuple[str, ...] = ("source ", "accuracy/creative reinterpretation", "creative reinterpretation")

    def of(self, severity: str, category: str) -> float:
        """The weight of one error. Raises ConfigError for a severity that MQM does not have."""
        severity, category = severity.strip().lower(), category.strip().lower()
        by_severity = {"critical": self.critical, "major": self.major, "minor": self.minor}
        if severity not in {*by_severity, "neutral", "no-error"}:
            raise ConfigError(f"{severity!r} is no MQM severity: critical, major, minor, neutral or no-error")
        if severity not in by_severity or category.startswith(self.uncounted):
            return 0.0
        if category.startswith("non-translation"):
            return self.non_translation
        if severity == "minor" and category.startswith("fluency/punctuation"):
            return self.minor_punctuation
        return by_severity[severity]


WMT23 = Weights()
WMT21 = Weights(uncounted=())
"""Of the campaigns of 2020 and 2021, TED talks included, where errors of the source count as well."""


def mqm_score(findings: Iterable[Finding], weights: Weights = WMT23) -> float:
    """Minus the weights of what was found: 0 is best."""
    return 0.0 - sum(weights.of(finding.severity, finding.category) for finding in findings)


def weigh(errors: pl.DataFrame, weights: Weights = WMT23) -> pl.Series:
    """The weight of each row of `errors`, by its columns `severity` and `category`. Raises ConfigError.

    The rule is asked once for each combination that occurs, so that a million rows take no longer than their lookup.
    """
    keys = ["severity", "category"]
    if missing := [key for key in keys if key not in errors.columns or errors[key].null_count()]:
        raise ConfigError(f"errors lack a {missing[0]}")
    kinds = errors.select(keys).unique(maintain_order=True)
    known = kinds.with_columns(pl.Series("weight", [weights.of(*kind) for kind in kinds.iter_rows()], dtype=pl.Float64))
    return errors.select(keys).join(known, on=keys, how="left", maintain_order="left")["weight"]


def system_scores(errors: pl.DataFrame, weights: Weights = WMT23) -> dict[str, float]:
    """Mean penalty of each system, in the order of the systems' names: 0 is best, and larger is worse.

    `errors` has a row for each error, with `system`, `segment`, `rater`, `severity` and `category`, and one of severity
    `no-error` where a rater found none in a segment: an unrated segment has no row, and does not count. A segment's
    penalty is the mean over its raters of the weights that each of them gave. Raises ConfigError.
    """
    if missing := {"system", "segment", "rater"} - set(errors.columns):
        raise ConfigError(f"errors lack a {min(missing)}")
    means = (
        errors.with_columns(weigh(errors, weights).alias("weight"))
        .group_by("system", "segment", "rater")
        .agg(pl.col("weight").sum())
        .group_by("system", "segment")
        .agg(pl.col("weight").mean())
        .group_by("system")
        .agg(pl.col("weight").mean())
        .sort("system")
    )
    return dict(means.iter_rows())
