"""The runs that a checkpointer keeps, each under the name of its thread: starting one, what it waits for, going on.

What is asked and what an answer means is `redraft.verifiers.person`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, Interrupt, StateSnapshot
from pydantic import ValidationError

from redraft.errors import ConfigError
from redraft.verifiers.person import Answer, Question, is_answer

INTERRUPT = "__interrupt__"
"""The key under which LangGraph says that a run has paused, beside those of the state."""


class Threads:
    """The threads of `graph`. Raises ConfigError for one that cannot be used as asked, and says what to do."""

    def __init__(self, graph: CompiledStateGraph[Any, Any, Any, Any]) -> None:
        self._graph = graph
        self._kept = isinstance(graph.checkpointer, BaseCheckpointSaver)

    async def start(self, thread: str | None) -> RunnableConfig | None:
        """The config of a new run; None where nothing is kept."""
        if not thread:
            if self._kept:
                raise ConfigError("with a checkpointer a run needs a name to be found by: give thread=NAME")
            return None
        config = self._config(thread)
        if (await self._graph.aget_state(config)).created_at:
            raise ConfigError(f"there is a thread {thread!r} already: resume it, or give this run another name")
        return config

    async def at(self, thread: str) -> StateSnapshot:
        """Where the run in `thread` stands."""
        snapshot = await self._graph.aget_state(self._config(thread))
        if not snapshot.created_at:
            raise ConfigError(f"there is no thread {thread!r} in this checkpointer")
        if (method := (snapshot.metadata or {}).get("method")) not in (None, self._graph.name):
            raise ConfigError(f"thread {thread!r} is a run of {method}, not of {self._graph.name}")
        return snapshot

    def go_on(
        self, thread: str, snapshot: StateSnapshot, answer: Answer | None
    ) -> tuple[Command[str] | None, RunnableConfig]:
        """What to give the graph so that it goes on: the answer to the first question that waits, if one does."""
        if answer is None:
            return None, self._config(thread)
        if not snapshot.interrupts:
            raise ConfigError(f"thread {thread!r} waits for no answer")
        if not is_answer(answer):
            raise ConfigError(f"an answer is True, False or 'tie', not {answer!r}")
        asked = snapshot.interrupts[0]
        _question(asked, snapshot.values)
        return Command(resume={asked.id: {"asked": asked.value, "answer": answer}}), self._config(thread)

    def questions(self, snapshot: StateSnapshot) -> tuple[Question, ...]:
        """What a person is asked there."""
        return tuple(_question(asked, snapshot.values) for asked in snapshot.interrupts)

    def _config(self, thread: str) -> RunnableConfig:
        if not self._kept:
            raise ConfigError(f"thread {thread!r} needs a checkpointer to keep it: workflow(..., checkpointer=SAVER)")
        return {"configurable": {"thread_id": thread}, "metadata": {"method": self._graph.name}}


def _question(asked: Interrupt, values: Mapping[str, object]) -> Question:
    try:
        return Question.model_validate({**asked.value, "findings": values.get("findings", ())})
    except (TypeError, ValidationError) as error:
        raise ConfigError(
            "the run waits for something that no Person asked: answer it with Command(resume=...) on workflow.graph"
        ) from error
