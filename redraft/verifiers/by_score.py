"""From a verifier that scores one draft to one that compares two: the later draft must score clearly higher."""

from __future__ import annotations

import asyncio

from redraft.errors import ConfigError
from redraft.schema import Draft, Missing, Signal, Task, Verdict
from redraft.verifiers.base import Verifier


class ByScore:
    """Prefers the draft that `verifier` scores higher by more than `threshold`, in that verifier's unit.

    MQM-APE's metric variant (arXiv 2409.14335 and the authors' code): CometKiwi-22, threshold 0.03. A difference of
    the threshold or less prefers neither.
    """

    def __init__(self, verifier: Verifier, threshold: float = 0.03) -> None:
        if not threshold >= 0:
            raise ConfigError(f"the threshold of a score difference must be 0 or more, not {threshold}")
        self._verifier = verifier
        self._threshold = threshold

    @property
    def name(self) -> str:
        return f"by-score:{self._verifier.name}"

    @property
    def signal(self) -> Signal:
        return self._verifier.signal

    async def prefer(self, task: Task, before: Draft, after: Draft) -> Verdict | Missing:
        """Score both drafts at once and compare; Missing where either score is."""
        old, new = await asyncio.gather(self._verifier.score(task, before), self._verifier.score(task, after))
        if not isinstance(old, Verdict):
            return old
        if not isinstance(new, Verdict):
            return new
        gain = new.score - old.score
        score = 1.0 if gain > self._threshold else 0.0 if gain < -self._threshold else 0.5
        return Verdict(
            verifier=self.name,
            signal=self.signal,
            score=score,
            passed=score == 1.0,
            evidence=f"before {old.score:.4f}, after {new.score:.4f}, threshold {self._threshold:g}; {new.evidence}",
        )

    async def aclose(self) -> None:
        """Close the verifier underneath."""
        await self._verifier.aclose()
