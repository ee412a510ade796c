"""What a run over a file adds up to, for a person and for a program."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import timedelta

from rich.console import Console

from redraft.cli.view import cached_share, scores_text, summary_view, usage_text
from redraft.engine.records import Bad, Record
from redraft.graphs.workflow import Workflow
from redraft.models.store import Stored
from redraft.schema import Usage

SHOWN = 50
"""The summary tells of each item up to this many; beyond it, `redraft show` does."""


class Tally:
    """Counts the records of one run as they come; memory does not grow with the run."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._counts: Counter[str] = Counter()
        self._stops: Counter[str] = Counter()
        self._usage = Usage()
        self._shown: list[Record] = []
        self.paid: int | None = None
        """How many calls the models really answered, the others having come from the store; once that is known."""
        self.total: int | None = None
        self._before = 0
        self._tokens_before = 0

    def begin(self, total: int | None, done: int) -> None:
        """What was counted so far is from the run that this one continues."""
        self.total, self._before = total, done
        self._tokens_before = self._usage.completion_tokens
        self._start = time.perf_counter()

    def end(self, reason: str | None) -> None:
        """Nothing to do: `finish` needs the workflow."""

    def add(self, record: Record) -> None:
        """Count `record`."""
        self._counts["lines"] += 1
        if len(self._shown) <= SHOWN:
            self._shown.append(record)
        if isinstance(record, Bad):
            self._counts["bad"] += 1
            return
        result = record.result
        self._stops[result.stop] += 1
        self._usage = Usage.total((self._usage, result.usage))
        self._counts["failed"] += record.failed
        self._counts["unparsed"] += len(result.unparsed)
        self._counts["findings"] += len(result.findings)
        self._counts["revisions"] += len(result.revisions)
        self._counts["accepted"] += sum(revision.accepted for revision in result.revisions)

    @property
    def clean(self) -> bool:
        """Whether every line gave a result and no call failed."""
        return not (self._counts["bad"] or self._counts["failed"])

    @property
    def lines(self) -> int:
        """Records so far, those of a continued run included."""
        return self._counts["lines"]

    def status(self) -> str:
        """Where the run stands, on one line: items, calls, rates, cache, what was accepted, errors, time left."""
        counts, usage = self._counts, self._usage
        seconds = max(time.perf_counter() - self._start, 1e-9)
        rate = (self.lines - self._before) / seconds
        words = [
            f"{self.lines}/{self.total}" if self.total else f"{self.lines}",
            f"{rate:.3g} items/s",
            f"{usage.calls} calls",
            f"{(usage.completion_tokens - self._tokens_before) / seconds:.0f} tokens/s",
            f"{cached_share(usage):.0%} of the prompts cached",
            f"{counts['accepted']} of {counts['revisions']} revisions accepted",
            f"{counts['bad'] + counts['failed']} errors",
        ]
        if self.total and rate:
            words.append(f"{timedelta(seconds=round((self.total - self.lines) / rate))} left")
        return ", ".join(words)

    def line(self, record: Record) -> str:
        """One record on one line, as it finishes."""
        number = self._counts["lines"]
        if isinstance(record, Bad):
            return f"[{number}] {record.id or '-'}: {record.error.message}"
        result = record.result
        kept = sum(revision.accepted for revision in result.revisions)
        words = [
            str(result.stop),
            f"{len(result.findings)} findings" if result.findings else "",
            f"{kept} of {len(result.revisions)} revisions accepted" if result.revisions else "",
            scores_text(result.scores),
            f"{len(result.unparsed)} replies not read" if result.unparsed else "",
            "; ".join(error.message for error in result.errors),
        ]
        return f"[{number}] {record.id}: " + ", ".join(word for word in words if word)

    def finish(self, flow: Workflow) -> None:
        """Note what the models of `flow`, those of its verifiers too, were really asked."""
        stores = [model for model in flow.models if isinstance(model, Stored)]
        if stores:
            self.paid = sum(model.misses for model in stores)

    def to_json(self) -> str:
        """The summary as JSON."""
        counts = {name: self._counts[name] for name in ("lines", "bad", "failed", "unparsed")}
        more = {name: self._counts[name] for name in ("findings", "revisions", "accepted")}
        return json.dumps(
            {
                **counts,
                **more,
                "stops": dict(self._stops),
                "usage": self._usage.model_dump(exclude={"seconds"}),
                "cached_share": round(cached_share(self._usage), 4),
                "model_calls": self._usage.calls if self.paid is None else self.paid,
                "seconds": round(time.perf_counter() - self._start, 3),
            },
            indent=2,
        )

    def show(self, console: Console) -> None:
        """The summary for a person: each item, if they are few, then the counts and the cost."""
        if self._counts["lines"] <= SHOWN:
            console.rule("items", align="left")
            for record in self._shown:
                console.print(summary_view(record))
        console.rule("summary", align="left")
        counts, usage = self._counts, self._usage
        stops = ", ".join(f"{stop} {number}" for stop, number in self._stops.most_common())
        console.print(f"{counts['lines']} lines: {stops}" + (f", bad {counts['bad']}" if counts["bad"] else ""))
        console.print(
            f"{counts['findings']} findings; {counts['accepted']} of {counts['revisions']} revisions accepted; "
            f"{counts['unparsed']} replies not read; {counts['failed']} items with failed calls"
        )
        console.print(usage_text(usage))
        stored = "" if self.paid is None else f", {self.paid} of the calls made now, the rest from the store"
        console.print(f"{time.perf_counter() - self._start:.1f} s{stored}", highlight=False)
