"""MQM annotations in JSON: lists by severity, TEaR's strings by severity, or a list of errors that name theirs.

The rule of evidence for a reply without findings is that of `mqm`.
"""

from __future__ import annotations

import re
from typing import cast

from redraft.agents.parsing.json_text import Json, find_json, plain_key
from redraft.agents.parsing.mqm import Reading, parse_mqm, read_lines
from redraft.agents.parsing.mqm_item import Item, read_category, read_items
from redraft.agents.parsing.mqm_words import SEVERITIES, is_dimension, normal_category, says_nothing
from redraft.agents.parsing.visible import mend, unread, visible
from redraft.schema import Finding, Severity, Unparsed

_SECTION = re.compile(r"(critical|major|minor)(?:errors?|issues?|severity)?")
_LISTS = {"errors", "errorlist", "annotations", "issues", "findings", "mqm", "mqmerrors", "mqmannotations", "result"}
_LISTS |= {"results", "translationerrors", "erroranalysis", "annotation", "output", "evaluation"}
_CATEGORY = ("category", "errorcategory", "errortype", "type", "mqmcategory", "error", "issue", "label")
_SUBCATEGORY = ("subcategory", "errorsubcategory", "subtype", "errorsubtype")
_SPAN = (
    *("span", "errorspan", "text", "errortext", "quote", "targetspan", "translationspan", "phrase", "word", "segment"),
    *("excerpt", "content", "marked", "sourcespan"),
)
_SEVERITY = ("severity", "severitylevel", "errorseverity", "level", "errorlevel")
_EXPLANATION = ("explanation", "reason", "description", "comment", "rationale", "justification", "note", "details")
_MAX_NESTING = 4


def parse_mqm_json(text: str, *, non_translation_critical: bool = False) -> tuple[Finding, ...] | Unparsed:
    """Read a reply in JSON, broken JSON included. The option is that of `mqm.parse_mqm`."""
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    verdict = _read_json(text, said, non_translation_critical)
    return unread(text, "no JSON that lists errors") if verdict is None else verdict


def parse_mqm_any(text: str, *, non_translation_critical: bool = False) -> tuple[Finding, ...] | Unparsed:
    """Read a reply in JSON if it holds any that lists errors, and in the line format otherwise."""
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    verdict = _read_json(text, said, non_translation_critical)
    if verdict:
        return verdict
    lines = parse_mqm(text, non_translation_critical=non_translation_critical)
    # Errors in lines beside an empty JSON list: the list may be quoted from the judged text.
    return lines if verdict is None or (isinstance(lines, tuple) and lines) else verdict


def _read_json(raw: str, said: str, non_translation_critical: bool) -> tuple[Finding, ...] | Unparsed | None:
    """None where there is no JSON of a shape that lists errors."""
    found = find_json(said)
    readings: list[tuple[Json, Reading]] = []
    for value in found.values:
        reading = Reading()
        if _read_value(value, reading, 0):
            readings.append((value, reading))
    if not readings:
        return None
    if all(isinstance(value, dict) and _is_error(value) for value, _ in readings):
        whole = Reading()  # one error per line
        for _, reading in readings:
            _merge(reading, whole)
    else:
        whole = readings[-1][1]
    verdict = whole.verdict(raw, non_translation_critical)
    return unread(raw, "cut short before its end") if verdict == () and found.cut_short else verdict


def _read_value(value: Json, reading: Reading, nesting: int) -> bool:
    """Take in `value` if it has a shape that lists errors; returns whether it has."""
    if nesting > _MAX_NESTING:
        return False
    if isinstance(value, list):
        if not value and nesting <= 1:
            reading.covered.update(SEVERITIES)
            return True
        errors = [entry for entry in value if isinstance(entry, dict) and (_is_error(entry) or _sections(entry))]
        for entry in errors:
            if not _read_sections(entry, reading):
                _read_error(entry, None, reading)
        lines = [read_lines(mend(entry)) for entry in value if isinstance(entry, str)]
        for part in lines:
            _merge(part, reading)
        reading.unread += [str(entry) for entry in value if entry not in errors and not isinstance(entry, str)]
        return bool(errors) or any(part.items for part in lines)
    if not isinstance(value, dict):
        return False
    if _read_sections(value, reading):
        return True
    if _is_error(value):
        _read_error(value, None, reading)
        return True
    listed = {key: inner for key, inner in value.items() if plain_key(key) in _LISTS}
    if any(inner is None or (isinstance(inner, str) and says_nothing(inner)) for inner in listed.values()):
        reading.covered.update(SEVERITIES)
        return True
    recognised = [_read_value(inner, reading, nesting + 1) for inner in listed.values()]
    return any(recognised)


