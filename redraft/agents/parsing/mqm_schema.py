"""The MQM annotation as JSON Schema, for backends that can hold a critic to it. Every string and list is bounded."""

from __future__ import annotations

import json

CATEGORIES = (
    *(f"accuracy/{kind}" for kind in ("addition", "mistranslation", "omission", "untranslated text")),
    *(
        f"fluency/{kind}"
        for kind in (
            "character encoding",
            "grammar",
            "inconsistency",
            "punctuation",
            "register",
            "spelling",
        )
    ),
    "style/awkward",
    "terminology/inappropriate for context",
    "terminology/inconsistent use",
    "non-translation",
    "other",
)
"""The categories of GEMBA-MQM (arXiv 2310.13988), without locale convention."""


def _schema() -> dict[str, object]:
    error = {
        "type": "object",
        "properties": {
            "category": {"type": "string", "enum": CATEGORIES},
            "span": {"type": "string", "minLength": 1, "maxLength": 200},
        },
        "required": ["category", "span"],
        "additionalProperties": False,
    }
    severities = ("critical", "major", "minor")
    return {
        "type": "object",
        "properties": {severity: {"type": "array", "items": error, "maxItems": 5} for severity in severities},
        "required": severities,
        "additionalProperties": False,
    }


MQM_SCHEMA = json.dumps(_schema(), separators=(",", ":"))
"""An object with the lists `critical`, `major` and `minor` of {category, span}, at most five in each."""
