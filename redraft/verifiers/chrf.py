"""chrF against references: character n-gram F-score, through sacrebleu. It sees the gold, so its signal is `oracle`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from redraft.schema import Draft, Failure, Missing, Signal, Task, Text, TranslationTask, Verdict
from redraft.verifiers.gold import Row, gold_of, read_gold
from redraft.verifiers.kind import Kind, OpenModel


class Reference(Row):
    """A line of gold: `source` and its `reference`."""

    reference: Text


class ChrF:
    """Sentence-level chrF of a translation, from 0 to 1 (sacrebleu's number divided by 100); no weights needed.

    `references` maps a task's source text to its reference. `word_order=2` is chrF++ (Popović 2017; plain chrF is
    Popović 2015). A draft passes from `threshold` on; without one, every draft that could be scored does. Evidence is
    sacrebleu's signature, which says exactly how the number was computed.
    """

    signal: Signal = "oracle"

    def __init__(self, references: Mapping[str, str], *, word_order: int = 0, threshold: float | None = None) -> None:
        self.name = "chrf" + "+" * word_order
        self._references = dict(references)
        from sacrebleu.metrics.chrf import CHRF  # Here, since every start of redraft loads this file.

        self._metric = CHRF(word_order=word_order)
        self._threshold = threshold

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """chrF of `draft`; Failure for a source without a reference, or a task that is no translation."""
        if not isinstance(task, TranslationTask):
            return Failure(cause="wrong_task", message=f"{self.name} judges translations only")
        if isinstance(reference := gold_of(task, self._references), Failure):
            return reference
        score = self._metric.sentence_score(draft.text, [reference]).score / 100
        return Verdict(
            verifier=self.name,
            signal=self.signal,
            score=score,
            passed=self._threshold is None or score >= self._threshold,
            evidence=str(self._metric.get_signature()),
        )

    async def aclose(self) -> None:
        """Nothing to let go of."""


def _kind(word_order: int) -> Kind:
    def open(path: str, _: OpenModel) -> ChrF:
        rows = read_gold(Path(path), Reference)
        return ChrF({source: row.reference for source, row in rows.items()}, word_order=word_order)

    return Kind(
        name="chrf" + "+" * word_order,
        argument="REFERENCES.jsonl",
        judges="draft",
        signal="oracle",
        about="chrF" + "+" * word_order + " against references",
        needs="lines with source and reference",
        cost="no call",
        source="Popović, WMT 2017" if word_order else "Popović, WMT 2015",
        open=open,
        tasks=frozenset({"translation"}),
    )


KINDS = (_kind(0), _kind(2))
