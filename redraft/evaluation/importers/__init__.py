"""Other tools' logs as outcomes: a file here for each tool, and `logged` for what they have in common.

What redraft's own runs wrote needs no importer.
"""

from __future__ import annotations

from pathlib import Path

from redraft.errors import ConfigError
from redraft.evaluation.importers.inspect_ai import read_inspect
from redraft.evaluation.importers.lm_eval import read_lm_eval
from redraft.evaluation.importers.logged import Logged, rounds
from redraft.evaluation.outcomes import Outcome

FORMATS = ("lm-eval", "inspect")
"""The formats by name."""


def import_logs(
    format: str,
    before: Path,
    after: Path | None = None,
    *,
    method: str | None = None,
    metric: str | None = None,
    filter: str | None = None,
) -> list[Outcome]:
    """The outcomes of one log, or of a log before and one after a correction, as rounds 0 and 1 of `method`.

    `method` is otherwise the name of the last file. `metric` says which score is meant, `filter` which of lm-eval's
    filters. Raises ConfigError for a format that is not known, logs that cannot be read, or not of the same items.
    """
    name = method or (after or before).name.partition(".")[0]
    first = _read(format, before, filter)
    second = None if after is None else _read(format, after, filter)
    return rounds(first, second, method=name, metric=metric)


def _read(format: str, path: Path, filter: str | None) -> list[Logged]:
    if format == "lm-eval":
        return read_lm_eval(path, filter)
    if format != "inspect":
        raise ConfigError(f"{format!r} is no format of logs; there are {', '.join(FORMATS)}")
    if filter is not None:
        raise ConfigError("a filter is lm-eval's; a scorer of inspect_ai is a metric")
    return read_inspect(path)


__all__ = ["FORMATS", "import_logs"]
