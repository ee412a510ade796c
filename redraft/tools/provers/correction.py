"""Tool Correction: steps of a proof that fail give way to the prover's own automation, the first tool that works.

Zheng et al. 2023, Lyra (arXiv 2309.15806), section 3.1. A prover that can be led step by step tries tools where a step
fails; for one that checks whole files all failing steps are replaced at once, tool by tool. Nobody here says that a
proof is right: that is `verify`'s to say, of the corrected text.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from redraft.tools.provers.base import (
    Diagnostic,
    Goal,
    Kind,
    Problem,
    Prover,
    ProverCrash,
    Session,
    Span,
    Status,
    Stepwise,
    Tool,
    Unstated,
    fault,
)

_QUICK = 0.25
"""The share of its seconds that a tool has at first."""
_ROUNDS = 3
"""Reports of a whole file are worked through so often: an error may hide others."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """A step of the proof as it was given, what was wrong with it, and what stands for it: nothing, where a tool
    before it had ended its goal already."""

    span: Span
    diagnostic: Diagnostic
    tool: str
    step: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """A proof after Tool Correction. `diagnostic` is of the first step that stays wrong: what the prover said of it,
    as it was given, with the step's span; `goals` were open there. `done` is the share of steps before it, 0 to 1."""

    proof: str
    replacements: tuple[Replacement, ...] = ()
    diagnostic: Diagnostic | None = None
    goals: tuple[Goal, ...] = ()
    done: float = 1.0


async def correct(
    prover: Prover, problem: Problem, proof: str, *, holes_only: bool = False, seconds: float = 60.0
) -> Corrected:
    """Correct `proof`, giving tools `seconds` of wall time in all; with `holes_only` fill holes and replace no step.

    Raises ProverMissing. What a process or a problem makes of it is in the diagnostic.
    """
    try:
        if isinstance(prover, Stepwise):
            return await _by_steps(prover, problem, proof, holes_only, seconds)
        return await _by_reports(prover, problem, proof, holes_only, time.monotonic() + seconds)
    except (ProverCrash, Unstated) as error:
        return Corrected(proof, diagnostic=fault(error, proof).diagnostics[0], done=0.0)


async def _by_steps(prover: Stepwise, problem: Problem, proof: str, holes_only: bool, seconds: float) -> Corrected:
    """With the tools that do not end the process; each that does is left out, and the proof begun again without it."""
    tools = list(prover.tools)
    ends = 0.0
    while True:
        async with prover.open(problem) as session:
            ends = ends or time.monotonic() + seconds  # The first process may have to start, which no tool can help.
            steps = _Steps(prover, session, proof, holes_only, ends, tools)
            try:
                return await steps.corrected(problem)
            except ProverCrash:
                if steps.trying is None:
                    raise
                tools.remove(steps.trying)


def is_hole(prover: Prover, step: str) -> bool:
    """Whether `step` leaves something to automation."""
    return re.search(rf"(?<![\w.']){re.escape(prover.hole)}(?![\w'])", step) is not None


@dataclass
class _Steps:
    prover: Stepwise
    session: Session
    proof: str
    holes_only: bool
    ends: float
    tools: Sequence[Tool]
    trying: Tool | None = None
    replacements: list[Replacement] = field(default_factory=list)

    async def corrected(self, problem: Problem) -> Corrected:
        spans = self.prover.split(self.proof)
        after_tool = False
        for number, span in enumerate(spans):
            step = self.proof[span.start : span.end]
            hole = is_hole(self.prover, step)
            wrong = Diagnostic(Kind.UNSOLVED, "left to automation, which found nothing") if hole else None
            if not hole and (wrong := await self.session.run(step)) is None:
                after_tool = False
                continue
            assert wrong is not None
            goals = await self.session.goals()
            mended = None
            if hole or not self.holes_only:
                mended = await self._mended(step) if goals or not after_tool else ("", "")
                mended = mended or (("", "") if after_tool else None)
            placed = replace(wrong, span=span)
            if mended is None:
                return Corrected(self._text(), tuple(self.replacements), placed, goals, number / len(spans))
            self.replacements.append(Replacement(span, placed, *mended))
            after_tool = True
        text = await self._closed(problem)
        if await self.session.closed():
            return Corrected(text, tuple(self.replacements))
        goals = await self.session.goals()
        unsolved = Diagnostic(Kind.UNSOLVED, "goals are left" if goals else "the proof is not closed")
        return Corrected(self._text(), tuple(self.replacements), unsolved, goals, len(spans) / (len(spans) + 1))

    async def _mended(self, step: str) -> tuple[str, str] | None:
        """The first tool that goes through where `step` stands, and what then stands there.

        Each has a short time first, and all of its time later if it needs more; tools that search come last.
        """
        todo = [(tool, number) for tool in self.tools for number in range(len(self.prover.repairs(step, tool)))]
        slow: list[tuple[Tool, int]] = []
        quick, searchers = ([each for each in todo if each[0].finds is finds] for finds in (False, True))
        for share, these in ((_QUICK, quick), (1.0, slow), (1.0, searchers)):
            for tool, number in these:
                if (left := self.ends - time.monotonic()) <= 0:
                    return None
                self.trying = tool
                stands = await self._stands(step, tool, number, min(max(1.0, share * tool.seconds), left))
                self.trying = None
                if isinstance(stands, str):
                    return tool.name, stands
                if share < 1 and stands.kind is Kind.TIMEOUT:
                    slow.append((tool, number))
        return None

    async def _stands(self, step: str, tool: Tool, number: int, seconds: float) -> str | Diagnostic:
        """What stands for `step` by one of its repairs, if that goes through: what a search found, not the search."""
        mark, instead = self.session.mark(), self.prover.repairs(step, tool)[number]
        wrong = await self.session.run(instead, seconds)
        if wrong is not None or not tool.finds:
            return wrong or instead
        if (found := self.session.found) is None:
            wrong = Diagnostic(Kind.TACTIC, "it does not say what it found")
        await self.session.rollback(mark)
        instead = self.prover.repairs(step, replace(tool, step=found or tool.step))[number]
        return wrong or await self.session.run(instead, seconds) or instead

    async def _closed(self, problem: Problem) -> str:
        """The text, with the end that a step which gave way may have swallowed."""
        text = self._text().strip()
        ended = self.prover.proof(problem, text)
        swallowed = self.replacements and ended.startswith(text) and not await self.session.closed()
        return ended if swallowed and await self.session.run(ended[len(text) :]) is None else self._text()

    def _text(self) -> str:
        return _replaced(self.proof, [(each.span, each.step) for each in self.replacements])


