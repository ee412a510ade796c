"""Semantic entropy: how far several answers differ in meaning (Kuhn et al. 2302.09664; Farquhar et al., Nature 2024).

Answers are clustered greedily: one joins the first cluster with whose first member it agrees in both directions.
The entropy over clusters is discrete (their share of the answers) or, with log-likelihoods, Rao's. Two departures: the
authors' reading of an unclear reply as "neutral" is not followed, and equal texts are not compared. Signal: self.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import exp, fsum, log

from redraft.agents.prompt import one_line
from redraft.schema import Agreement, Draft, Missing, Signal, Task
from redraft.verifiers.entailment import Entails, ModelEntails, Relation
from redraft.verifiers.judges.judge import of_model
from redraft.verifiers.kind import Kind, OpenModel
from redraft.verifiers.nli import NliModel

Clusters = tuple[int | None, ...]


class SemanticEntropy:
    """At most N(N-1) comparisons for N drafts, in as many rounds as there are meanings.

    What is compared is the extracted answer, where a draft has one, else its text; a blank one says nothing. `strict`
    asks for entailment both ways; otherwise two agree unless one contradicts the other or both are neutral, as in the
    authors' code. `log_likelihood` gives the mean log-probability of a draft's tokens; Rao's entropy is then the
    uncertainty, else the discrete one.
    """

    signal: Signal = "self"
    name = "semantic-entropy"

    def __init__(
        self, entails: Entails, *, strict: bool = True, log_likelihood: Callable[[Draft], float] | None = None
    ) -> None:
        self._entails = entails
        self._strict = strict
        self._log_likelihood = log_likelihood

    async def agree(self, task: Task, drafts: Sequence[Draft]) -> Agreement | Missing:
        """Pairs that could not be compared keep their answers apart and are counted in `unread_pairs`; Missing where
        that is all of them. The winner is the first member of the largest cluster."""
        answers = [said_by(draft) for draft in drafts]
        clusters, unread, compared = await self._cluster(task, answers)
        if unread and len(unread) == compared:
            return unread[0]
        scores = {"discrete": discrete_entropy(clusters), "pairs": float(compared), "unread_pairs": float(len(unread))}
        uncertainty = scores["discrete"]
        if self._log_likelihood is not None:
            known = [
                0.0 if cluster is None else self._log_likelihood(d) for d, cluster in zip(drafts, clusters, strict=True)
            ]
            uncertainty = scores["rao"] = rao_entropy(clusters, known)
        counts = Counter(cluster for cluster in clusters if cluster is not None)
        lines = [
            f"{count} x {one_line(answers[clusters.index(cluster)])[:80]}" for cluster, count in counts.most_common()
        ]
        if unread:
            lines.append(f"{len(unread)} of {compared} pairs could not be compared")
        return Agreement(
            verifier=self.name,
            signal=self.signal,
            uncertainty=uncertainty,
            clusters=clusters,
            winner=clusters.index(counts.most_common(1)[0][0]) if counts else None,
            scores=scores,
            evidence="\n".join(lines),
        )

    async def _cluster(self, task: Task, answers: Sequence[str]) -> tuple[Clusters, list[Missing], int]:
        """The clusters, why pairs could not be compared, and how many were to be."""
        texts = list(dict.fromkeys(answer for answer in answers if answer))
        cluster_of: dict[str, int] = {}
        unread: list[Missing] = []
        compared = 0
        while left := [text for text in texts if text not in cluster_of]:
            first, others = left[0], left[1:]
            number = cluster_of[first] = len(set(cluster_of.values()))
            both_ways = [pair for other in others for pair in ((first, other), (other, first))]
            found = await self._entails.relations(task, both_ways) if both_ways else []
            compared += len(others)
            for other, forward, backward in zip(others, found[::2], found[1::2], strict=True):
                same = equivalent(forward, backward, self._strict)
                if not isinstance(same, bool):
                    unread.append(same)
                elif same:
                    cluster_of[other] = number
        return tuple(cluster_of.get(answer) for answer in answers), unread, compared

    async def connect(self) -> None:
        """Load or reach what compares."""
        await self._entails.connect()

    async def aclose(self) -> None:
        """Close what compares."""
        await self._entails.aclose()


def said_by(draft: Draft) -> str:
    """What a draft says, to be compared with others."""
    return (draft.text if draft.answer is None else draft.answer).strip()


def equivalent(forward: Relation | Missing, backward: Relation | Missing, strict: bool) -> bool | Missing:
    """Whether two texts mean the same. Missing only where the direction that could not be read decides it."""
    read = [relation for relation in (forward, backward) if isinstance(relation, str)]
    if "contradiction" in read or (strict and "neutral" in read):
        return False
    for relation in (forward, backward):
        if not isinstance(relation, str):
            return relation
    return read != ["neutral", "neutral"]


def discrete_entropy(clusters: Clusters) -> float:
    """In nats, from each cluster's share of the answers."""
    counts = Counter(cluster for cluster in clusters if cluster is not None)
    total = sum(counts.values())
    return _entropy([count / total for count in counts.values()])


def rao_entropy(clusters: Clusters, log_likelihoods: Sequence[float]) -> float:
    """In nats, from each cluster's share of the likelihood; one log-likelihood, normalised by length, a draft."""
    known = [(cluster, value) for cluster, value in zip(clusters, log_likelihoods, strict=True) if cluster is not None]
    top = max((value for _, value in known), default=0.0)
    mass: dict[int, list[float]] = {}
    for cluster, value in known:
        mass.setdefault(cluster, []).append(exp(value - top))
    sums = [fsum(values) for values in mass.values()]
    return _entropy([part / fsum(sums) for part in sums])


def _entropy(shares: list[float]) -> float:
    # Sorted, so that the order of the drafts does not show in the last digit.
    return fsum(-share * log(share) for share in sorted(shares) if share > 0) + 0.0


def open_entails(argument: str, open_model: OpenModel) -> Entails:
    """An NLI classifier for `nli:PATH`, else a language model."""
    kind, colon, path = argument.partition(":")
    if kind == "nli" and colon:
        return NliModel(path)
    return of_model(lambda model, asking: ModelEntails(model, asking=asking))(argument, open_model)


KIND = Kind(
    name="semantic-entropy",
    argument="[MODEL]",
    judges="group",
    signal="self",
    about="answers clustered by meaning, and the entropy over the clusters; also with nli:PATH for MODEL",
    needs="a language model, or an NLI classifier in transformers",
    cost="up to N(N-1) calls for N drafts, in as many rounds as meanings",
    source="Kuhn et al., arXiv 2302.09664",
    open=lambda argument, open_model: SemanticEntropy(open_entails(argument, open_model)),
    prompts=("judge-entailment",),
)