def _sections(value: dict[str, Json]) -> dict[str, Json]:
    return {match[1]: inner for key, inner in value.items() if (match := _SECTION.fullmatch(plain_key(key)))}


def _read_sections(value: dict[str, Json], reading: Reading) -> bool:
    sections = _sections(value)
    for name, inner in sections.items():
        severity = cast(Severity, name)
        reading.covered.add(severity)
        _read_section(inner, severity, reading)
    return bool(sections)


def _read_section(value: Json, severity: Severity, reading: Reading) -> None:
    if isinstance(value, str):
        _merge(read_lines(mend(value), severity), reading)
    elif isinstance(value, list):
        texts = [entry for entry in value if isinstance(entry, str)]
        if len(texts) == len(value) == 2 and _is_category(texts[0]) and not read_items(texts[1]):
            reading.items.append(Item(normal_category(texts[0]), [mend(texts[1])], severity))
            return
        for entry in value:
            _read_section(entry, severity, reading)
    elif isinstance(value, dict) and (_is_error(value) or _field(value, _SPAN)):
        _read_error(value, severity, reading)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if not _is_category(key):
                reading.unread.append(key)
            elif spans := _texts(inner):
                reading.items.append(Item(normal_category(key), spans, severity))
    elif value:
        reading.unread.append(str(value))


def _read_error(value: dict[str, Json], section: Severity | None, reading: Reading) -> None:
    category = _field(value, _CATEGORY)
    if not isinstance(category, str) or not category.strip():
        reading.unread.append("an error without a category")
        return
    category = mend(category)
    if says_nothing(category):
        return
    explanation = _field(value, _EXPLANATION)
    stated = re.findall("critical|major|minor", str(_field(value, _SEVERITY) or "").lower())
    severity = cast(Severity, stated[0]) if len(set(stated)) == 1 else section
    spans = [span for span in _texts(_field(value, _SPAN)) if not says_nothing(span)]
    items = [] if read_category(category) or spans else read_items(category)
    for item in items or [Item(normal_category(category), spans)]:
        item.severity = severity or item.severity
        item.explanation = item.explanation or (mend(explanation) if isinstance(explanation, str) else "")
        subcategory = _field(value, _SUBCATEGORY)
        if isinstance(subcategory, str) and subcategory.strip() and is_dimension(item.category):
            item.category = normal_category(f"{item.category}/{mend(subcategory)}")
        reading.items.append(item)


def _is_error(value: dict[str, Json]) -> bool:
    keys = {plain_key(key) for key in value}
    return isinstance(_field(value, _CATEGORY), str) and not keys.isdisjoint(
        (*_SPAN, *_SEVERITY, "category", "errortype")
    )


def _is_category(text: str) -> bool:
    return len(text) < 60 and read_category(text) is not None


def _field(value: dict[str, Json], names: tuple[str, ...]) -> Json:
    """The first of the fields `names` that is there and not empty."""
    plain = {plain_key(key): inner for key, inner in value.items()}
    return next((plain[name] for name in names if plain.get(name)), None)


def _texts(value: Json) -> list[str]:
    """The spans in a field: one text, or a list of texts or of objects that hold one."""
    if isinstance(value, dict):
        return _texts(_field(value, _SPAN))
    texts = value if isinstance(value, list) else [value]
    inner = [_field(text, _SPAN) if isinstance(text, dict) else text for text in texts]
    return [mend(text).strip() for text in inner if isinstance(text, str) and text.strip()]


def _merge(part: Reading, whole: Reading) -> None:
    whole.items += part.items
    whole.unread += part.unread
    whole.covered |= part.covered
