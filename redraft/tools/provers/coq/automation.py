"""Proofs by tools alone: no model. What a theorem is worth where nothing clever was said about it.

Which tools, in which order, is in `tools`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from redraft.tools.provers.base import Problem, Stepwise, Tool

OPENINGS = ("intros.", "intros; repeat match goal with H : _ /\\ _ |- _ => destruct H end; repeat split.")
"""How a proof begins: with what the theorem supposes, taken apart or not."""


async def by_tools(
    prover: Stepwise,
    problem: Problem,
    *,
    tools: Sequence[Tool] = (),
    openings: Sequence[str] = OPENINGS,
    seconds: float = 20.0,
) -> str | None:
    """A proof of `problem` that one tool ends after one opening, tried in order for `seconds`; or None.

    Not verified. Raises ProverMissing, Unstated, ProverCrash.
    """
    ends = time.monotonic() + seconds
    async with prover.open(problem) as session:
        start = session.mark()
        for opening in openings:
            await session.rollback(start)
            if await session.run(f"Proof. {opening}") is not None:
                continue
            begun = session.mark()
            for tool in tools or prover.tools:
                left = ends - time.monotonic()
                if left <= 0:
                    return None
                step = f"all: {tool.step}"
                if await session.run(f"{step} Qed.", min(tool.seconds, left)) is None:
                    return f"Proof.\n{opening}\n{step}\nQed."
                await session.rollback(begun)
    return None
