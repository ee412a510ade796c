"""Where a quoted text stands in the draft or in the source, as code points of the text as it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from redraft.schema import Finding, Span

_FOLDED = str.maketrans({**dict.fromkeys("“”„«»‟＂", '"'), **dict.fromkeys("‘’‚‹›`´", "'"), **dict.fromkeys("‐‑–—−", "-")})


def locate(findings: Iterable[Finding], draft: str, source: str | None = None) -> tuple[Finding, ...]:
    """The findings with their spans: in the draft, else in the source (the other way round for an omission), else None.

    A quote is looked for as it is, then in any case, then with white space, quotation marks and dashes folded. The
    same quote again takes its next occurrence, while there is one.
    """
    taken: Counter[tuple[str, str]] = Counter()
    return tuple(_located(finding, draft, source, taken) for finding in findings)


def _located(finding: Finding, draft: str, source: str | None, taken: Counter[tuple[str, str]]) -> Finding:
    texts = [("draft", draft), *([("source", source)] if source else [])]
    if finding.category.startswith("accuracy/omission"):
        texts.reverse()
    for where, text in texts:
        found = _occurrences(finding.quote, text)
        if found:
            start, end = found[min(taken[where, finding.quote], len(found) - 1)]
            taken[where, finding.quote] += 1
            return finding.model_copy(update={"span": Span.model_validate({"start": start, "end": end, "text": where})})
    return finding


def _occurrences(quote: str, text: str) -> list[tuple[int, int]]:
    """Every place where `quote` stands in `text`, by the strictest reading that finds one."""
    words = quote.split()
    if not words:
        return []
    exact = re.escape(quote)
    # Folding maps code point to code point, so places in the folded text are places in the text.
    loose = r"\s+".join(re.escape(word.translate(_FOLDED)) for word in words)
    for pattern, flags, where in (
        (exact, re.NOFLAG, text),
        (exact, re.IGNORECASE, text),
        (loose, re.IGNORECASE, text.translate(_FOLDED)),
    ):
        if found := [match.span() for match in re.finditer(pattern, where, flags)]:
            return found
    return []
