"""The methods redraft ships, by name. A method of your own needs no entry here: hand it to `workflow` as it is."""

from __future__ import annotations

from typing import Any

from redraft.errors import ConfigError
from redraft.graphs import cove, mqm_ape, rci, self_refine, tear
from redraft.graphs.method import Method

METHODS: dict[str, Method[Any, Any]] = {
    method.name: method for method in (mqm_ape.METHOD, tear.METHOD, self_refine.METHOD, rci.METHOD, cove.METHOD)
}


def find(name: str) -> Method[Any, Any]:
    """The method of that name. Raises ConfigError with the names there are."""
    if name not in METHODS:
        raise ConfigError(f"there is no method {name!r}; there are {', '.join(METHODS)}")
    return METHODS[name]
