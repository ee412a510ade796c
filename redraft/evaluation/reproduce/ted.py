"""TED talks at WMT 2021: the MQM score of every system, from the errors that professional translators marked.

Freitag et al. publish one number for each system; here it is counted again from every single annotation. They count
errors of the source too (`WMT21`).
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from redraft.errors import ConfigError
from redraft.evaluation.metrics.mqm import WMT21, system_scores
from redraft.evaluation.reproduce.table import Published, Reproduction, compared

_ENDE = {
    "ref": 0.91,
    "Facebook-AI": 1.06,
    "Online-W": 1.12,
    "VolcTrans-AT": 1.24,
    "metricsystem3": 1.44,
    "VolcTrans-GLAT": 1.49,
    "HuaweiTSC": 1.50,
    "metricsystem1": 1.63,
    "metricsystem2": 1.69,
    "metricsystem5": 1.72,
    "UEdin": 1.77,
    "metricsystem4": 1.78,
    "eTranslation": 1.96,
    "Nemo": 2.14,
}
_ZHEN = {
    "refB": 0.42,
    "DIDI-NLP": 1.65,
    "metricsystem2": 1.76,
    "metricsystem1": 1.90,
    "MiSS": 1.97,
    "IIE-MT": 1.98,
    "metricsystem4": 2.05,
    "metricsystem5": 2.15,
    "SMU": 2.202,
    "Borderline": 2.40,
    "NiuTrans": 2.49,
    "Facebook-AI": 2.64,
    "Online-W": 2.93,
    "metricsystem3": 2.99,
    "ref": 5.52,
}
_CUT = {"eTranslation": "1.969 is printed cut rather than rounded", "Borderline": "2.405 is printed cut, not rounded"}


def rows(data: Path) -> Sequence[Published]:
    """The mean penalty of each system, lower is better."""
    found: list[Published] = []
    for pair, published in (("en-de", _ENDE), ("zh-en", _ZHEN)):
        scores = system_scores(
            read_annotations(data / "wmt-mqm" / f"ted_{pair.replace('-', '')}.annotations.tsv.gz"), WMT21
        )
        for system, score in published.items():
            value = scores.get(system, float("nan"))
            digits = 3 if score == 2.202 else 2
            found.append(compared("TED, MQM", f"{pair}, {system}", score, value, digits, _CUT.get(system)))
    return found


def read_annotations(path: Path) -> pl.DataFrame:
    """One row for each error, for `redraft.evaluation.metrics.mqm.system_scores`. Raises ConfigError."""
    try:
        table = pl.read_csv(gzip.decompress(path.read_bytes()), separator="\t", quote_char=None, infer_schema=False)
    except (OSError, EOFError, pl.exceptions.PolarsError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    if missing := {"system", "seg_id", "rater", "category", "severity"} - set(table.columns):
        raise ConfigError(f"{path} has no column {min(missing)}")
    return table.rename({"seg_id": "segment"})


TED = Reproduction("ted", "Freitag et al., TACL 2021, arXiv 2104.14478, and their repository", "wmt-mqm", rows)
