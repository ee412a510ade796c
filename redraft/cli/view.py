"""How a record looks to a person: marked spans, a word diff, what was found and what was kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from rich.console import Group, RenderableType
from rich.text import Text

from redraft.agents.values import ask, source
from redraft.engine.records import Bad, Done, Record
from redraft.schema import Draft, Finding, Missing, Result, Revision, Severity, Unparsed, Usage, Verdict

_COLOURS: dict[Severity, str] = {"critical": "bold red", "major": "red", "minor": "yellow"}
_WORDS = re.compile(r"\s+|[\u3040-\u30ff\u3400-\u9fff]|\w+|[^\w\s]")


def word_diff(before: str, after: str) -> Text:
    """`after` with what was taken out struck through in red and what was put in underlined in green."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    text = Text()
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            text.append("".join(old[i:j]))
            continue
        text.append("".join(old[i:j]), "strike red")
        text.append("".join(new[k:m]), "underline green")
    return text


def marked(text: str, findings: Iterable[Finding], where: str = "draft") -> Text:
    """`text` with the spans of the findings that stand in it coloured by severity."""
    shown = Text(text)
    for finding in findings:
        if finding.span and finding.span.text == where:
            shown.stylize(_COLOURS[finding.severity] + " reverse", finding.span.start, finding.span.end)
    return shown


def finding_line(finding: Finding) -> Text:
    """One finding on one line."""
    line = Text.assemble((f"{finding.severity:<8} ", _COLOURS[finding.severity]), finding.category)
    if finding.quote:
        line.append(f' "{" ".join(finding.quote.split())}"')
    if finding.quote and not finding.span:
        line.append(" (stands in neither text)", "dim")
    return line


def verdict_text(verdict: Verdict | Missing) -> str:
    """A verdict in words, and why there is none."""
    if isinstance(verdict, Verdict):
        word = {1.0: "better", 0.0: "worse", 0.5: "no better, no worse"}.get(verdict.score, f"{verdict.score:g}")
        return f"{word} ({verdict.verifier}, {verdict.signal}: {verdict.evidence})"
    return f"no verdict: {missing_text(verdict)}"


def missing_text(missing: Missing) -> str:
    """Why there is no value, in a few words."""
    if isinstance(missing, Unparsed):
        return f"reply not read ({missing.reason}): {' '.join(missing.raw.split())[:200]!r}"
    return f"{missing.cause}: {missing.message}"


def revision_view(revision: Revision, number: int) -> Group:
    """One revision: what it acted on, the word diff, the verdicts."""
    lines: list[RenderableType] = [
        Text(f"revision {number}: {'accepted' if revision.accepted else 'kept out'}", "bold")
    ]
    lines += [finding_line(finding) for finding in revision.findings]
    if revision.feedback:
        lines.append(Text(revision.feedback, "italic"))
    if isinstance(revision.after, Draft):
        same = revision.after.text == revision.before.text
        lines.append(Text("nothing changed", "dim") if same else word_diff(revision.before.text, revision.after.text))
    else:
        lines.append(Text(missing_text(revision.after), "magenta"))
    lines += [Text(verdict_text(verdict), "dim") for verdict in revision.verdicts]
    return Group(*lines, "")


def record_view(record: Record) -> Group:
    """Everything about one item, for `redraft show`."""
    if isinstance(record, Bad):
        return Group(Text(f"{record.id or f'line {record.line}'}: {record.error.message}", "red"))
    result, original = record.result, source(record.task)
    start = result.drafts[0].text if result.drafts else ""
    parts: list[RenderableType] = [
        Text(f"{record.id}  ({result.stop}, signal {result.signal})", "bold"),
        marked(original, result.findings, "source") if original else Text(ask(record.task)),
        marked(start, result.findings),
        "",
    ]
    parts += [finding_line(finding) for finding in result.findings]
    parts += [revision_view(revision, number) for number, revision in enumerate(result.revisions, start=1)]
    parts += [Text(text, "magenta") for text in _missing_texts(result)]
    if result.final:
        parts += [Text("final", "bold"), word_diff(start, result.final.text)]
    parts += [Text(scores_text(result.scores)), Text(usage_text(result.usage), "dim")]
    return Group(*parts)


def summary_view(record: Record) -> Group:
    """What was found, what was kept, before and after: one item of the summary that ends a run."""
    if isinstance(record, Bad):
        return record_view(record)
    return Group(*_summary(record), "")


def _summary(record: Done) -> Iterator[RenderableType]:
    result = record.result
    yield Text.assemble((record.id, "bold"), f"  {result.stop}  {scores_text(result.scores)}")
    judged = {revision.findings[0]: revision for revision in result.revisions if len(revision.findings) == 1}
    for finding in result.findings:
        line = Text("  ").append_text(finding_line(finding))
        if finding in judged:
            line.append(f"  {_fate(judged[finding])}", "green" if judged[finding].accepted else "dim")
        yield line
    for text in _missing_texts(result):
        yield Text("  " + text, "magenta")
    if not result.drafts or not result.final:
        return
    before = result.drafts[0].text
    yield Text("  before: ", "dim").append_text(marked(before, result.findings))
    if result.final.text != before:
        yield Text("  after:  ", "dim").append_text(word_diff(before, result.final.text))


def _missing_texts(result: Result) -> list[str]:
    return [*map(missing_text, result.unparsed), *map(missing_text, result.errors)]


def _fate(revision: Revision) -> str:
    """What became of an error, by the verdict on its correction."""
    verdict = revision.verdicts[0] if revision.verdicts else None
    if revision.accepted:
        return "kept"
    if not isinstance(verdict, Verdict):
        return "not judged"
    return "tie" if verdict.score == 0.5 else "dropped"


def scores_text(scores: dict[str, float]) -> str:
    """Scores by name."""
    return "  ".join(f"{name} {score:g}" for name, score in scores.items())


def cached_share(usage: Usage) -> float:
    """How much of the prompts the server had in its prefix cache."""
    return usage.cached_tokens / usage.prompt_tokens if usage.prompt_tokens else 0.0


def usage_text(usage: Usage) -> str:
    """Calls and tokens."""
    return (
        f"{usage.calls} calls, {usage.prompt_tokens} prompt tokens ({cached_share(usage):.0%} cached), "
        f"{usage.completion_tokens} completion tokens"
    )
