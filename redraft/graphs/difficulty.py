"""How hard a question is, by what reward models say of its chains: the gate of MAgICoRe (arXiv 2409.12147).

No model is asked here, and nothing is refined.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean, pstdev
from typing import NamedTuple

from redraft.errors import ConfigError
from redraft.schema import Draft, Noun
from redraft.verifiers.steps import split_steps


class Chain(Noun):
    """A draft with its outcome reward and its steps' rewards, all from 0 to 1."""

    draft: Draft
    outcome: float
    steps: tuple[float, ...]

    @property
    def process(self) -> float:
        """The product of the steps' rewards; 0 for a chain without an answer."""
        return math.prod(self.steps) if self.steps and self.draft.answer is not None else 0.0

    @property
    def reward(self) -> float:
        """Both rewards added up."""
        return self.outcome + self.process


class Measure(NamedTuple):
    """Mean and standard deviation of rewards, by which one reward is called high or low."""

    mean: float
    deviation: float

    def z(self, reward: float) -> float:
        """How many deviations above the mean; 0 where all rewards are the same."""
        return (reward - self.mean) / self.deviation if self.deviation else 0.0


def measure(chains: Iterable[Chain]) -> Measure:
    """The measure that these chains make."""
    return _measure([chain.reward for chain in chains])


def read_measure(out: Path) -> Measure:
    """The measure of a data set: the first sample's reward of each item of OUT.

    Raises ConfigError where OUT cannot be read, or holds fewer than two such rewards.
    """
    try:
        with out.expanduser().open(encoding="utf-8", newline="\n") as lines:
            results = [json.loads(line).get("result") or {} for line in lines]
    except (OSError, ValueError) as error:
        raise ConfigError(f"calibration: {out} is no OUT of `redraft run magicore`: {error}") from error
    rewards = [score for result in results if (score := result.get("scores", {}).get("first_reward")) is not None]
    if len(rewards) < 2:
        raise ConfigError(f"calibration: {out} holds {len(rewards)} first rewards; run magicore over more items")
    return _measure(rewards)


def _measure(rewards: Sequence[float]) -> Measure:
    return Measure(fmean(rewards), pstdev(rewards))


def confidence(masses: Iterable[float]) -> float:
    """2 * (1 - sigmoid(H)) of the entropy H, in nats, of the masses as shares: 1 for one answer, 0.5 at H = ln 3."""
    masses = [mass for mass in masses if mass > 0]
    total = math.fsum(masses)
    entropy = -math.fsum(mass / total * math.log(mass / total) for mass in masses)
    return 2 / (1 + math.exp(entropy))


def hard(pool: Sequence[Chain], clusters: Sequence[int | None], scale: Measure, least: float) -> bool:
    """Whether the majority's chains score below the mean and the rewards' mass is spread over several answers.

    `clusters` tell which chains have the same answer, None for one without; `least` is the confidence that is enough.
    """
    counts = Counter(cluster for cluster in clusters if cluster is not None)
    if not counts:
        return True
    majority = max(counts, key=lambda cluster: (counts[cluster], -cluster))
    agreeing = [chain for chain, cluster in zip(pool, clusters, strict=True) if cluster == majority]
    if fmean(scale.z(chain.reward) for chain in agreeing) >= 0:
        return False
    outcome: defaultdict[int, float] = defaultdict(float)
    process: defaultdict[int, float] = defaultdict(float)
    for chain, cluster in zip(pool, clusters, strict=True):
        if cluster is not None:
            outcome[cluster] += chain.outcome
            process[cluster] += chain.process
    return min(confidence(outcome.values()), confidence(process.values())) < least


def annotated(chain: Chain) -> str:
    """The chain as its reviewer sees it: each step with its score, `(Score: n/10)` of round(score, 1) * 10."""
    steps = split_steps(chain.draft.text)
    marks = [f" (Score: {round(score, 1) * 10:.0f}/10)" for score in chain.steps]
    return "\n\n".join(step + mark for step, mark in zip(steps, marks, strict=False))
