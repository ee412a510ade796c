"""What STE remembers: trials, the memories as texts for prompts, and which trials are worth showing to other models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from redraft.agents.prompt import one_line
from redraft.graphs.calling import Move, transcript, worked
from redraft.graphs.demonstrations import Demonstration
from redraft.schema import Draft, Noun, Verdict
from redraft.tools.functions.call import write


class Trial(Noun):
    """One request that was imagined for `function`, in that episode (from 0), and what came of it.

    `answer` is empty where none was given; `solved` is None where nobody can say: the judge's reply could not be read,
    or a model brought no reply (`failure`: why).
    """

    function: str
    episode: int
    request: str
    moves: tuple[Move, ...] = ()
    answer: str = ""
    solved: bool | None = None
    failure: str = ""

    @property
    def draft(self) -> Draft:
        """The trial for the record: all of it as text, its calls as answer."""
        return Draft(text=short_term([self]), node="trial", answer=write(worked(self.moves)))

    @property
    def verdict(self) -> Verdict | None:
        """How many of its turns brought a value; None where there was none."""
        if not self.moves:
            return None
        good = sum(bool(worked([move])) for move in self.moves)
        score = good / len(self.moves)
        return Verdict(verifier="functions", signal="tool", score=score, passed=good == len(self.moves))


def long_term(trials: Iterable[Trial]) -> str:
    """The requests, a line each, and whether they were solved."""
    return "\n".join(f"- {one_line(trial.request)} (solved: {_solved(trial)})" for trial in trials)


def short_term(trials: Iterable[Trial]) -> str:
    """Each trial with all that was done and observed."""
    return "\n\n".join(
        "\n".join(
            filter(
                None,
                (
                    f"Request: {one_line(trial.request)}",
                    transcript(trial.moves),
                    trial.answer and f"Answer: {one_line(trial.answer)}",
                    f"Solved: {_solved(trial)}",
                ),
            )
        )
        for trial in trials
    )


def _solved(trial: Trial) -> str:
    return {True: "yes", False: "no", None: "not known"}[trial.solved]


def demonstrations(trials: Sequence[Trial]) -> list[Demonstration]:
    """The trials that were solved by calls that brought values, one of them of the function explored.

    Of trials with the same request, letter case and white space aside, the first.
    """
    found: dict[str, Demonstration] = {}
    for trial in trials:
        calls = tuple(each for move in trial.moves for each in move.observations if each.failure is None)
        if trial.solved and any(each.call.name == trial.function for each in calls):
            same = " ".join(trial.request.casefold().split())
            found.setdefault(same, Demonstration(request=trial.request, calls=calls, answer=trial.answer))
    return list(found.values())
