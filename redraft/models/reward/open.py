"""From a string to what runs a reward model's weights. Nothing is loaded, reached or imported for it yet."""

from __future__ import annotations

import os

from redraft.models.reward.base import Engine, Head


def open_engine(
    spec: str,
    head: Head,
    *,
    chat: bool | None = None,
    dtype: str | None = None,
    batch_size: int = 8,
    api_key: str | None = None,
    timeout: float = 600.0,
) -> Engine:
    """What runs the model `spec`: `http://HOST:PORT/v1#NAME` on a vLLM server, any other a folder or a hub id, in
    transformers in this process. `api_key` (default: `$OPENAI_API_KEY`) and `timeout` (seconds) are for servers,
    `dtype` and `batch_size` for this process. Raises ConfigError for an address that is none.
    """
    if spec.startswith(("http://", "https://")):
        from redraft.models.reward.served import Served

        url, _, name = spec.partition("#")
        return Served(url, name or None, api_key or os.environ.get("OPENAI_API_KEY"), timeout, chat=chat)
    from redraft.models.reward.in_process import InProcess

    return InProcess(spec, head, chat=chat, dtype=dtype, batch_size=batch_size)
