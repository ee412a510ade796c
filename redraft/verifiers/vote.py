"""Self-consistency: several drafts of one task vote with their answers. No model is asked.

Source: Wang et al. 2022 (arXiv 2203.11171), section 2; the weighted vote is that of MAgICoRe (arXiv 2409.12147).
Signal: self, for the drafts are all that is known.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from redraft.agents.parsing.answer import parse_answer
from redraft.errors import MissingExtra
from redraft.schema import Agreement, Draft, Failure, Missing, Signal, Task, Unparsed
from redraft.tools.maths import Equality, Maths, by_text
from redraft.verifiers.kind import Kind, OpenModel


class Equals(Protocol):
    """What tells whether answers are the same."""

    async def equal_all(self, pairs: Sequence[tuple[str, str]], /) -> Sequence[Equality]: ...

    async def aclose(self) -> None: ...


class TextOnly:
    """Equality of words and plain numbers, for where math-verify is not installed; formulas must be the same text."""

    async def equal_all(self, pairs: Sequence[tuple[str, str]], /) -> Sequence[Equality]:
        return [by_text(*pair) or Equality(False, "different text") for pair in pairs]

    async def aclose(self) -> None:
        """Nothing to let go of."""


class Vote:
    """Clusters drafts by their answers; the largest cluster wins, the one that appears first among equals.

    A draft's answer is `Draft.answer`, or else what `parse_answer` finds in its text. Without `equals` answers are
    compared by math-verify, or as text and numbers where that is not installed, and the evidence says so.
    """

    name = "vote"
    signal: Signal = "self"

    def __init__(self, equals: Equals | None = None) -> None:
        self._equals = equals or _best()

    async def agree(self, task: Task, drafts: Sequence[Draft]) -> Agreement | Missing:
        """One draft, one vote."""
        return await self.weigh(drafts, [1.0] * len(drafts))

    async def weigh(self, drafts: Sequence[Draft], weights: Sequence[float]) -> Agreement | Missing:
        """A vote in which draft i counts `weights[i]`, not below 0: a reward, a probability, a score.

        `uncertainty` is the entropy over the clusters' weight; drafts without an answer have no vote. `scores` are
        `share`, the winner's part of the weight that voted, and `answered`, the part of the drafts that have an
        answer. Unparsed where none has. Raises ValueError for other weights.
        """
        if len(weights) != len(drafts) or not all(0 <= weight < math.inf for weight in weights):
            raise ValueError("there must be one weight for each draft, finite and not below 0")
        if not drafts:
            return Failure(cause="no_drafts", message="nobody votes")
        read = [parse_answer(draft.text) if draft.answer is None else draft.answer for draft in drafts]
        answers = [None if isinstance(answer, Unparsed) else answer for answer in read]
        clusters = await cluster(answers, self._equals)
        votes = [(number, weight) for number, weight in zip(clusters, weights, strict=True) if number is not None]
        if not votes:
            return Unparsed(raw=drafts[0].text, reason=f"none of {len(drafts)} drafts has an answer")
        if not any(weight for _, weight in votes):
            votes = [(number, 1.0) for number, _ in votes]
        weight_of = [math.fsum(weight for of, weight in votes if of == number) for number in range(max(votes)[0] + 1)]
        shares = [weight / math.fsum(weight_of) for weight in weight_of]
        best = max(range(len(shares)), key=shares.__getitem__)
        winner = clusters.index(best)
        how = ", compared as text and numbers" if isinstance(self._equals, TextOnly) else ""
        return Agreement(
            verifier=self.name,
            signal=self.signal,
            uncertainty=math.fsum(-share * math.log(share) for share in shares if share),
            clusters=clusters,
            winner=winner,
            scores={"share": shares[best], "answered": len(votes) / len(drafts)},
            evidence=f"{answers[winner]!r} by {clusters.count(best)} of {len(drafts)} drafts, {len(votes)} with an "
            f"answer, {len(shares)} different{how}",
        )

    async def aclose(self) -> None:
        """End the processes of math-verify."""
        await self._equals.aclose()


async def cluster(answers: Sequence[str | None], equals: Equals) -> tuple[int | None, ...]:
    """A number for each answer, equal for equal answers, from 0 in order of appearance; None stays None.

    Each answer joins the first cluster whose first member it equals. Equality is not transitive (50 = 50 % = 0.5), so
    this goes from the most frequent answer to the rarest, and the order of `answers` does not decide who joins whom.
    """
    counts = Counter(answer for answer in answers if answer is not None)
    head: dict[str, str] = {}
    heads: list[str] = []
    for answer in sorted(counts, key=lambda answer: (-counts[answer], answer)):
        found = await equals.equal_all([(answer, other) for other in heads])
        same = [other for other, equality in zip(heads, found, strict=True) if equality.equal]
        head[answer] = same[0] if same else answer
        if not same:
            heads.append(answer)
    numbers: dict[str, int] = {}
    return tuple(None if answer is None else numbers.setdefault(head[answer], len(numbers)) for answer in answers)


def _best() -> Equals:
    try:
        return Maths()
    except MissingExtra:
        return TextOnly()


def _open(_: str, __: OpenModel) -> Vote:
    return Vote()


KIND = Kind(
    name="vote",
    argument="",
    judges="group",
    signal="self",
    about="self-consistency: the answer most drafts agree on",
    needs="several drafts; redraft[maths] for formulas",
    cost="no call",
    source="Wang et al., ICLR 2023",
    open=_open,
)
