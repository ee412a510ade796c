"""A reward model behind a vLLM server: `/classify` and `/score` of a sequence classifier (`vllm serve` with
`--runner pooling`), `/v1/completions` of a causal language model. What the numbers mean is each reading's affair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from redraft.errors import ConfigError
from redraft.models.base import Role
from redraft.models.errors import MalformedReply, Unsupported
from redraft.models.http import HttpModel
from redraft.models.openai_protocol import Body
from redraft.models.reward.base import PLAIN_END, not_one_token, number
from redraft.models.wrapper import together


class _Classes(BaseModel):
    probs: list[float]


class _Classified(BaseModel):
    data: list[_Classes]


class _Score(BaseModel):
    score: float


class _Scored(BaseModel):
    data: list[_Score]


class _Tokens(BaseModel):
    tokens: list[int]


class _Text(BaseModel):
    prompt: str


class _Logprobs(BaseModel):
    top_logprobs: list[dict[str, float]]


class _Choice(BaseModel):
    index: int = 0
    logprobs: _Logprobs | None = None


class _Completed(BaseModel):
    choices: list[_Choice]


M = TypeVar("M", bound=BaseModel)


class Served:
    """The model `model` at `base_url` (`http://localhost:8000/v1`), or the only one there. No transformers needed here.

    A classifier is sent prompt and reply as a chat, or, with `chat=False`, as the pair of texts of a cross-encoder; a
    causal model's question goes through the server's chat template, or plain. A server computes in the precision that
    it was started with: bfloat16 leaves about two digits of a logit.
    """

    def __init__(
        self,
        base_url: str,
        model: str | None = None,
        api_key: str | None = None,
        timeout: float = 600.0,
        *,
        chat: bool | None = None,
    ) -> None:
        self._http = HttpModel(base_url, model, api_key, timeout)
        self._chat = chat is None or chat
        self._ids: dict[str, int] = {}

    @property
    def name(self) -> str:
        return self._http.name

    @property
    def identity(self) -> str:
        """Address and name; see `HttpModel`."""
        return self._http.identity

    async def connect(self, tokens: Sequence[str] = ()) -> None:
        """Reach the server. Raises what `HttpModel.connect` does, and ConfigError as `Engine.connect` has it."""
        await self._http.connect()
        if tokens:
            await self.log_probs(["."], tokens, chat=False)
        else:
            await self.logits(".", ["."])

    async def logits(self, prompt: str, replies: Sequence[str]) -> list[float]:
        """As `Engine.logits`. Raises a ModelError, and ConfigError where the server runs no classifier."""
        try:
            return await together(self._logit(prompt, reply) for reply in replies) if replies else []
        except Unsupported as error:
            raise ConfigError(f"{error}. It has to run a sequence classifier (vllm serve --runner pooling)") from error

    async def _logit(self, prompt: str, reply: str) -> float:
        if not self._chat:
            pair: Body = {"text_1": prompt, "text_2": reply, "use_activation": False}
            return number(_read(await self._http.post("/score", pair), _Scored).data[0].score)
        body: Body = {"messages": [_turn("user", prompt), _turn("assistant", reply)], "use_activation": False}
        labels = _read(await self._http.post("/classify", body), _Classified).data[0].probs
        if len(labels) not in (1, 2):
            raise ConfigError(f"{self.name} tells {len(labels)} classes apart; a reward model has one or two labels")
        return number(labels[-1] - sum(labels[:-1]))

    async def log_probs(self, texts: Sequence[str], tokens: Sequence[str], chat: bool) -> list[list[float]]:
        """As `Engine.log_probs`; texts that begin one another share the server's prefix cache.

        Raises a ModelError, and ConfigError for a token that is none, or where the server runs no causal model.
        """
        if not texts:
            return []
        try:
            ids = [await self._id(token) for token in tokens]
            prompts = await together(self._prompt(text, chat) for text in texts)
            body: Body = {
                "prompt": prompts,
                "max_tokens": 1,
                "temperature": 0,
                "logprobs": len(ids),
                "logprob_token_ids": list(ids),
                "return_tokens_as_token_ids": True,
            }
            choices = _read(await self._http.post("/v1/completions", body), _Completed).choices
        except Unsupported as error:
            raise ConfigError(f"{error}. It has to run a causal language model, on vLLM") from error
        if len(choices) != len(texts):
            raise MalformedReply(f"{len(texts)} texts were sent and {len(choices)} answers came")
        return [self._chances(choice, ids) for choice in sorted(choices, key=lambda choice: choice.index)]

    def _chances(self, choice: _Choice, ids: list[int]) -> list[float]:
        found = choice.logprobs.top_logprobs[0] if choice.logprobs and choice.logprobs.top_logprobs else {}
        chances = [found.get(f"token_id:{token}") for token in ids]
        if None in chances:
            raise Unsupported(f"{self.name} does not tell the probability of a token named (logprob_token_ids)")
        return [number(chance) for chance in chances if chance is not None]

    async def _prompt(self, text: str, chat: bool) -> JsonValue:
        if not (chat and self._chat):
            return text + PLAIN_END if chat else text
        return list(_read(await self._http.post("/tokenize", {"messages": [_turn("user", text)]}), _Tokens).tokens)

    async def _id(self, token: str) -> int:
        if token not in self._ids:
            body: Body = {"prompt": token, "add_special_tokens": False}
            ids = _read(await self._http.post("/tokenize", body), _Tokens).tokens
            back = _read(await self._http.post("/detokenize", {"tokens": list(ids)}), _Text).prompt
            if len(ids) != 1 or back.strip() != token.strip():
                raise not_one_token(token, self.name, len(ids))
            self._ids[token] = ids[0]
        return self._ids[token]

    async def aclose(self) -> None:
        await self._http.aclose()


def _turn(role: Role, text: str) -> JsonValue:
    return {"role": role, "content": text}


def _read(raw: bytes, kind: type[M]) -> M:
    try:
        return kind.model_validate_json(raw)
    except ValidationError as error:
        raise MalformedReply(f"not what vLLM answers here; it begins {raw[:80]!r}") from error
