"""How a run looks while it goes on: a live line on a terminal, else a plain line now and then. Both are drawn at
intervals and never per record, so that watching costs nothing."""

from __future__ import annotations

import time

from rich.console import Console
from rich.live import Live
from rich.text import Text

from redraft.cli.tally import Tally
from redraft.engine.records import Record
from redraft.graphs.workflow import Workflow, unique
from redraft.models.base import is_chat_model
from redraft.models.breaker import Breaker
from redraft.models.wrapper import wrappers

INTERVAL = 2.0
"""Seconds between two plain lines; the live line is drawn twice a second."""


class Progress:
    """Shows on `console` what `tally` counts."""

    def __init__(self, console: Console, tally: Tally, flow: Workflow | None = None) -> None:
        self._console = console
        self._tally = tally
        self._breakers = [
            layer
            for player in unique(flow.players.values() if flow else ())
            if is_chat_model(player)
            for layer in wrappers(player)
            if isinstance(layer, Breaker)
        ]
        self._live = Live(get_renderable=self._status, console=console, refresh_per_second=2, transient=True)
        self._begun = False
        self._shown = 0.0

    def begin(self, total: int | None, done: int) -> None:
        self._begun = True
        if done:
            self._console.print(f"continuing: {done} records are there already", markup=False, highlight=False)
        if self._console.is_terminal:
            self._live.start()

    def add(self, record: Record) -> None:
        now = time.monotonic()
        if self._begun and not self._console.is_terminal and now - self._shown > INTERVAL:
            self._shown = now
            self._console.print(f"{self._tally.line(record)}  ({self._tally.status()})", markup=False, highlight=False)

    def end(self, reason: str | None) -> None:
        self._live.stop()

    def _status(self) -> Text:
        down = any(breaker.down for breaker in self._breakers)
        return Text(("waiting for the server: " if down else "") + self._tally.status(), "yellow" if down else "")
