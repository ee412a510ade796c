"""The methods redraft ships, by name. A method of your own needs no entry here: hand it to `workflow` as it is."""

from __future__ import annotations

from typing import Any

from redraft.errors import ConfigError
from redraft.graphs import (
    alpha_umi,
    best_of_n,
    cove,
    critic,
    debate,
    decrim,
    formulate_and_solve,
    glore,
    iaprompt,
    latm,
    latm_make,
    llmopt,
    lyra,
    magicore,
    mcts,
    mqm_ape,
    rarr,
    rci,
    reflexion,
    round_trip,
    self_consistency,
    self_debug,
    self_refine,
    ste,
    supercorrect,
    tear,
    tool_correction,
    toolace_r,
)
from redraft.graphs.compose import in_row
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
        critic,
        supercorrect,
        glore,
        rarr,
        mcts,
        round_trip,
        formulate_and_solve,
        llmopt,
        lyra,
        tool_correction,
        toolace_r,
        latm_make,
        latm,
        alpha_umi,
        ste,
    )
}


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
