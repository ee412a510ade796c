"""vLLM's own words as plain calls: a request's sampling parameters, an output's meaning, an error's class.

Imports vLLM, so it is itself imported only where vLLM is there. The engine's life is in `redraft.models.vllm`.
"""

from __future__ import annotations

from vllm.exceptions import GracefulHTTPError, VLLMClientError, VLLMError
from vllm.logprobs import Logprob
from vllm.outputs import CompletionOutput, RequestOutput
from vllm.sampling_params import RequestOutputKind, SamplingParams, StructuredOutputsParams
from vllm.v1.engine.exceptions import EngineDeadError, EngineGenerateError

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
from redraft.models.errors import BadRequest, ModelError, PromptTooLong, ServerFault, Unreachable
from redraft.models.openai_protocol import seed_of
from redraft.schema import Usage

FAULTS = (VLLMError, ValueError)
"""What vLLM raises for a request. A ValueError is a request that it checked less carefully than others."""


def sampling_params(request: ChatRequest) -> SamplingParams:
    """How to answer `request`: all n completions at once, nothing before the end (else some of them get lost)."""
    sampling = request.sampling
    return SamplingParams(
        n=sampling.n,
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        max_tokens=sampling.max_tokens,
        seed=seed_of(request),
        stop=list(sampling.stop),
        logprobs=request.logprobs,
        structured_outputs=None if request.constraint is None else _structured(request.constraint),
        output_kind=RequestOutputKind.FINAL_ONLY,
    )


def _structured(constraint: OutputConstraint) -> StructuredOutputsParams:
    match constraint:
        case JsonSchema(schema):
            return StructuredOutputsParams(json=schema)
        case Regex(pattern):
            return StructuredOutputsParams(regex=pattern)
        case Choice(options):
            return StructuredOutputsParams(choice=list(options))
        case Grammar(ebnf):
            return StructuredOutputsParams(grammar=ebnf)


def completions(output: RequestOutput, request: ChatRequest) -> tuple[Completion, ...]:
    """The completions in order. Raises Unreachable or ServerFault for one that the engine gave up."""
    for reason in (each.finish_reason for each in output.outputs):
        if reason == "abort":
            raise Unreachable("the engine was closed before it could answer")
        if reason == "error":
            raise ServerFault("the engine failed while it answered")
    return tuple(_completion(each, request) for each in sorted(output.outputs, key=lambda each: each.index))


def _completion(output: CompletionOutput, request: ChatRequest) -> Completion:
    logprobs = None
    if request.logprobs is not None:
        steps = zip(output.token_ids, output.logprobs or (), strict=True)
        logprobs = tuple(_token(chosen, likeliest, request.logprobs) for chosen, likeliest in steps)
    return Completion(output.text, output.finish_reason or "unknown", logprobs)


def _token(chosen: int, likeliest: dict[int, Logprob], count: int) -> TokenLogprob:
    ranked = sorted(likeliest.values(), key=lambda token: token.logprob, reverse=True)[:count]
    token = likeliest[chosen]
    return TokenLogprob(
        token.decoded_token or "", token.logprob, tuple((other.decoded_token or "", other.logprob) for other in ranked)
    )


def usage(output: RequestOutput) -> Usage:
    """Tokens of `output` (one call, no seconds)."""
    return Usage(
        calls=1,
        prompt_tokens=len(output.prompt_token_ids or ()),
        completion_tokens=sum(len(each.token_ids) for each in output.outputs),
        cached_tokens=output.num_cached_tokens or 0,
    )


def model_error(error: Exception) -> ModelError:
    """The error that one of `FAULTS` stands for."""
    if isinstance(error, EngineDeadError):
        return Unreachable("vLLM's engine process has died; what it wrote before says why")
    if isinstance(error, EngineGenerateError) and isinstance(error.__cause__, ValueError | VLLMClientError):
        error = error.__cause__
    message = str(error) or type(error).__name__
    if isinstance(error, GracefulHTTPError) or not isinstance(error, ValueError | VLLMClientError):
        return ServerFault(f"vLLM: {message}")
    if "maximum context length" in message or "maximum model length" in message:
        return PromptTooLong(message)
    return BadRequest(message)
