"""Output constraints that agents share, for backends that can hold a model to them."""

import json

from redraft.models.base import JsonSchema


def text_schema(key: str, longest: int = 4000) -> JsonSchema:
    """A JSON object with one text under `key`, bounded in characters: unbounded strings can run to the token limit."""
    text = {"type": "string", "minLength": 1, "maxLength": longest}
    schema = {"type": "object", "properties": {key: text}, "required": [key], "additionalProperties": False}
    return JsonSchema(json.dumps(schema, separators=(",", ":")))
