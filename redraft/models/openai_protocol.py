"""The OpenAI chat protocol as plain data: a request's body, a reply's meaning, an error's class. No network here.

Servers differ where the protocol says nothing, above all in constraints; `Dialect` names the differences.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import from_json

from redraft.models.base import (
    ChatRequest,
    Choice,
    Completion,
    Grammar,
    JsonSchema,
    OutputConstraint,
    Regex,
    TokenLogprob,
)
from redraft.models.errors import (
    BadRequest,
    MalformedReply,
    ModelError,
    PromptTooLong,
    RateLimited,
    ServerFault,
    TimedOut,
    Unsupported,
)
from redraft.schema import Usage

Body = dict[str, JsonValue]


class Dialect(StrEnum):
    """Who is speaking, as far as it changes what can be asked and how."""

    VLLM = "vllm"
    """`structured_outputs`; n completions in one request."""
    LLAMA_CPP = "llama.cpp"
    """`grammar` in GBNF. Its usage counts one of n completions, so n requests are sent instead."""
    LLGUIDANCE = "llama.cpp with llguidance"
    """llama.cpp built with llguidance, whose grammars also take regexes and JSON without free whitespace."""
    OPENAI = "openai"
    """Any other server: JSON schemas at most."""

    @property
    def one_at_a_time(self) -> bool:
        return self in (Dialect.LLAMA_CPP, Dialect.LLGUIDANCE)


# ---- asking ----------------------------------------------------------------------------------------------------


def seed_of(request: ChatRequest, index: int = 0) -> int | None:
    """The seed of a request's `index`-th completion: repeated samples of one seeded request must not be copies."""
    sampling = request.sampling
    return None if sampling.seed is None else sampling.seed + request.sample * sampling.n + index


def request_bodies(request: ChatRequest, model: str, dialect: Dialect, priority: int = 0) -> list[Body]:
    """The body to send, or the n bodies for a server that takes one completion at a time.

    `priority` (the lower goes first) is told to vLLM, which heeds it under `--scheduling-policy priority`.

    Raises Unsupported or BadRequest for a constraint that `dialect` cannot keep.
    """
    sampling = request.sampling
    body: Body = {
        "model": model,
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_tokens": sampling.max_tokens,
    }
    if dialect is Dialect.VLLM:
        body["priority"] = priority
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    if request.logprobs is not None:
        # llama.cpp takes `top_logprobs: 0` for "no log-probabilities"; `read_reply` trims to what was asked.
        body |= {"logprobs": True, "top_logprobs": max(request.logprobs, int(dialect.one_at_a_time))}
    if request.constraint is not None:
        body |= _constrain(request.constraint, dialect)

    def seeded(index: int) -> Body:
        seed = seed_of(request, index)
        return body if seed is None else body | {"seed": seed}

    if dialect.one_at_a_time:
        return [seeded(index) for index in range(sampling.n)]
    return [seeded(0) | ({"n": sampling.n} if sampling.n > 1 else {})]


def _constrain(constraint: OutputConstraint, dialect: Dialect) -> Body:
    if isinstance(constraint, Regex):
        _compile(constraint.pattern)
    match constraint, dialect:
        case JsonSchema(schema), Dialect.LLGUIDANCE:
            compact = _load_schema(schema) | {"x-guidance": {"whitespace_flexible": False}}
            return {"grammar": "%llguidance {}\nstart: %json " + json.dumps(compact)}
        case JsonSchema(schema), _:
            named: Body = {"name": "reply", "strict": True, "schema": _load_schema(schema)}
            return {"response_format": {"type": "json_schema", "json_schema": named}}
        case Choice(options), Dialect.VLLM:
            return {"structured_outputs": {"choice": list(options)}}
        case Regex(pattern), Dialect.VLLM:
            return {"structured_outputs": {"regex": pattern}}
        case Grammar(ebnf), Dialect.VLLM:
            return {"structured_outputs": {"grammar": ebnf}}
        case Choice(options), Dialect.LLAMA_CPP | Dialect.LLGUIDANCE:
            return {"grammar": "root ::= " + " | ".join(json.dumps(option, ensure_ascii=False) for option in options)}
        case Regex(pattern), Dialect.LLGUIDANCE:
            return {"grammar": "%llguidance {}\nstart: /" + _escape_slashes(pattern) + "/"}
        case Grammar(ebnf), Dialect.LLAMA_CPP | Dialect.LLGUIDANCE:
            return {"grammar": ebnf}
    kind = type(constraint).__name__.lower()
    able = "vLLM" if isinstance(constraint, Regex) else "vLLM and llama.cpp"
    raise Unsupported(f"this server ({dialect}) cannot hold a reply to a {kind}; {able} can")


def _load_schema(schema: str) -> Body:
    try:
        loaded = json.loads(schema)
    except ValueError as error:
        raise BadRequest(f"the JSON schema is not JSON: {error}") from error
    if not isinstance(loaded, dict):
        raise BadRequest("the JSON schema is not a JSON object")
    return loaded


def _escape_slashes(pattern: str) -> str:
    """`pattern` between slashes: every slash that is not yet escaped gets a backslash."""
    return re.sub(r"\\.|/", lambda found: r"\/" if found[0] == "/" else found[0], pattern, flags=re.DOTALL)


