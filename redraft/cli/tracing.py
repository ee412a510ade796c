"""Where the spans of `redraft run --trace` go: to an OpenTelemetry collector, as the environment says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from redraft.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


def to_collector() -> TracerProvider:
    """What sends spans over OTLP/HTTP in the background, and the last of them when the program exits.

    The standard `OTEL_*` variables say where to, how many and under which name (default: the service `redraft` to
    http://localhost:4318). Raises MissingExtra without the extra `telemetry`, ConfigError for another protocol.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise MissingExtra("OpenTelemetry", "telemetry") from error
    for variable in ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        if (protocol := os.environ.get(variable, "http/protobuf")) != "http/protobuf":
            raise ConfigError(f"${variable} is {protocol!r}, and spans are sent by http/protobuf only")
    named = OTELResourceDetector().detect().attributes
    provider = TracerProvider(resource=Resource.create({"service.name": "redraft", **named}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
