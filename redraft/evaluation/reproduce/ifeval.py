"""IFEval (Zhou et al., arXiv 2311.07911): two models' recorded responses, judged by our own verifiers of instructions.

The recorded verdicts are those of M-IFEval's copy of Google's code, strict and loose, one for each of 834 instructions.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path

from pydantic import BaseModel

from redraft.errors import ConfigError
from redraft.evaluation.reproduce.recorded import read_lines
from redraft.evaluation.reproduce.table import Match, Published, Reproduction
from redraft.schema import Failure
from redraft.verifiers.constraints.catalogue import check
from redraft.verifiers.constraints.verifier import Constrained

MODELS = ("gpt-4o-2024-08-06", "mistralai__Mistral-7B-Instruct-v0.3")

KNOWN = {
    (19, "keywords:letter_frequency"): "item 19 asks for four #, which IFEval replaces by a random letter",
    (404, "language:response_language"): "item 404 is half Gujarati: langdetect's guess depends on its random seed",
}
"""Why our verdict on an instruction (its prompt, from 0, and its kind) may differ from the recorded one."""


class _Verdicts(BaseModel):
    follow_instruction_list: list[bool]


class _Response(_Verdicts):
    prompt: str
    response: str


class Judged(BaseModel):
    """The instructions of one prompt, with the recorded verdicts and ours."""

    kinds: list[str]
    recorded: list[bool]
    ours: list[bool]


def judged(data: Path, model: str, *, loose: bool) -> list[Judged]:
    """Every prompt's verdicts. Raises ConfigError for files that do not fit together, and MissingExtra."""
    folder = data / "ifeval"
    prompts = read_lines(folder / "en_input_data.jsonl.gz", Constrained)
    responses = read_lines(folder / f"{model}.strict.jsonl.gz", _Response)
    recorded: Sequence[_Verdicts] = responses
    if loose:
        recorded = read_lines(folder / f"{model}.loose-verdicts.jsonl.gz", _Verdicts)
    if [prompt.instruction for prompt in prompts] != [response.prompt for response in responses]:
        raise ConfigError(f"{folder}: the responses of {model} are not those to the prompts, in their order")
    return [
        Judged(
            kinds=[constraint.kind for constraint in prompt.constraints],
            recorded=verdicts.follow_instruction_list,
            ours=_ours(prompt, response.response, loose),
        )
        for prompt, response, verdicts in zip(prompts, responses, recorded, strict=True)
    ]


def _ours(prompt: Constrained, text: str, loose: bool) -> list[bool]:
    verdicts = [check(constraint, text, loose=loose) for constraint in prompt.constraints]
    for verdict in verdicts:
        if isinstance(verdict, Failure):
            raise ConfigError(f"an instruction cannot be checked: {verdict.message}")
    return [not isinstance(verdict, Failure) and verdict.passed for verdict in verdicts]


def differing(items: Sequence[Judged]) -> set[tuple[int, str]]:
    """Where our verdict is another than the recorded one: the prompt, from 0, and the kind of instruction."""
    return {
        (place, kind)
        for place, item in enumerate(items)
        for kind, recorded, ours in zip(item.kinds, item.recorded, item.ours, strict=True)
        if recorded is not ours
    }


def rows(data: Path) -> Sequence[Published]:
    """Instructions and prompts followed, strictly and loosely; they match where every single verdict does."""
    return [
        row
        for model, loose in product(MODELS, (False, True))
        for row in _rows(
            f"{model.rpartition('__')[2]}, {'loose' if loose else 'strict'}", judged(data, model, loose=loose)
        )
    ]


def _rows(name: str, items: Sequence[Judged]) -> list[Published]:
    differ = differing(items)
    match: Match = "yes" if not differ else "known difference" if differ <= KNOWN.keys() else "no"
    note = "; ".join(KNOWN.get(each, f"item {each[0]}, {each[1]} differs") for each in sorted(differ)) or None
    counts = {
        "instructions": [
            (recorded, ours) for item in items for recorded, ours in zip(item.recorded, item.ours, strict=True)
        ],
        "prompts": [(all(item.recorded), all(item.ours)) for item in items],
    }
    return [
        Published(
            source="IFEval, recorded verdicts",
            name=f"{name}, followed of {len(pairs)} {what}",
            published=sum(recorded for recorded, _ in pairs),
            recomputed=sum(ours for _, ours in pairs),
            match=match,
            note=note,
        )
        for what, pairs in counts.items()
    ]


IFEVAL = Reproduction("ifeval", "Zhou et al., arXiv 2311.07911", "ifeval", rows)
