"""One line that marks errors: `category/sub - "span"`, and the many ways in which models write that."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import cast

from redraft.agents.parsing.mqm_words import CATEGORY, is_dimension, is_kind, normal_category, says_nothing
from redraft.agents.parsing.quotes import MARKS, find_opening, read_quoted
from redraft.schema import Severity

SEVERITY = r"(critical|major|minor)"
_DASH = r"\-‐‑‒–—―−"
_SEPARATOR = re.compile(
    rf"\s+(?:[{_DASH}]+>?|=>|\|)\s*|\s*[{_DASH}]+>?(?=[\s*_]|[{re.escape(MARKS)}])\s*|\s*[–—:：|→]\s*"
)
_BEFORE = re.compile(
    rf"\s*[(\[,;:|{_DASH}]+\s*(?:severity\W{{0,3}})?[*_]*{SEVERITY}(?:\s+error)?(?![\w/])[*_]*\s*[)\]]?", re.IGNORECASE
)
_AFTER = re.compile(
    rf"[\s*,;:|{_DASH}]*+(?:[(\[]\s*+)?(?:severity\W{{0,4}})?[*_]*{SEVERITY}(?:\s+(?:error|issue|severity))?[*_]*"
    rf"(?:\s*[)\]]|(?=\s*(?:[,;:.|{_DASH}]|$)))",
    re.IGNORECASE,
)
_LAST = re.compile(
    rf"\s*(?:[(\[]\s*(?:severity\W{{0,4}})?{SEVERITY}(?:\s+error)?\s*[)\]]"
    rf"|[,;:|{_DASH}]\s*(?:severity\W{{0,4}})?{SEVERITY}(?:\s+error)?)[\s*.]*$|\bseverity\W{{0,4}}{SEVERITY}\b[\s*.]*$",
    re.IGNORECASE,
)
_AND = re.compile(rf"[\s*]*+(?:[,;、，&]|\b(?:and|und)\b)+[\s*]*(?:and\s+)?(?=[{re.escape(MARKS)}])")
_NEXT = re.compile(
    rf"(?:[;,.]\s{{1,9}}|\n\s{{0,9}})(?:and\s+)?(?:\d+[.)]\s*)?(?={CATEGORY.pattern}\s*[:{_DASH}])", re.IGNORECASE
)
_LINKS = re.compile(
    r"[\s(\[*_]*(?:(?:of|in|for|at|with|on|errors?|issues?|the|word|phrase|span|text)\b[\s:(\[*_]*){0,4}"
)
_EXPLAINS = r"(?:[*_]*(?i:explanation|reason|note|comment)[*_]*\s*:[*_\s]*)?"
_LABELS = re.compile(
    r"(?:note|explanation|correct|suggest|reason|source|translation|target|original|span|text|quote|example|comment|fix"
    r"|revis|reference|error|severity|impact|justif|recommend|summary|overall|conclu|final|meaning|instead|should|the)\w*\b"
)


@dataclass
class Item:
    """An error as far as it has been read. `quotes` has one entry per span and may be empty."""

    category: str
    quotes: list[str] = field(default_factory=list)
    severity: Severity | None = None
    explanation: str = ""


def read_items(line: str) -> list[Item]:
    """Every error that `line` marks, in order; none where it does not read as one or its category says no-error."""
    items: list[Item] = []
    rest = line
    while item_and_rest := _read_item(rest):
        item, rest = item_and_rest
        items.append(item)
        following = _NEXT.search(rest)
        item.explanation = rest[: following.start()] if following else rest
        _take_severity(item)
        if not following:
            break
        rest = rest[following.end() :]
    return items


def read_category(text: str) -> Item | None:
    """An error of which only the category is known yet, as in a record of one field per line."""
    category = normal_category(text)
    return Item(category) if CATEGORY.fullmatch(category) else None


def read_quotes(text: str) -> list[str]:
    """The spans that `text` consists of: what is quoted in it, else the whole of it."""
    at = find_opening(text)
    return _quotes(text, at)[0] if at == 0 else [text.strip(" *_")] if text.strip(" *_") else []


def _read_item(text: str) -> tuple[Item, str] | None:
    at = find_opening(text)
    if at == 0:
        return _quote_first(text)
    head_end = at if at > 0 else len(text)
    severity: Severity | None = None
    if inline := _BEFORE.search(text, 0, min(head_end, 120)):
        severity = cast(Severity, inline[1].lower())
        text = text[: inline.start()] + " - " + text[inline.end() :].lstrip(" :-–—")
        at = find_opening(text)
    head = _head(text, at)
    if head is None:
        return None
    category, position, separated = head
    quotes, end = _quotes(text, at) if at >= 0 else ([], position)
    between = text[position:at] if at >= 0 else text[position:]
    if at >= 0 and _LINKS.fullmatch(between):
        return Item(category, quotes, severity), text[end:]
    if at >= 0:
        return Item(category, quotes[:1], severity), text[position:]
    return _unquoted(category, between, separated, severity)


def _head(text: str, at: int) -> tuple[str, int, str] | None:
    """The category that `text` begins with, where what follows begins, and what separates the two."""
    known = CATEGORY.match(text[: at if at >= 0 else 300].replace("_", " ").replace("*", " "))
    if known:
        category, position, separator = known[0], known.end(), ""
        if is_dimension(category) and (
            bracketed := re.compile(r"\s*[(\[]([^()\[\]]{1,40})[)\]]").match(text, position)
        ):
            category, position = f"{category}/{bracketed[1]}", bracketed.end()
        while step := _SEPARATOR.match(text, position := _past_markup(text, position)):
            separator, position = step[0], step.end()
            part = re.compile(
                rf"[^{re.escape(MARKS)}:：|(\n]{{1,40}}?(?=\s*$|{_SEPARATOR.pattern}|\s*[{re.escape(MARKS)}])"
            ).match(text, position)
            if not part or not is_kind(part[0].strip(" *_")) or is_kind(known[0]):
                break
            category, position = f"{category}/{part[0]}", part.end()
        follows = separator or not text[position:].strip() or (at >= 0 and _LINKS.fullmatch(text[position:at]))
        return (normal_category(category), position, separator) if follows or "/" in category else None
    if not (step := _SEPARATOR.search(text, 0, min(len(text), 120))):
        return None
    name = normal_category(text[: step.start()])
    quoted_next = at >= 0 and not text[step.end() : at].strip(" *_([")
    plausible = quoted_next and ":" not in step[0] and re.fullmatch(r"[^\W\d][\w/ &-]{2,50}", name)
    if not plausible or len(name.split()) > 5 or _LABELS.match(name) or says_nothing(name):
        return None
    return name, step.end(), step[0]


def _past_markup(text: str, position: int) -> int:
    while position < len(text) and text[position] in "*_])":
        position += 1
    return position


def _quote_first(text: str) -> tuple[Item, str] | None:
    """`"span" - category`, or a category between marks: `category` - "span"."""
    if not (quoted := read_quoted(text, 0)):
        return None
    if len(quoted.text) < 60 and CATEGORY.fullmatch(normal_category(quoted.text)):
        return _read_item(quoted.text + text[quoted.end :])
    start = re.compile(rf"[\s*(\[:：|→>{_DASH}]+").match(text, quoted.end)
    if not start or not (known := CATEGORY.match(text, start.end())):
        return None
    return Item(normal_category(known[0]), [quoted.text.strip()]), text[known.end() :].removeprefix(")")


def _unquoted(category: str, text: str, separator: str, severity: Severity | None) -> tuple[Item, str] | None:
    """No marks at all: what stands behind the category is the span, short of a severity at its end."""
    text = text.strip(" *_\t")
    if last := _LAST.search(text, max(0, len(text) - 60)):
        severity = cast(Severity, (last[1] or last[2] or last[3]).lower())
        text = text[: last.start()].strip(" *_\t")
    if text.startswith("(") and text.endswith(")"):
        text, separator = text[1:-1], "("
    if not text:
        return (Item(category, [], severity), "") if not is_dimension(category) and not separator.strip() else None
    prose = is_dimension(category) and ":" in separator
    return None if prose or not separator else (Item(category, [text], severity), "")


def _quotes(text: str, at: int) -> tuple[list[str], int]:
    """The spans quoted from `at` on, as far as they are listed one after another, and where that ends."""
    quotes: list[str] = []
    while quoted := read_quoted(text, at):
        quotes.append(quoted.text.strip())
        if not (joint := _AND.match(text, quoted.end)):
            return quotes, quoted.end
        at = joint.end()
    rest = text[at + 1 :].strip(" *_")
    return [*quotes, *([rest] if rest else [])], len(text)


def _take_severity(item: Item) -> None:
    """Move the item's own severity, where it has one, out of its explanation, and tidy that."""
    text = item.explanation
    if first := _AFTER.match(text):
        item.severity, text = cast(Severity, first[1].lower()), text[first.end() :]
    elif last := _LAST.search(text, max(0, len(text) - 60)):
        item.severity = cast(Severity, (last[1] or last[2] or last[3]).lower())
        text = text[: last.start()]
    text = re.sub(rf"^[\s*_)\]]*(?:(?:[{_DASH}]+(?!>)|[:：;,.|])\s*)*{_EXPLAINS}", "", text).strip(" *_\t\n;")
    if text.startswith("(") and text.endswith(")") and text.count("(") == 1:
        text = text[1:-1]
    item.explanation = text
