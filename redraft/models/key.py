"""The key of a request: what the response store and recordings file a response under. Nothing else lives here."""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import sha256

from redraft.models.base import ChatRequest


def request_key(identity: str, request: ChatRequest) -> str:
    """SHA-256 (hex) of canonical JSON of everything that decides a response: the model's identity and the request."""
    fields = asdict(request)
    # A constraint's class decides as much as its fields do: two kinds may hold the same text.
    fields["constraint"] = [type(request.constraint).__name__, fields["constraint"]]
    canonical = json.dumps([identity, fields], sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()
