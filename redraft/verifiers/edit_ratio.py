"""How much of a draft a revision changed: what an editor that should change little is held to (RARR's limit)."""

from __future__ import annotations

import asyncio

from redraft.errors import MissingExtra
from redraft.schema import Draft, Missing, Signal, Task, Verdict


class EditRatio:
    """A revision may stand where its Levenshtein distance, in code points over the length of the draft before it, is at
    most `most`. Raises MissingExtra where rapidfuzz is not installed."""

    name = "edit-ratio"
    signal: Signal = "tool"

    def __init__(self, most: float) -> None:
        try:
            from rapidfuzz.distance import Levenshtein
        except ImportError as error:
            raise MissingExtra("rapidfuzz", "retrieval") from error
        self._distance = Levenshtein.distance
        self._most = most

    async def prefer(self, task: Task, before: Draft, after: Draft) -> Verdict | Missing:
        """Score 1 within the limit, 0 beyond it."""
        distance = await asyncio.to_thread(self._distance, before.text, after.text)
        ratio = distance / max(1, len(before.text))
        within = ratio <= self._most
        evidence = f"edit ratio {ratio:.3f}, at most {self._most:g}"
        return Verdict(verifier=self.name, signal=self.signal, score=float(within), passed=within, evidence=evidence)

    async def aclose(self) -> None:
        """Nothing to let go of."""
