"""chrF against references: character n-gram F-score, through sacrebleu. It sees the gold, so its signal is `oracle`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError
from sacrebleu.metrics.chrf import CHRF

from redraft.errors import ConfigError
from redraft.schema import Draft, Failure, Missing, Signal, Task, Text, TranslationTask, Verdict


class _Row(BaseModel):
    source: Text
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
        self._metric = CHRF(word_order=word_order)
        self._threshold = threshold

    @classmethod
    def from_file(cls, path: Path, *, word_order: int = 0, threshold: float | None = None) -> ChrF:
        """Read the references from JSON lines with `source` and `reference`; other fields are passed over.

        Raises ConfigError, naming file, line and field, for what cannot be read and for two references of one source.
        """
        try:
            lines = path.read_bytes().split(b"\n")
        except OSError as error:
            raise ConfigError(f"the references cannot be read: {error}") from error
        references: dict[str, str] = {}
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = _Row.model_validate_json(line, strict=True)
            except ValidationError as error:
                first = error.errors()[0]
                field = ".".join(map(str, first["loc"])) or "the line"
                raise ConfigError(f"{path}, line {number}, {field}: {first['msg']}") from error
            if references.setdefault(row.source, row.reference) != row.reference:
                raise ConfigError(f"{path}, line {number}, reference: this source already has another reference")
        if not references:
            raise ConfigError(f"{path} holds no references")
        return cls(references, word_order=word_order, threshold=threshold)

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """chrF of `draft`; Failure for a source without a reference, or a task that is no translation."""
        if not isinstance(task, TranslationTask):
            return Failure(cause="wrong_task", message=f"{self.name} judges translations only")
        if (reference := self._references.get(task.source)) is None:
            return Failure(cause="no_reference", message=f"no reference for the source {task.source[:60]!r}")
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
