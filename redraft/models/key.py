"""The key of a request: what the response store and recordings file a response under. Nothing else lives here."""

from __future__ import annotations

from hashlib import sha256

from pydantic import TypeAdapter

from redraft.models.base import ChatRequest

_REQUEST: TypeAdapter[ChatRequest] = TypeAdapter(ChatRequest)


def request_key(identity: str, request: ChatRequest) -> bytes:
    """SHA-256 of everything that decides a response: the model's identity and the request, as JSON.

    Kinds of constraint do not meet: each names its field otherwise.
    """
    return sha256(identity.encode() + b"\n" + _REQUEST.dump_json(request)).digest()
