"""What the engine's records tell of an item beyond its drafts: what was asked, the errors found, and the verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from redraft.engine.records import RECORD, Done
from redraft.errors import ConfigError
from redraft.schema import Draft, Failure, Finding, Task, Unparsed, Verdict

TEXT_LIMIT = 4_000
"""Characters of any one text that are shown."""
SHOWN = 50
"""Findings, verdicts and revisions of one item that are shown."""


def read_records(path: Path, ids: Iterable[str], limit: int) -> dict[str, Done]:
    """The records of the items `ids`, as far as their lines add up to `limit` bytes. Raises ConfigError."""
    wanted = set(ids)
    found: dict[str, Done] = {}
    number = 0
    try:
        with path.open("rb") as lines:
            for line in lines:
                number += 1
                if not line.strip():
                    continue
                record = RECORD.validate_json(line)
                if isinstance(record, Done) and record.id in wanted and len(line) <= limit:
                    found[record.id] = record
                    limit -= len(line)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise ConfigError(f"{path}, line {number}: {error.errors()[0]['msg']}") from error
    return found


def asked(task: Task) -> list[tuple[str, str]]:
    """The fields of a task with their texts, without its draft."""
    fields = task.model_dump(mode="json", exclude={"kind", "draft"}, exclude_defaults=True)
    return [(name.replace("_", " "), cut(_joined(value))) for name, value in fields.items()]


def _joined(value: object) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def cut(text: str) -> str:
    """The text as far as it is shown, and how much more there is."""
    left = len(text) - TEXT_LIMIT
    return text if left <= 0 else f"{text[:TEXT_LIMIT]}… ({left:,} more characters are left out)"


def found_in(record: Done, text: str) -> list[Finding]:
    """The errors that were found in the draft `text`: those that a revision of it acted on, and the result's own where
    what they quote stands there."""
    acted = [finding for one in record.result.revisions if one.before.text == text for finding in one.findings]
    others = [finding for finding in record.result.findings if _stands_in(finding, text)]
    return list(dict.fromkeys([*acted, *others]))[:SHOWN]


def _stands_in(finding: Finding, text: str) -> bool:
    span = finding.span
    return span is not None and span.text == "draft" and text[span.start : span.end] == finding.quote != ""


def judgement(verdict: Verdict | Unparsed | Failure) -> dict[str, str]:
    """A verdict in words: who judged, what came of it, and the evidence."""
    if isinstance(verdict, Verdict):
        about = f"{'passed' if verdict.passed else 'not passed'}, score {verdict.score:g}"
        return {"by": f"{verdict.verifier} ({verdict.signal})", "said": about, "evidence": cut(verdict.evidence)}
    if isinstance(verdict, Unparsed):
        return {"by": "a verifier", "said": f"no verdict: {verdict.reason}", "evidence": cut(verdict.raw)}
    return {"by": "a verifier", "said": f"no verdict: {verdict.cause}", "evidence": cut(verdict.message)}


def revised(after: Draft | Unparsed | Failure) -> str | None:
    """The text of a revision, None where there is none."""
    return after.text if isinstance(after, Draft) else None
