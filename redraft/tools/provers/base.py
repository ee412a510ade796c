"""What a prover is: it checks a formal proof of a fixed statement, and says what came of it and where.

How one prover is run belongs in its own folder; which proofs are tried, and what repairs them, in `redraft.graphs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol, runtime_checkable

from redraft.errors import RedraftError


class ProverMissing(RedraftError):
    """The prover is not installed; the message says how to install it."""


class ProverCrash(RedraftError):
    """A session's process ended under it, mostly for want of memory. The session is of no more use."""


class ProverTimeout(ProverCrash):
    """A session's process had to be ended, because nothing else stopped it."""


class Unstated(RedraftError):
    """The prover does not accept a problem's header or statement: a library is missing, or it makes no sense there."""


class Status(StrEnum):
    """What came of a proof."""

    PROVED = "proved"
    """The statement as given, under allowed axioms only. Said by `verify` alone."""
    ACCEPTED = "accepted"
    """The fast check found nothing wrong; nothing is promised."""
    FAILED = "failed"
    """A step is wrong, or may not stand in a proof."""
    INCOMPLETE = "incomplete"
    """All steps are right, and goals are left or the proof is not closed."""
    ADMITTED = "admitted"
    """The proof, or a lemma that it uses, was given up and taken as true."""
    AXIOMS = "axioms"
    """It rests on an axiom that is not allowed, or on a check that was switched off."""
    STATEMENT_CHANGED = "statement_changed"
    """Something else was proved."""
    TIMEOUT = "timeout"
    CRASH = "crash"
    """The prover ended, mostly for want of memory."""


class Kind(StrEnum):
    """What a diagnostic is about."""

    PARSE = "parse"
    UNKNOWN_NAME = "unknown_name"
    TYPE = "type"
    TACTIC = "tactic"
    UNSOLVED = "unsolved"
    TIMEOUT = "timeout"
    RESOURCE = "resource"
    FORBIDDEN = "forbidden"
    """A command that no proof needs: it reads or writes files, loads code, or switches checks off."""


class Span(NamedTuple):
    """A part of the proof text, in code points: `proof[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What is wrong, and where in the proof text; None where it is not in the proof."""

    kind: Kind
    message: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """What is left to show: hypotheses as the prover prints them, and the conclusion."""

    hypotheses: tuple[str, ...]
    conclusion: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A statement to prove. `header` is what comes before it (imports, scopes); `statement` ends where the proof
    begins; `name` is the theorem's."""

    name: str
    header: str
    statement: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of `proof`, the text that was checked. `goals` are open where it stopped; `axioms` those it rests on,
    in full; `seconds` of wall time."""

    status: Status
    proof: str
    diagnostics: tuple[Diagnostic, ...] = ()
    goals: tuple[Goal, ...] = ()
    axioms: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def proved(self) -> bool:
        return self.status is Status.PROVED


def fault(error: ProverCrash | Unstated, proof: str) -> Result:
    """What came of `proof` where `error` ended the attempt."""
    match error:
        case ProverTimeout():
            return Result(Status.TIMEOUT, proof, (Diagnostic(Kind.TIMEOUT, str(error)),))
        case ProverCrash():
            return Result(Status.CRASH, proof, (Diagnostic(Kind.RESOURCE, str(error)),))
        case _:
            return Result(Status.FAILED, proof, (Diagnostic(Kind.TYPE, f"not a statement: {error}"),))


@dataclass(frozen=True, slots=True)
class Tool:
    """Automation to try on a goal: `step` is what stands in the proof if it succeeds. `seconds` of wall time.

    One that `finds` searches for a proof, and what it found stands there, so that nobody searches again.
    """

    name: str
    step: str
    seconds: float = 5.0
    finds: bool = False


class Session(Protocol):
    """One statement, proved step by step. After ProverCrash it is of no more use."""

    async def run(self, step: str, seconds: float | None = None) -> Diagnostic | None:
        """Run the sentences of `step`: all of them, or none, where one is wrong. The span is within `step`.

        Raises ProverCrash.
        """
        ...

    @property
    def found(self) -> str | None:
        """What the last step reports that it found, as a step of its own; None where it reports nothing."""
        ...

    async def goals(self) -> tuple[Goal, ...]:
        """The goals in focus. Raises ProverCrash."""
        ...

    async def closed(self) -> bool:
        """Whether no proof is open: it was ended, by `Qed` or by giving up. Raises ProverCrash."""
        ...

    def mark(self) -> int:
        """The present state, for `rollback`."""
        ...

    async def rollback(self, mark: int) -> None:
        """Back to a state that came before. Raises ProverCrash."""
        ...


class Prover(Protocol):
    """Checks proofs, any number of them at once, each whole."""

    @property
    def name(self) -> str: ...

    @property
    def tools(self) -> Sequence[Tool]:
        """Automation, in the order in which it is worth trying."""
        ...

    @property
    def hole(self) -> str:
        """The word that stands in a proof where automation is to fill something in."""
        ...

    def problem(self, statement: str) -> Problem:
        """The problem that a whole statement poses, imports and all, such as a TheoremTask's. Raises Unstated."""
        ...

    def proof(self, problem: Problem, written: str) -> str:
        """The proof in what a model wrote, which may state `problem` again before it, and may lack its end."""
        ...

    def split(self, proof: str) -> list[Span]:
        """The steps of `proof`, in order; what is not in any is blank or comment."""
        ...

    def repairs(self, step: str, tool: Tool) -> Sequence[str]:
        """What may stand for a failing `step`, with `tool` doing its work; what keeps most of it first.

        Nothing where no tool can do it.
        """
        ...

    async def check(self, problem: Problem, proof: str) -> Result:
        """Whether `proof` goes through, fast; a proof that set out to deceive may. Raises ProverMissing."""
        ...

    async def verify(self, problem: Problem, proof: str) -> Result:
        """Whether `proof` proves `problem.statement`: a fresh process, the statement pinned, the axioms listed.

        Raises ProverMissing.
        """
        ...

    async def aclose(self) -> None:
        """End every process. May be called more than once."""
        ...


@runtime_checkable
class Stepwise(Prover, Protocol):
    """A prover that can also be led step by step."""

    def open(self, problem: Problem) -> AbstractAsyncContextManager[Session]:
        """A session in which `problem` has just been stated. Raises ProverMissing, Unstated, ProverCrash."""
        ...
