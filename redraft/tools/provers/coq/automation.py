"""Proofs by tools alone: no model. What a theorem is worth where nothing clever was said about it.

Which tools, in which order, is in `tools`.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Sequence

from redraft.tools.provers.base import Kind, Problem, ProverCrash, Session, Stepwise, Tool

ROUNDS = (0.25, 1.0, 3.0)
"""Shares of each tool's own seconds, one round after another: what fails at once is not tried again."""
_OPEN = (
    "repeat match goal with H : _ /\\ _ |- _ => destruct H | H : exists _, _ |- _ => destruct H "
    "| |- _ /\\ _ => split | |- _ <-> _ => split; intros end."
)
_DEFINED = re.compile(r"^\s*Definition\s+([^\W\d][\w']*)", re.MULTILINE)


def openings(problem: Problem) -> tuple[str, ...]:
    """How a proof may begin: with what the theorem supposes, taken apart or not, the header's definitions unfolded."""
    defined = ", ".join(_DEFINED.findall(problem.header))
    return ("intros.", f"intros; {_OPEN}", *((f"intros; unfold {defined} in *; intros; {_OPEN}",) if defined else ()))


class Search:
    """Proofs of `problem` that one tool ends after one opening: the pairs that are still worth trying."""

    def __init__(self, prover: Stepwise, problem: Problem, *, tools: Sequence[Tool] = ()) -> None:
        self._prover, self._problem = prover, problem
        self._left = [(opening, tool) for opening in openings(problem) for tool in tools or prover.tools]

    @property
    def ended(self) -> bool:
        """Whether nothing is left to try."""
        return not self._left

    async def round(self, share: float, ends: float = math.inf) -> str | None:
        """A proof, not verified, by a tool within `share` of its own seconds (1 s at least); or None.

        What took too long is left for another round, and so is everything at the time `ends`, on the monotonic clock.
        Raises ProverMissing, Unstated, and ProverCrash where the problem cannot be stated.
        """
        todo, self._left = self._left, []
        proof = None
        while todo and time.monotonic() < ends:
            async with self._prover.open(self._problem) as session:
                try:
                    proof = await self._try(session, todo, share, ends)
                except ProverCrash:  # The tool that ended the process is out; the others get another.
                    continue
            if proof is not None:
                break
        self._left += todo
        return proof

    async def _try(self, session: Session, todo: list[tuple[str, Tool]], share: float, ends: float) -> str | None:
        """Try and take out the first of `todo`, until one succeeds or there is none."""
        start = session.mark()
        opened, seen = "", set()
        while todo and (left := ends - time.monotonic()) > 0:
            opening, tool = todo.pop(0)
            if opening != opened:
                await session.rollback(start)
                failed = await session.run(f"Proof. {opening}", 2) is not None
                goals = None if failed else await session.goals()
                if goals is None or goals in seen:
                    todo[:] = [each for each in todo if each[0] != opening]
                    continue
                seen.add(goals)
                opened = opening
            step = f"all: {tool.step}"
            wrong = await session.run(f"{step} Qed.", min(max(1.0, share * tool.seconds), left))
            if wrong is None:
                return f"Proof.\n{opening}\n{step}\nQed."
            if wrong.kind is Kind.TIMEOUT:
                self._left.append((opening, tool))
        return None


async def by_tools(
    prover: Stepwise, problem: Problem, *, tools: Sequence[Tool] = (), seconds: float = 20.0
) -> str | None:
    """A proof of `problem` by tools alone within `seconds`, the quick ones first; or None. Not verified.

    Raises ProverMissing, Unstated, ProverCrash.
    """
    ends = time.monotonic() + seconds
    search = Search(prover, problem, tools=tools)
    for share in ROUNDS:
        if (proof := await search.round(share, ends)) is not None:
            return proof
    return None
