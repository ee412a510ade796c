"""Translations with human MQM judgements: rows with a score (as TEaR has them), or WMT's annotations as TSV.

A TSV has a line for each error that a rater marked; the lines of one system's segment are one sample here, its
translation the draft, and gold lists the `errors` with their spans (code points of the text without the marks). It has
no references, so no new draft can be graded by it. Samples of one source text share a `group`.
"""

from __future__ import annotations

import csv
import re
from itertools import groupby
from pathlib import Path

from pydantic import JsonValue, ValidationError

from redraft.errors import ConfigError
from redraft.evaluation.datasets.dataset import Dataset
from redraft.evaluation.datasets.grading import by_reference
from redraft.evaluation.datasets.rows import Place, Row, read_rows, read_text, samples_of
from redraft.evaluation.sample import Sample
from redraft.schema import Text, TranslationTask
from redraft.verifiers.kind import Options, read_options

_MARK = re.compile(r"</?v>")
_NO_ERROR = frozenset({"no-error", "no_error"})
_PAIR = re.compile(r"(?:^|[_.])([a-z]{2})-?([a-z]{2})(?=[._]|$)")


class MqmOptions(Options):
    """`pair`: the languages of a TSV whose name does not say, such as `en-de`."""

    pair: str = ""


class Scored(Row):
    """A translation with its human score (0 best, -25 worst)."""

    id: str
    source_lang: str
    target_lang: str
    source: str
    translation: str
    reference: str
    mqm_score: float
    system: str = ""

    def sample(self) -> Sample:
        """Upstream's id names system and segment."""
        return Sample(
            id=self.id,
            task=TranslationTask(
                source=self.source,
                source_lang=self.source_lang,
                target_lang=self.target_lang,
                draft=self.translation,
            ),
            gold={"reference": self.reference, "mqm_score": self.mqm_score, "system": self.system},
            group=self.source,
        )


class Annotation(Row):
    """A line of WMT's TSV."""

    system: str
    seg_id: str
    rater: str
    source: Text
    target: Text
    category: str
    severity: str
    doc: str = ""

    @property
    def segment(self) -> tuple[str, str, str]:
        """Which translation it is about."""
        return self.system, self.doc, self.seg_id

    @property
    def error(self) -> dict[str, JsonValue]:
        """Rater, category, severity; and the span, where one is marked."""
        told: dict[str, JsonValue] = {"rater": self.rater, "category": self.category, "severity": self.severity}
        for side, text in (("draft", self.target), ("source", self.source)):
            if (opening := text.find("<v>")) >= 0:
                closing = text.find("</v>", opening)
                end = len(_plain(text[:closing] if closing >= 0 else text))
                return {**told, "span": {"start": len(_plain(text[:opening])), "end": end, "text": side}}
        return told


def _plain(text: str) -> str:
    return _MARK.sub("", text)


def _sample(annotations: list[Annotation], source_lang: str, target_lang: str) -> Sample:
    first = annotations[0]
    errors: list[JsonValue] = [each.error for each in annotations if each.severity.lower() not in _NO_ERROR]
    return Sample(
        id="/".join(filter(None, first.segment)),
        task=TranslationTask(
            source=_plain(first.source),
            source_lang=source_lang,
            target_lang=target_lang,
            draft=_plain(first.target),
        ),
        gold={"raters": [*dict.fromkeys(each.rater for each in annotations)], "errors": errors},
        group="/".join(filter(None, first.segment[1:])),
    )


def _load(argument: str) -> list[Sample]:
    name, options = read_options(argument, MqmOptions)
    path = Path(name).expanduser()
    if ".tsv" not in path.suffixes:
        return read_rows(path, Scored, lambda row, _: row.sample())
    pair = _PAIR.search(options.pair or path.name)
    if pair is None:
        raise ConfigError(f"{path}: its name does not say the languages: mqm:{path}?pair=en-de")
    rows = sorted(_annotations(path), key=lambda row: row[1].segment)
    groups = ([*group] for _, group in groupby(rows, key=lambda row: row[1].segment))
    return samples_of(path, ((group[0][0], _sample([row for _, row in group], *pair.groups())) for group in groups))


def _annotations(path: Path) -> list[tuple[Place, Annotation]]:
    lines = csv.DictReader(read_text(path).rstrip("\n").split("\n"), delimiter="\t", quoting=csv.QUOTE_NONE)
    found: list[tuple[Place, Annotation]] = []
    for number, line in enumerate(lines, start=2):
        place = f"{path}, line {number}"
        try:
            found.append((place, Annotation.model_validate(line)))
        except ValidationError as error:
            fault = error.errors()[0]
            raise ConfigError(f"{place}, {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from error
    return found


DATASET = Dataset(
    name="mqm",
    argument="FILE.jsonl | FILE.tsv[?pair=en-de]",
    task="translation",
    about="translations of many systems with human MQM errors or scores",
    source="Freitag et al., TACL 2021, arXiv 2104.14478; Feng et al., arXiv 2402.16379 (TEaR's rows)",
    licence="Apache-2.0",
    load=_load,
    grader=by_reference,
)
