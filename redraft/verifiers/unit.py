"""A verifier's scores brought to 0..1, for methods that add scores of several verifiers up."""

from __future__ import annotations

from redraft.schema import Draft, Missing, Signal, Task, Verdict
from redraft.verifiers.base import Verifier


class Unit:
    """`verifier` with its score and its steps' scores moved from `low`..`high` to 0..1, and cut off there."""

    def __init__(
        self, verifier: Verifier, *, score: tuple[float, float] = (0.0, 1.0), steps: tuple[float, float] = (0.0, 1.0)
    ) -> None:
        self._verifier, self._score, self._steps = verifier, score, steps

    @property
    def name(self) -> str:
        return self._verifier.name

    @property
    def signal(self) -> Signal:
        return self._verifier.signal

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """The same verdict, in the other unit."""
        verdict = await self._verifier.score(task, draft)
        if not isinstance(verdict, Verdict):
            return verdict
        moved = {
            "score": _moved(verdict.score, self._score),
            "steps": tuple(_moved(s, self._steps) for s in verdict.steps),
        }
        return verdict.model_copy(update=moved)

    async def aclose(self) -> None:
        """Close the verifier underneath."""
        await self._verifier.aclose()


def _moved(number: float, unit: tuple[float, float]) -> float:
    low, high = unit
    return min(1.0, max(0.0, (number - low) / (high - low)))
