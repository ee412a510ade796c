"""A run's numbers for Prometheus, served while it goes on. They are of the records; one line each is in `Events`."""

from __future__ import annotations

from redraft.engine.records import Bad, Record
from redraft.errors import ConfigError, MissingExtra
from redraft.schema import StopReason


class Metrics:
    """Serves `http://127.0.0.1:PORT/metrics`, to this machine alone, from now until the run ends.

    Counters begin at zero in this process; the gauges also count what an earlier run had finished that this one
    continues. Tokens and calls are those of the results, so a reply from the response store counts as the call that
    first made it. `port` is the one listened at (0: any that is free).

    Raises MissingExtra without the extra `telemetry`, ConfigError where the port cannot be had.
    """

    def __init__(self, port: int) -> None:
        try:
            from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server
        except ImportError as error:
            raise MissingExtra("the Prometheus client", "telemetry") from error
        registry = CollectorRegistry()

        def counter(name: str, what: str, *labels: str) -> Counter:
            return Counter(f"redraft_{name}", what, labels, registry=registry)

        self._input = Gauge("redraft_input_items", "Lines of the input", registry=registry)
        self._finished = Gauge("redraft_finished_items", "Lines with a record", registry=registry)
        self._items = counter("items", "Items with a result, by why the method ended", "stop")
        self._failed = counter("failed_items", "Items with a result in which a call brought no reply")
        self._bad = counter("bad_items", "Lines without a result, by cause", "cause")
        self._errors = counter("errors", "Reasons why calls brought no reply, by cause", "cause")
        self._unparsed = counter("unparsed_replies", "Replies that could not be read")
        self._findings = counter("findings", "Findings, by severity", "severity")
        self._revisions = counter("revisions", "Revisions, by whether they stand or the draft was kept", "outcome")
        self._calls = counter("calls", "Model calls")
        self._prompt = counter("prompt_tokens", "Tokens of prompts, the cached ones included")
        self._cached = counter("cached_tokens", "Tokens of prompts that the server had in its prefix cache")
        self._completion = counter("completion_tokens", "Tokens of completions")
        self._seconds = counter("model_seconds", "Seconds of model time, calls side by side added up")
        for stop in StopReason:
            self._items.labels(stop)
        for outcome in ("accepted", "kept"):
            self._revisions.labels(outcome)
        self._begun = False
        try:
            self._server, self._thread = start_http_server(port, "127.0.0.1", registry)
        except OSError as error:
            raise ConfigError(f"the metrics cannot be served at port {port}: {error.strerror}") from error
        self.port = self._server.server_port

    def begin(self, total: int | None, done: int) -> None:
        self._begun = True
        self._finished.set(done)
        if total is not None:
            self._input.set(total)

    def add(self, record: Record) -> None:
        if not self._begun:
            return
        self._finished.inc()
        if isinstance(record, Bad):
            self._bad.labels(record.error.cause).inc()
            return
        result, usage = record.result, record.result.usage
        self._items.labels(result.stop).inc()
        self._failed.inc(record.failed)
        self._unparsed.inc(len(result.unparsed))
        for error in result.errors:
            self._errors.labels(error.cause).inc()
        for finding in result.findings:
            self._findings.labels(finding.severity).inc()
        for revision in result.revisions:
            self._revisions.labels("accepted" if revision.accepted else "kept").inc()
        self._calls.inc(usage.calls)
        self._prompt.inc(usage.prompt_tokens)
        self._cached.inc(usage.cached_tokens)
        self._completion.inc(usage.completion_tokens)
        self._seconds.inc(usage.seconds)

    def end(self, reason: str | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
