"""The methods redraft ships, by name. A method of your own needs no entry here: hand it to `workflow` as it is."""

from __future__ import annotations

from typing import Any

from redraft.errors import ConfigError
from redraft.graphs import (
    best_of_n,
    cove,
    debate,
    decrim,
    glore,
    iaprompt,
    magicore,
    mqm_ape,
    rci,
    reflexion,
    self_consistency,
    self_debug,
    self_refine,
    supercorrect,
    tear,
)
from redraft.graphs.method import Method

METHODS: dict[str, Method[Any, Any]] = {
    module.METHOD.name: module.METHOD
    for module in (
        mqm_ape,
        tear,
        self_refine,
        rci,
        cove,
        self_consistency,
        best_of_n,
        debate,
        magicore,
        iaprompt,
        decrim,
        self_debug,
        reflexion,
        supercorrect,
        glore,
    )
}


def find(name: str) -> Method[Any, Any]:
    """The method of that name. Raises ConfigError with the names there are."""
    if name not in METHODS:
        raise ConfigError(f"there is no method {name!r}; there are {', '.join(METHODS)}")
    return METHODS[name]
