"""Recordings: real replies of a model, kept as JSON lines and played back where the model itself is not at hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from redraft.errors import ConfigError
from redraft.models.base import ChatModel, ChatRequest, ChatResponse
from redraft.models.errors import NotRecorded
from redraft.models.key import request_key
from redraft.models.wrapper import Wrapper


@dataclass(frozen=True, slots=True)
class Exchange:
    """One line of a recording."""

    identity: str
    request: ChatRequest
    response: ChatResponse


_EXCHANGE: TypeAdapter[Exchange] = TypeAdapter(Exchange)


class Recorder(Wrapper):
    """Appends every exchange with `model` to the file at `path`, as it happens. Failed chats leave no line."""

    def __init__(self, model: ChatModel, path: Path) -> None:
        super().__init__(model)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise ConfigError(f"the recording {path} cannot be written: {error}") from error

    async def chat(self, request: ChatRequest) -> ChatResponse:
        response = await self.model.chat(request)
        # Unbuffered and in one write, so that recorders of several models may share a file.
        self._file.write(_EXCHANGE.dump_json(Exchange(await self.settled_identity(), request, response)) + b"\n")
        return response

    async def aclose(self) -> None:
        self._file.close()
        await super().aclose()


class Recorded:
    """Plays the recording at `path` back; of equal requests the first reply stands.

    `identity` says whose replies to play, where the file holds several models'. Raises ConfigError for a file that is
    not a recording, and NotRecorded for a request that it does not hold.
    """

    def __init__(self, path: Path, identity: str | None = None) -> None:
        self._path = path
        exchanges = _read(path)
        models = list(dict.fromkeys(exchange.identity for exchange in exchanges))
        if identity not in models and (identity is not None or len(models) != 1):
            raise ConfigError(f"{path} holds recordings of {', '.join(models) or 'no model'}; name one of them")
        self._identity = identity or models[0]
        self._responses: dict[bytes, ChatResponse] = {}
        for exchange in exchanges:
            if exchange.identity == self._identity:
                self._responses.setdefault(request_key(self._identity, exchange.request), exchange.response)

    @property
    def name(self) -> str:
        return f"recorded:{self._path}"

    @property
    def identity(self) -> str:
        """The recorded model's own, so that a response store holds one answer for both."""
        return self._identity

    async def chat(self, request: ChatRequest) -> ChatResponse:
        response = self._responses.get(request_key(self._identity, request))
        if response is None:
            end = request.messages[-1].content[-200:] if request.messages else ""
            raise NotRecorded(f"{self._path} holds no such request to {self._identity}; its prompt ends {end!r}")
        return response

    async def aclose(self) -> None:
        """Nothing to let go of."""


def _read(path: Path) -> list[Exchange]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise ConfigError(f"the recording {path} cannot be read: {error}") from error
    exchanges = []
    for number, line in enumerate(lines, start=1):
        try:
            exchanges.append(_EXCHANGE.validate_json(line))
        except ValidationError as error:
            raise ConfigError(f"{path}, line {number}: not a recorded exchange: {error.errors()[0]['msg']}") from error
    return exchanges
