"""What a checkpointer must know to give a state back as it was: the types that may be rebuilt from its file."""

from __future__ import annotations

from copy import copy
from dataclasses import is_dataclass
from typing import get_args, get_type_hints, is_typeddict

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.types import Checkpointer
from pydantic import BaseModel


def knowing(checkpointer: Checkpointer, state: type) -> Checkpointer:
    """`checkpointer`, allowed to rebuild every type in `state`, and no other where it came with no serializer.

    LangGraph rebuilds any type that a file names and warns of it, unless it is given a list; with
    `LANGGRAPH_STRICT_MSGPACK` it makes one itself, the same as ours. A serializer of the user's own gets the list
    added where it takes one.
    """
    if not isinstance(checkpointer, BaseCheckpointSaver):
        return checkpointer
    allowed = types_in(state)
    if checkpointer.serde is not BaseCheckpointSaver.serde:
        return checkpointer.with_allowlist(allowed)
    checkpointer = copy(checkpointer)
    checkpointer.serde = JsonPlusSerializer(allowed_msgpack_modules=allowed)
    return checkpointer


def types_in(state: type) -> set[tuple[str, ...]]:
    """Module and name of every class that the hints of `state` mention, and of those that these mention."""
    found: set[type] = set()

    def look(hint: object) -> None:
        if isinstance(hint, type) and hint not in found and hint.__module__ != "builtins":
            found.add(hint)
            if issubclass(hint, BaseModel):
                inner = [field.annotation for field in hint.model_fields.values()]
            else:
                inner = list(get_type_hints(hint).values()) if is_typeddict(hint) or is_dataclass(hint) else []
            for part in inner:
                look(part)
        for part in get_args(hint):
            look(part)

    look(state)
    return {(kind.__module__, kind.__name__) for kind in found}
