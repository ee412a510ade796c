"""Sample logs of lm-evaluation-harness: `samples_TASK_DATE.jsonl`, as `--log_samples` writes them (seen of 0.4.13).

A line is a document as one filter left the reply: `doc_id`, `doc_hash`, `resps`, `filtered_resps`, `filter`, and its
metrics as fields, whose names `metrics` lists. Older logs have neither `filter` nor `metrics`.
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue

from redraft.errors import ConfigError
from redraft.evaluation.datasets.rows import documents, parsed_row
from redraft.evaluation.importers.logged import Logged

_INVALID = "[invalid]"
"""What lm-eval's regex filter leaves of a reply in which it finds no answer."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    doc_id: int | str
    doc: JsonValue
    resps: list[JsonValue]
    filtered_resps: list[JsonValue]
    target: JsonValue = None
    arguments: JsonValue = None
    filter: str | None = None
    metrics: tuple[str, ...] | None = None
    doc_hash: str | None = None
    prompt_hash: str | None = None
    target_hash: str | None = None

    @property
    def scores(self) -> dict[str, float]:
        """The metrics that are one number; a list, such as IFEval's by instruction, is none."""
        extra = self.model_extra or {}
        names = extra.keys() if self.metrics is None else self.metrics
        return {name: float(extra[name]) for name in names if isinstance(extra.get(name), int | float)}


def read_lm_eval(path: Path, filter: str | None = None) -> list[Logged]:
    """The replies of a sample log, as `filter` left them.

    Raises ConfigError, naming file, line and field, for a line of another shape; and for a log of several filters where
    none is named.
    """
    lines = [(place, parsed_row(place, _Line, value)) for place, value in documents(path)]
    filters = list(dict.fromkeys(line.filter for _, line in lines))
    if filter is None and len(filters) > 1:
        raise ConfigError(f"{path} has several filters: say which by --filter, one of {', '.join(map(str, filters))}")
    if filter is not None and filter not in filters:
        raise ConfigError(f"{path} has no filter {filter!r}; it has {', '.join(map(str, filters)) or 'no lines'}")
    return [_logged(place, line) for place, line in lines if filter is None or line.filter == filter]


def _logged(place: str, line: _Line) -> Logged:
    return Logged(
        id=str(line.doc_id),
        asked=line.doc_hash or json.dumps(line.doc, sort_keys=True),
        output=_text(line.resps),
        scores=line.scores,
        readable=line.filtered_resps[:1] not in ([_INVALID], [[_INVALID]]),
        told=place,
    )


def _text(replies: list[JsonValue]) -> str | None:
    """The reply, or the first of several to one request; None where the model chose among answers by likelihood."""
    if len(replies) == 1 and isinstance(first := replies[0], list) and first and isinstance(first[0], str):
        return first[0]
    return None
