"""Many items over one verifier: each given draft, pair or group is judged, and nothing is revised."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Sequence

from pydantic import TypeAdapter, ValidationError

from redraft.engine.records import Bad, Item
from redraft.errors import ConfigError
from redraft.schema import Agreement, Draft, Failure, Missing, Noun, Text, Unparsed, Verdict
from redraft.verifiers.base import AnyVerifier, GroupVerifier, PairVerifier

Judgement = Verdict | Agreement

_DRAFTS: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[Text, ...])


class Judged(Noun):
    """What a verifier said of one line of the input, or why it said nothing."""

    id: str
    line: int
    verdict: Verdict | Agreement | None = None
    missing: Unparsed | Failure | None = None

    def line_of_json(self) -> str:
        """The record for a file."""
        return self.model_dump_json(exclude_none=True)


async def judge_all(
    verifier: AnyVerifier, items: Iterable[Item | Bad], window: int
) -> AsyncGenerator[Judged | Bad, None]:
    """Judge every item, at most `window` at once, and yield a record for each line, in order.

    A line's `draft` is judged; a pair is `draft` and `revision`, a group is `drafts`, a list. A line without them
    becomes a `Bad` (`no_draft`). What is in flight is cancelled when the iteration is closed.
    """
    judging: deque[asyncio.Task[Judged | Bad]] = deque()
    try:
        for item in items:
            judging.append(asyncio.create_task(_judge(verifier, item)))
            if len(judging) == window:
                yield await judging.popleft()
        while judging:
            yield await judging.popleft()
    finally:
        for task in judging:
            task.cancel()
        await asyncio.gather(*judging, return_exceptions=True)


async def _judge(verifier: AnyVerifier, item: Item | Bad) -> Judged | Bad:
    if isinstance(item, Bad):
        return item
    try:
        judgement = await _ask(verifier, item)
    except ConfigError as error:
        return Bad(id=item.id, line=item.line, error=Failure(cause="no_draft", message=str(error)))
    if isinstance(judgement, Unparsed | Failure):
        return Judged(id=item.id, line=item.line, missing=judgement)
    return Judged(id=item.id, line=item.line, verdict=judgement)


async def _ask(verifier: AnyVerifier, item: Item) -> Judgement | Missing:
    if isinstance(verifier, GroupVerifier):
        return await verifier.agree(item.task, [_draft(text) for text in _texts(item, "drafts")])
    if item.task.draft is None:
        raise ConfigError(f"line {item.line} has no draft to judge")
    draft = _draft(item.task.draft)
    if isinstance(verifier, PairVerifier):
        return await verifier.prefer(item.task, draft, _draft(*_texts(item, "revision")))
    return await verifier.score(item.task, draft)


def _draft(text: str) -> Draft:
    return Draft(text=text, node="given")


def _texts(item: Item, field: str) -> Sequence[str]:
    value = item.meta.get(field)
    try:
        return _DRAFTS.validate_python([value] if isinstance(value, str) else value)
    except ValidationError as error:
        fault = error.errors()[0]["msg"] if field in item.meta else "is missing"
        raise ConfigError(f"line {item.line}, field {field}: {fault}") from error