async def _by_reports(prover: Prover, problem: Problem, proof: str, holes_only: bool, ends: float) -> Corrected:
    """All failing steps of one report give way to one tool at a time; each keeps the first that is not reported."""
    spans = prover.split(proof)
    holes = {number for number, span in enumerate(spans) if is_hole(prover, proof[span.start : span.end])}
    chosen: dict[int, Replacement] = {}
    beyond: dict[int, Diagnostic] = {}

    def text(trial: dict[int, str]) -> tuple[str, list[Span]]:
        kept = {number: each.step for number, each in chosen.items()} | trial
        return _replaced(proof, [(spans[n], step) for n, step in kept.items()]), _moved(spans, kept)

    for _ in range(_ROUNDS):
        now, places = text({})
        result = await prover.check(problem, now)
        reported = _by_step(result.diagnostics, places)
        failing = {n: wrong for n, wrong in reported.items() if n not in beyond and (n in holes or not holes_only)}
        failing |= {n: Diagnostic(Kind.UNSOLVED, "left to automation") for n in holes - chosen.keys() - beyond.keys()}
        if not failing:
            break
        for tool in prover.tools:
            trial = {n: next(iter(prover.repairs(proof[slice(*spans[n])], tool)), None) for n in failing}
            tried = {n: step for n, step in trial.items() if step is not None}
            if not tried or time.monotonic() >= ends:
                break
            now, places = text(tried)
            result = await prover.check(problem, now)
            if result.status in (Status.TIMEOUT, Status.CRASH):
                continue
            still = _by_step(result.diagnostics, places)
            for n in tried.keys() - still.keys():
                chosen[n] = Replacement(spans[n], failing.pop(n), tool.name, tried[n])
        beyond |= failing
    now, places = text({})
    result = await prover.check(problem, now)
    wrong = next(iter(sorted((beyond | _by_step(result.diagnostics, places)).items())), None)
    replacements = tuple(chosen[n] for n in sorted(chosen))
    if wrong is not None:
        number, diagnostic = wrong
        diagnostic = replace(diagnostic, span=spans[number])
        return Corrected(now, replacements, diagnostic, result.goals, number / len(spans))
    # What a tool such as Sledgehammer found stands in the proof that was checked, and not in the one that called it.
    return Corrected(result.proof, replacements, next(iter(result.diagnostics), None), result.goals)


def _by_step(diagnostics: tuple[Diagnostic, ...], places: list[Span]) -> dict[int, Diagnostic]:
    """The first diagnostic of each step that has one."""
    found: dict[int, Diagnostic] = {}
    for diagnostic in diagnostics:
        at = diagnostic.span
        number = None if at is None else next((n for n, p in enumerate(places) if p.start <= at.start < p.end), None)
        if number is not None:
            found.setdefault(number, diagnostic)
    return found


def _moved(spans: list[Span], steps: dict[int, str]) -> list[Span]:
    """Where each of `spans` lies when `steps` stand for some of them."""
    places, shift = [], 0
    for number, (start, end) in enumerate(spans):
        length = len(steps[number]) if number in steps else end - start
        places.append(Span(start + shift, start + shift + length))
        shift += length - (end - start)
    return places


def _replaced(proof: str, steps: list[tuple[Span, str]]) -> str:
    for span, step in sorted(steps, reverse=True):
        proof = proof[: span.start] + step + proof[span.end :]
    return proof
