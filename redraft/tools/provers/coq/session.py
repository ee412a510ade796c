"""A statement proved step by step in one Coq process. Which process, and for whom, is `prover`'s business."""

from __future__ import annotations

from redraft.tools.provers.base import Diagnostic, Goal, Kind, ProverCrash, Span
from redraft.tools.provers.coq.idetop import Idetop, Wrong
from redraft.tools.provers.coq.messages import diagnose, found
from redraft.tools.provers.coq.sentences import code_point, finished, split

GRACE = 3.0
"""Seconds after which a process is ended that did not heed its own timeout."""


class CoqSession:
    """Sentences after the state `tip`. Whatever is wrong leaves the state as it was."""

    def __init__(self, top: Idetop, tip: int, seconds: float) -> None:
        self._top, self._tip = top, tip
        self._seconds = seconds
        self._limit = 0
        self.found: str | None = None

    async def run(self, step: str, seconds: float | None = None) -> Diagnostic | None:
        """Run the sentences of `step`: all of them, or none. `seconds` is for each. Raises ProverCrash."""
        before = self._tip
        self.found = None
        limit = max(1, round(self._seconds if seconds is None else seconds))
        for span in split(step):
            if wrong := await self._sentence(step[span.start : span.end], limit):
                found = _placed(wrong, step, span)
                if found.kind is Kind.RESOURCE and "memory" in found.message:  # What it took, it keeps.
                    await self._top.close()
                    raise ProverCrash(found.message)
                await self.rollback(before)
                return found
        return None

    async def goals(self) -> tuple[Goal, ...]:
        return await self._top.goals()

    async def closed(self) -> bool:
        """Whether no proof is open. Raises ProverCrash."""
        said = await self._top.run(60)
        return not isinstance(said, Wrong) and not said.open

    def mark(self) -> int:
        return self._tip

    async def rollback(self, mark: int) -> None:
        self._tip = mark
        self._limit = 0  # The timeout may have been set after the mark.
        await self._top.back(mark)

    async def _sentence(self, sentence: str, limit: int) -> Wrong | None:
        if not finished(sentence):
            return Wrong("Syntax error: the sentence does not end with a full stop")
        if limit != self._limit:
            if wrong := await self._add(f"Set Default Timeout {limit}.", limit):
                return wrong
            self._limit = limit
        return await self._add(sentence, limit)

    async def _add(self, sentence: str, limit: int) -> Wrong | None:
        added = await self._top.add(sentence, self._tip, limit + GRACE)
        if isinstance(added, Wrong):
            return added
        self._tip = added
        said = await self._top.run(limit + GRACE)
        if isinstance(said, Wrong):
            return said
        self.found = found(said.said) or self.found
        return None


def _placed(wrong: Wrong, text: str, span: Span) -> Diagnostic:
    """The error, with its place in `text`: the sentence, or the part of it that Coq names."""
    if wrong.place is None:
        return diagnose(wrong.message, span)
    sentence = text[span.start : span.end]
    start, end = (span.start + code_point(sentence, byte) for byte in wrong.place)
    return diagnose(wrong.message, Span(start, max(start, end)))
