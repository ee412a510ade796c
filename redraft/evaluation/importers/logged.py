"""What every log comes down to, one reply for each item; and two logs of the same items as two rounds of one method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from redraft.errors import ConfigError
from redraft.evaluation.outcomes import Outcome
from redraft.schema import Usage


@dataclass(frozen=True)
class Logged:
    """One reply in a log.

    `asked` tells whether two logs' items of one id are the same item. `scores` are numbers by
    metric. `readable` is False where the log says that no answer could be read.
    """

    id: str
    asked: str
    output: str | None
    scores: Mapping[str, float]
    readable: bool = True
    group: str | None = None
    usage: Usage | None = None
    told: str = field(default="", compare=False)
    """Where in the log it stands."""


def rounds(
    before: Sequence[Logged], after: Sequence[Logged] | None, *, method: str, metric: str | None = None
) -> list[Outcome]:
    """Round 0 out of `before`, round 1 out of `after`, where there is one.

    A metric of 1 is right and 0 wrong; anything between is a grade alone, without a verdict. Each round's usage is its
    own log's: the second is taken to hold the cost of the drafts that it starts from. Raises ConfigError for an id that
    stands twice in a log, for logs that are not of the same items, naming some, and for a metric that is not there, or
    not named where there are several.
    """
    first = _by_id(before)
    chosen = _metric(before, metric)
    rows = [_outcome(reply, 0, method, chosen) for reply in before]
    if after is None:
        return rows
    second = _by_id(after)
    chosen = _metric(after, chosen)
    _same_items(first, second)
    rows += [_outcome(second[key], 1, method, chosen) for key in first]
    return rows


def _by_id(replies: Sequence[Logged]) -> dict[str, Logged]:
    found: dict[str, Logged] = {}
    for reply in replies:
        if found.setdefault(reply.id, reply) is not reply:
            raise ConfigError(f"{reply.told}: item {reply.id!r} stands in the log already ({found[reply.id].told})")
    if not found:
        raise ConfigError("the log holds no replies")
    return found


def _same_items(first: Mapping[str, Logged], second: Mapping[str, Logged]) -> None:
    lacking = [key for key in first if key not in second]
    extra = [key for key in second if key not in first]
    other = [key for key in first if key in second and first[key].asked != second[key].asked]
    faults = [
        f"{what} {', '.join(keys[:3])}"
        for what, keys in (
            ("the second lacks", lacking),
            ("the first lacks", extra),
            ("they ask different things as", other),
        )
        if keys
    ]
    if faults:
        count = len(lacking) + len(extra) + len(other)
        raise ConfigError(f"the logs are not of the same items: {'; '.join(faults)} ({count} differ)")


def _metric(replies: Sequence[Logged], named: str | None) -> str:
    names = list(dict.fromkeys(name for reply in replies for name in reply.scores))
    if named is None and len(names) == 1:
        return names[0]
    if named in names:
        assert named is not None
        return named
    if not names:
        raise ConfigError("the log has no scores that are single numbers")
    fault = "the log has several metrics" if named is None else f"the log has no metric {named!r}"
    raise ConfigError(f"{fault}: say which by --metric, one of {', '.join(names)}")


def _outcome(reply: Logged, round: int, method: str, metric: str) -> Outcome:
    score = reply.scores.get(metric)
    return Outcome(
        id=reply.id,
        round=round,
        output=reply.output,
        verdict={0.0: False, 1.0: True}.get(score) if reply.readable and score is not None else None,
        score=score,
        method=method,
        usage=reply.usage,
        group=reply.group,
    )
