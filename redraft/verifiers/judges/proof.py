"""A language model grades a proof from 0 to 7, several times over, and the median counts: ProofGrader (2510.13888).

There the marking scheme of the problem gives most of the gain, and five runs with scheme and reference solution were
best; without them a grader is too kind. Scheme and reference come from a file and are gold, so the signal is then
`oracle`; without them it is `self`. The temperature of the runs is our choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import median

from redraft.agents.parsing import Ruling
from redraft.agents.values import values
from redraft.errors import ConfigError
from redraft.models.base import ChatModel
from redraft.schema import Draft, Failure, Missing, Signal, Task, Text, Verdict
from redraft.verifiers.gold import Row, gold_of, read_gold
from redraft.verifiers.judges.judge import Asking, Judge, OfModel, of_model, scale
from redraft.verifiers.kind import Kind, OpenModel


class Scheme(Row):
    """A line of gold: the task's text, its marking `scheme` and, where there is one, a `reference` solution."""

    scheme: Text
    reference: Text | None = None


_USUAL = Asking(temperature=1.0, max_tokens=2048)


class ProofGrader(OfModel):
    """One request for `k` replies; the score is the median grade, of an even number the mean of the middle two.

    `schemes` maps a task's text to its marking scheme; without them the scheme is a general one. A proof passes from
    `threshold` on (6, for a proof that is right but for details, is our choice).
    """

    def __init__(
        self,
        model: ChatModel,
        schemes: Mapping[str, Scheme] | None = None,
        *,
        k: int = 5,
        threshold: float = 6.0,
        asking: Asking | None = None,
    ) -> None:
        if k < 1:
            raise ConfigError(f"a proof is graded at least once, not {k} times")
        super().__init__("proof" if schemes is None else "proof-scheme", model)
        self.signal: Signal = "self" if schemes is None else "oracle"
        asking = asking or _USUAL
        self._judge = Judge(model, asking.prompt("judge-proof", "scheme", "reference", "draft"), scale(7), asking)
        self._schemes = schemes
        self._k = k
        self._threshold = threshold

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """Evidence has every grade, how many replies could not be read, and the reasons of the grade at the median.

        Missing replies count for nothing; where half of them or more are missing, so is the verdict.
        """
        scheme: Scheme | Failure | None = gold_of(task, self._schemes) if self._schemes is not None else None
        if isinstance(scheme, Failure):
            return scheme
        gold = {"scheme": scheme.scheme if scheme else "", "reference": (scheme and scheme.reference) or ""}
        asked = {**values(task), **gold, "draft": draft.text}
        replies = await self._judge.samples(self._k, asked)
        rulings = sorted((reply for reply in replies if isinstance(reply, Ruling)), key=lambda ruling: int(ruling.word))
        missing = [reply for reply in replies if not isinstance(reply, Ruling)]
        if missing and len(rulings) <= len(missing):
            return missing[0]
        score = float(median(int(ruling.word) for ruling in rulings))
        grades = ", ".join(ruling.word for ruling in rulings)
        unread = f", {len(missing)} of {self._k} could not be read" if missing else ""
        reason = rulings[(len(rulings) - 1) // 2].reason
        return Verdict(
            verifier=self.name,
            signal=self.signal,
            score=score,
            passed=score >= self._threshold,
            evidence=f"grades {grades}{unread}; median {score:g} of 7\n{reason}".rstrip(),
        )


def _with_schemes(argument: str, open_model: OpenModel) -> ProofGrader:
    path, _, model = argument.partition("#")
    schemes = read_gold(Path(path), Scheme)
    return of_model(lambda model, asking: ProofGrader(model, schemes, asking=asking), _USUAL)(model, open_model)


KINDS = (
    Kind(
        name="proof",
        argument="[MODEL]",
        judges="draft",
        signal="self",
        about="a model grades a proof from 0 to 7, the median of 5; 6 passes",
        needs="a language model",
        cost="1 request for 5 replies",
        source="ProofGrader, arXiv 2510.13888",
        open=of_model(lambda model, asking: ProofGrader(model, asking=asking), _USUAL),
        prompts=("judge-proof",),
    ),
    Kind(
        name="proof-scheme",
        argument="SCHEMES.jsonl[#MODEL]",
        judges="draft",
        signal="oracle",
        about="the same by each problem's marking scheme, and reference solution where there is one",
        needs="a language model; lines with a task's text, scheme and perhaps reference",
        cost="1 request for 5 replies",
        source="ProofGrader, arXiv 2510.13888",
        open=_with_schemes,
        prompts=("judge-proof",),
    ),
)