def _compile(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise BadRequest(f"the regex {pattern!r} cannot be read: {error}") from error


# ---- reading the reply -----------------------------------------------------------------------------------------


class _Alternative(BaseModel):
    token: str
    logprob: float


class _Token(_Alternative):
    top_logprobs: list[_Alternative] = []


class _Logprobs(BaseModel):
    content: list[_Token] | None = None


class _Message(BaseModel):
    content: str | None


class _Choice(BaseModel):
    index: int = 0
    message: _Message
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None


class _Details(BaseModel):
    cached_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _Details | None = None


class _Reply(BaseModel):
    choices: list[_Choice]
    usage: _Usage = _Usage()


def read_reply(raw: bytes, request: ChatRequest, n: int, dialect: Dialect) -> tuple[list[Completion], Usage]:
    """The `n` completions in `raw` and the tokens they cost (no calls, no seconds).

    Raises MalformedReply for anything but a whole reply, Unsupported where the server did not do as it was asked.
    """
    try:
        reply = _Reply.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "body"
        raise MalformedReply(f"not a chat completion: {where}: {first['msg']}; it begins {raw[:80]!r}") from error
    if len(reply.choices) < n:
        raise MalformedReply(f"{n} completions were asked for and {len(reply.choices)} came")
    choices = sorted(reply.choices, key=lambda choice: choice.index)[:n]
    details = reply.usage.prompt_tokens_details or _Details()
    usage = Usage(
        prompt_tokens=reply.usage.prompt_tokens,
        completion_tokens=reply.usage.completion_tokens,
        cached_tokens=details.cached_tokens or 0,
    )
    return [_completion(choice, request, dialect) for choice in choices], usage


def _completion(choice: _Choice, request: ChatRequest, dialect: Dialect) -> Completion:
    # A reasoning model that used up its tokens on thinking sends null for its answer.
    completion = Completion(
        choice.message.content or "", choice.finish_reason or "unknown", _logprobs(choice, request, dialect)
    )
    if not keeps(completion, request):
        raise Unsupported(f"this server ({dialect}) ignored the constraint on the reply: {completion.text[:200]!r}")
    return completion


def _logprobs(choice: _Choice, request: ChatRequest, dialect: Dialect) -> tuple[TokenLogprob, ...] | None:
    if request.logprobs is None:
        return None
    if choice.logprobs is None or choice.logprobs.content is None:
        raise Unsupported(f"this server ({dialect}) gives no log-probabilities")
    return tuple(
        TokenLogprob(
            token.token,
            token.logprob,
            tuple((other.token, other.logprob) for other in token.top_logprobs[: request.logprobs]),
        )
        for token in choice.logprobs.content
    )


def keeps(completion: Completion, request: ChatRequest) -> bool:
    """Whether a completion keeps the request's constraint, as far as can be told.

    Servers are known to drop a constraint that they cannot read and to answer freely, without a word. A completion cut
    at its limit or at a stop string need only begin as it should; a cut regex and a grammar are not checked.
    """
    text = completion.text
    cut = completion.finish_reason != "stop" or bool(request.sampling.stop)
    match request.constraint:
        case Choice(options):
            return text in options or (cut and any(option.startswith(text) for option in options))
        case Regex(pattern):
            return cut or _compile(pattern).fullmatch(text) is not None
        case JsonSchema():
            try:
                from_json(text, allow_partial="trailing-strings" if cut else False)
            except ValueError:
                return cut and not text.strip()
    return True


# ---- reading an error ------------------------------------------------------------------------------------------

_TOO_LONG = re.compile(r"maximum context length|context[ _](length|size)|prompt is too long", re.IGNORECASE)


def read_fault(status: int, headers: Mapping[str, str], raw: bytes) -> ModelError:
    """The error that an HTTP status of 400 or more stands for."""
    message = f"HTTP {status}: {_message(raw)}"
    if status == 429:
        return RateLimited(message, retry_after(headers))
    if status >= 500:
        return ServerFault(message, retry_after(headers))
    if status == 408:
        return TimedOut(message)
    if status in (401, 403):
        return BadRequest(f"{message} (the server wants an API key: set OPENAI_API_KEY)")
    if status in (400, 413, 422) and _TOO_LONG.search(message):
        return PromptTooLong(message)
    return BadRequest(message)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server wishes to be left alone (RFC 9110, 10.2.3), given as a number or as a date."""
    wish = headers.get("Retry-After", "")
    if re.fullmatch(r"\d+(\.\d+)?", wish):
        return float(wish)
    try:
        until = parsedate_to_datetime(wish)
    except ValueError:
        return None
    # A date without a zone is in GMT.
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _message(raw: bytes) -> str:
    """The sentence in an error body: `{"error": {"message": ...}}`, `{"message": ...}`, `{"detail": ...}` or text."""
    text = raw.decode(errors="replace").strip()
    try:
        found = json.loads(text)
    except ValueError:
        return text[:500] or "no message"
    for name in ("error", "message", "detail"):
        if isinstance(found, dict) and name in found:
            found = found[name]
    return str(found)[:500]
