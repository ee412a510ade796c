"""Drafts judged by the data set's oracle, after every graph has ended, each only once and kept in a file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from redraft.agents.parsing.answer import parse_answer
from redraft.engine.ordering import cut_torn_line
from redraft.errors import ConfigError
from redraft.evaluation.rounds import Judged
from redraft.evaluation.sample import Sample
from redraft.models.wrapper import together
from redraft.schema import Draft, Missing, Noun, Unparsed, Verdict
from redraft.verifiers.base import Verifier


class Graded(Noun):
    """A line of `verdicts.jsonl`: the item, a digest of the draft, and what was said of it."""

    id: str
    draft: str
    verdict: Verdict | Unparsed


async def grade(
    judged: Iterable[Judged], samples: Mapping[str, Sample], grader: Verifier, kept: Path, window: int = 64
) -> dict[Judged, Verdict | Missing]:
    """A verdict for each draft. Drafts of one item with the same text and answer are judged once, `window` at a time.

    Verdicts go to the file `kept` as they come and are read from there by the next call; a failure is not kept, so the
    next call judges that draft again. Raises ConfigError where the file cannot be used.
    """
    wanted: dict[tuple[str, str], list[Judged]] = {}
    for id, draft in judged:
        wanted.setdefault((id, _digest(draft)), []).append((id, draft))
    found = await asyncio.to_thread(_read, kept)
    left = iter([key for key in wanted if key not in found])

    async def work(file: IO[bytes]) -> None:
        for key in left:
            id, draft = wanted[key][0]
            verdict = found[key] = await grader.score(samples[id].task, draft)
            if isinstance(verdict, Verdict | Unparsed):
                file.write(Graded(id=id, draft=key[1], verdict=verdict).model_dump_json().encode() + b"\n")

    try:
        with kept.open("ab", buffering=0) as file:
            await together(work(file) for _ in range(window))
    except OSError as error:
        raise ConfigError(f"{kept} cannot be written: {error.strerror}") from error
    return {each: found[key] for key, same in wanted.items() for each in same}


def _digest(draft: Draft) -> str:
    """Of the text, and of the answer where that is not simply the one in the text, such as what a program printed."""
    own = draft.answer is None or draft.answer == parse_answer(draft.text)
    said = draft.text if own else f"{draft.text}\0{draft.answer}"
    return sha256(said.encode(errors="surrogatepass")).hexdigest()[:32]


def _read(kept: Path) -> dict[tuple[str, str], Verdict | Missing]:
    if not kept.exists():
        return {}
    try:
        cut_torn_line(kept)
        lines = kept.read_bytes().split(b"\n")
    except OSError as error:
        raise ConfigError(f"{kept} cannot be read: {error.strerror}") from error
    try:
        rows = [Graded.model_validate_json(line) for line in lines if line]
    except ValidationError as error:
        raise ConfigError(f"{kept} does not hold verdicts: delete it, and drafts are judged again") from error
    return {(row.id, row.draft): row.verdict for row in rows}
