"""MQM annotations in GEMBA's line format: sections `Critical:`, `Major:`, `Minor:`, one error per line below them.

A reply without findings is a verdict too and needs evidence: it says that there is no error and nothing else that
could be one, or it has all three sections and all are empty. A text between quotation marks is never a header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from redraft.agents.parsing.lines import PATIENCE, logical_lines, undecorated
from redraft.agents.parsing.mqm_item import SEVERITY, Item, read_category, read_items, read_quotes
from redraft.agents.parsing.mqm_words import (
    CATEGORY,
    SEVERITIES,
    denied,
    is_dimension,
    is_harmless,
    normal_category,
    says_nothing,
)
from redraft.agents.parsing.quotes import MARKS, find_opening, read_quoted
from redraft.agents.parsing.visible import unread, visible
from redraft.schema import Finding, Severity, Unparsed

_HEADER = re.compile(
    rf"(?:severity\W{{0,4}})?{SEVERITY}(?P<more>(?:\s*(?:,|/|&|and|or)+\s*(?:critical|major|minor))*)(?![^\W_]|/)"
    r"(?:[\s-]+(?:severity|translation))?(?:[\s-]+(?:errors?|issues?|mistakes?|problems?|severity))?"
    r"(?:\s+(?:found|identified))?"
    r"[*_`\s]*+(?P<count>[(\[][^()\[\]]{1,20}[)\]])?[*_`\s]*+"
    r"(?:(?P<section>[:：]+|#?\d*$)|(?P<prefix>[)\]][*_`:：\s]*|[-–—|]+(?=\s)|#?\d*[:：]))[*_`\s]*",
    re.IGNORECASE,
)
_DIRECT = re.compile(rf"{SEVERITY}[*_`\s]+(?:errors?\s+)?(?={CATEGORY.pattern}\s*[/:(–—-])", re.IGNORECASE)
_INNER_HEADER = re.compile(
    r"(?:Critical|Major|Minor)(?:\s+(?:[Ee]rrors?|[Ii]ssues?))?[*_]*\s*[:：]|(?:CRITICAL|MAJOR|MINOR)\s*[:：]"
)
_LABEL = re.compile(
    r"(?:\*|_)*(?:error[\s_]*)?(?P<name>category|sub-?category|type|span|text|quote|phrase|explanation|reason|comment"
    r"|description|correction|suggestion|suggested (?:fix|correction)|fix)\s*+[*_]*+\s*+[:：]\s*[*_]*\s*",
    re.IGNORECASE,
)
# A model that does not stop goes on with the next worked example.
_RUN_ON = re.compile(r"^\w+ (?:source|translation):[ \t]*\n```", re.MULTILINE)


@dataclass
class Reading:
    """What the lines of a reply say.

    `covered` holds the severities that have a section or are said to have no error, `unread` the lines that could not
    be read. `current` is the error that the next line may add to, `heading` a category that stands alone above spans.
    """

    items: list[Item] = field(default_factory=list)
    covered: set[Severity] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    current: Item | None = None
    heading: str = ""

    def verdict(self, raw: str, non_translation_critical: bool = False) -> tuple[Finding, ...] | Unparsed:
        """The findings; Unparsed where there is none to show and no evidence that there is none."""
        findings: list[Finding] = []
        for item in self.items:
            severity = item.severity
            if non_translation_critical and item.category.replace(" ", "-").startswith("non-translation"):
                severity = "critical"
            if severity:
                findings += [
                    Finding(severity=severity, category=item.category, quote=quote, explanation=item.explanation)
                    for quote in item.quotes or [""]
                ]
        if findings:
            return tuple(findings)
        if self.items:
            return unread(raw, "an error without a severity")
        if not self.covered:
            return unread(raw, "neither an error nor a statement that there is none")
        if self.unread:
            return unread(raw, f"no error could be read, yet it says: {self.unread[0][:80]}")
        if missing := [name for name in SEVERITIES if name not in self.covered]:
            return unread(raw, f"no error, but nothing is said of {' and '.join(missing)} errors")
        return ()


def parse_mqm(text: str, *, non_translation_critical: bool = False) -> tuple[Finding, ...] | Unparsed:
    """Read a reply in the line format. Spans are not located yet (`spans.locate`).

    `non_translation_critical` is GEMBA's own rule that a `non-translation` is critical whatever the model says.
    """
    said = visible(text)
    return said if isinstance(said, Unparsed) else read_lines(said).verdict(text, non_translation_critical)


def read_lines(said: str, section: Severity | None = None) -> Reading:
    """Read line by line; `section` is the severity that the first lines belong to, if it is known."""
    reading = Reading()
    sections: tuple[Severity, ...] = (section,) if section else ()
    if run_on := _RUN_ON.search(said, min(len(said), 1)):
        said = said[: run_on.start()] if _mentions_severity(said[: run_on.start()]) else said
    for line in logical_lines(said.replace('\\"', '"')):
        for piece in _at_inner_headers(line):
            sections = _read_piece(undecorated(piece), sections, reading)
    return reading


def _mentions_severity(text: str) -> bool:
    return re.search(rf"(?im)^[^\w\n]*{SEVERITY}\b", text) is not None


def _read_piece(body: str, sections: tuple[Severity, ...], reading: Reading) -> tuple[Severity, ...]:
    """Take in one line; returns the sections that the next line belongs to."""
    header = _HEADER.match(body)
    if header and header["prefix"] and not says_nothing(rest := body[header.end() :]) and rest.strip():
        if items := read_items(undecorated(rest)):
            _add(items, (_severity(header[1]),), reading)
            return sections
        header = None if header["prefix"].strip()[:1] in "-–—|" else header
    elif not header and (direct := _DIRECT.match(body)) and (items := read_items(body[direct.end() :])):
        _add(items, (_severity(direct[1]),), reading)
        return sections
    if not header:
        _read_content(body, sections, reading)
        return sections
    named = tuple(dict.fromkeys(_severity(word) for word in re.findall(SEVERITY, header[0], re.IGNORECASE)))
    if reading.current and reading.current.severity is None and body.lower().startswith("severity"):
        reading.current.severity = named[0]
        return sections
    reading.covered.update(named)
    reading.current, reading.heading = None, ""
    _read_content(undecorated(body[header.end() :]), named, reading)
    return named


def _read_content(body: str, sections: tuple[Severity, ...], reading: Reading) -> None:
    if not re.search(r"[^\W_]", body):
        return
    if label := _LABEL.match(body):
        _read_labelled(label["name"].lower(), body[label.end() :].strip(" *_"), sections, reading)
        return
    reading.current = None
    known = CATEGORY.match(body)
    if denials := denied(body):
        reading.covered |= set(sections) if sections and len(denials) == len(SEVERITIES) else denials
    elif known and says_nothing(body[known.end() :]):
        return
    elif known and re.fullmatch(r"[*_)\]\s]*[:：-][*_\s]*", body[known.end() :]):
        reading.heading = normal_category(known[0])
        reading.unread += [] if is_dimension(reading.heading) else [body]
    elif items := read_items(body) or (body[0] in MARKS and read_items(f"{reading.heading} - {body}")):
        _add([item for item in items if not item.quotes or not all(map(says_nothing, item.quotes))], sections, reading)
    elif not is_harmless(body):
        reading.unread.append(body)


def _add(items: list[Item], sections: tuple[Severity, ...], reading: Reading) -> None:
    for item in items:
        if item.severity is None and len(sections) == 1:
            item.severity = sections[0]
    reading.items += items
    reading.current = items[-1] if items else None


def _read_labelled(name: str, value: str, sections: tuple[Severity, ...], reading: Reading) -> None:
    """A record of one field per line: the category opens it, the other fields complete it."""
    last = reading.current
    if name in ("category", "type"):
        if says_nothing(value):
            reading.covered.update(sections)
        elif items := read_items(value) or [item for item in [read_category(value)] if item]:
            _add(items, sections, reading)
        else:
            reading.unread.append(value)
    elif last and name in ("subcategory", "sub-category"):
        last.category = f"{last.category}/{value.lower()}"
    elif last and name in ("span", "text", "quote", "phrase"):
        last.quotes = last.quotes or read_quotes(value)
    elif last:
        last.explanation = last.explanation or value
    elif value and not is_harmless(value):
        reading.unread.append(value)


def _severity(word: str) -> Severity:
    return cast(Severity, word.lower())


def _at_inner_headers(line: str) -> Iterator[str]:
    """`Critical: none Major: none` in one line, cut before each header that does not stand between marks."""
    start = 0
    if _HEADER.match(undecorated(line)):
        position, patience = 1, PATIENCE
        while patience and (found := _INNER_HEADER.search(line, position)):
            at = find_opening(line, position, found.start())
            if at >= 0:
                quoted = read_quoted(line, at)
                patience -= 1
                position = quoted.end if quoted else at + 1
                continue
            before = line[max(start, found.start() - 40) : found.start()].rstrip(" *_\t-–—|")
            if before.endswith(tuple(".;,|)]" + MARKS)) or re.search(
                r"(?i)\b(?:errors?|none|n/a|found)$", before[-12:]
            ):
                yield line[start : found.start()]
                start = found.start()
            position = found.end()
    yield line[start:]
