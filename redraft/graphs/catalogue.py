"""The methods redraft ships, by name. A method of your own needs no entry here: hand it to `workflow` as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from redraft.errors import ConfigError
from redraft.graphs.compose import in_row
from redraft.graphs.method import Method

_NAMES = (
    "mqm-ape",
    "tear",
    "self-refine",
    "rci",
    "cove",
    "self-consistency",
    "best-of-n",
    "debate",
    "magicore",
    "iaprompt",
    "decrim",
    "self-debug",
    "reflexion",
    "critic",
    "supercorrect",
    "glore",
    "rarr",
    "mcts",
    "round-trip",
    "formulate-and-solve",
    "llmopt",
    "lyra",
    "tool-correction",
    "toolace-r",
    "latm-make",
    "latm",
    "alpha-umi",
    "ste",
)
"""As in the README's table. The file of `mqm-ape` is `mqm_ape.py`, and so on."""


class _Methods(Mapping[str, Method[Any, Any]]):
    """Each is imported when it is asked for, so that a run loads no method but its own."""

    def __getitem__(self, name: str) -> Method[Any, Any]:
        if name not in _NAMES:
            raise KeyError(name)
        method: Method[Any, Any] = import_module(f"redraft.graphs.{name.replace('-', '_')}").METHOD
        return method

    def __iter__(self) -> Iterator[str]:
        return iter(_NAMES)

    def __len__(self) -> int:
        return len(_NAMES)


METHODS: Mapping[str, Method[Any, Any]] = _Methods()


def find(name: str) -> Method[Any, Any]:
    """The method of that name, or the row of methods of those names (`cove+self-refine`).

    Raises ConfigError with the names there are.
    """
    if "+" in name:
        return compose(*name.split("+"))
    if name not in METHODS:
        raise ConfigError(f"there is no method {name!r}; there are {', '.join(METHODS)}")
    return METHODS[name]


def compose(*stages: str | Method[Any, Any]) -> Method[Any, Any]:
    """Methods in a row, by name or as they are: the final draft of each is the draft of the next (`graphs.compose`).

    Settings are given by stage (`{"cove": {"questions": 3}}` or `cove.questions=3`), roles for all stages (`critic`) or
    for one (`cove.critic`). Source: CorrectBench (arXiv 2510.16062), mixtures. Raises ConfigError for a name that is
    not there and for stages that no kind of task suits.
    """
    return in_row([find(stage) if isinstance(stage, str) else stage for stage in stages])
