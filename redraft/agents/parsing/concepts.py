"""The concepts that a model finds in texts: a short list, in a form that a repetition of those texts cannot have."""

from __future__ import annotations

import re

from redraft.agents.parsing.ruling import read_object
from redraft.agents.parsing.visible import mend, unread, visible
from redraft.schema import Unparsed


def parse_concepts(text: str, code: str) -> tuple[str, ...] | Unparsed:
    """Read a reply that ends in a line `Concepts CODE:` and below it one concept a line, each after a `-`."""
    said = visible(text)
    if isinstance(said, Unparsed):
        return said
    heads = list(
        re.finditer(rf"^[ \t*_]*concepts {re.escape(code)}[*_]*:[ \t*_]*$", said, re.IGNORECASE | re.MULTILINE)
    )
    if not heads:
        return unread(text, f"no list of concepts under the code {code}")
    lines = [line.strip() for line in said[heads[-1].end() :].split("\n") if line.strip()]
    items = [re.fullmatch(r"[-*•]\s+(.+)", line) for line in lines]
    if not items or None in items:
        return unread(text, "the list of concepts is empty, or some of its lines are no items")
    return _once([item[1] for item in items if item])


def parse_concepts_json(text: str, judged: str) -> tuple[str, ...] | Unparsed:
    """Read a reply that is a JSON object of `concepts`, a list of texts; one that stands in `judged` is none."""
    fields = read_object(text, ("concepts",), judged)
    if isinstance(fields, Unparsed):
        return fields
    items = fields["concepts"]
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        return unread(text, "concepts must be a list of texts")
    concepts = _once([mend(item) for item in items])
    return concepts or unread(text, "the list of concepts is empty")


def _once(concepts: list[str]) -> tuple[str, ...]:
    """Each concept once, in order, whatever its case."""
    first: dict[str, str] = {}
    for concept in concepts:
        plain = " ".join(concept.split())
        first.setdefault(plain.casefold(), plain)
    return tuple(filter(None, first.values()))
