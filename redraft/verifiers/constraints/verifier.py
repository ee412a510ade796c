"""The verifier of constraints: those that the task brings, or those that a file of gold holds for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from pydantic import JsonValue, model_validator

from redraft.errors import MissingExtra
from redraft.schema import Constraint, Draft, Failure, InstructionTask, Missing, Signal, Task, Verdict
from redraft.verifiers.constraints.catalogue import check
from redraft.verifiers.gold import Row, gold_of, read_gold
from redraft.verifiers.kind import Kind, OpenModel


class Constrained(Row):
    """A line of gold: `instruction` and `constraints`; or IFEval's own `prompt`, `instruction_id_list`, `kwargs`."""

    constraints: tuple[Constraint, ...]

    @model_validator(mode="before")
    @classmethod
    def _ifeval(cls, row: JsonValue) -> JsonValue:
        if not isinstance(row, dict) or "instruction_id_list" not in row:
            return row
        kinds, arguments = row["instruction_id_list"], row.get("kwargs")
        if not (isinstance(kinds, list) and isinstance(arguments, list) and len(kinds) == len(arguments)):
            raise ValueError("instruction_id_list and kwargs must be lists of one length")
        constraints: list[JsonValue] = [
            {
                "kind": kind.removeprefix("en:") if isinstance(kind, str) else kind,
                # The copy on the Hugging Face hub fills every argument that a kind does not take with null.
                "arguments": {name: value for name, value in given.items() if value is not None}
                if isinstance(given, dict)
                else given,
            }
            for kind, given in zip(kinds, arguments, strict=True)
        ]
        return {"instruction": row.get("prompt"), "constraints": constraints}


class Constraints:
    """The share of constraints that a draft keeps to; it passes where it keeps to all.

    They are the task's own (signal `tool`) or, where `gold` is given, those that it holds for the task's text
    (`oracle`). Evidence is a line for each one not kept: what was wanted, and what was found. A constraint that cannot
    be checked makes the whole a Failure, whose message names it and says why; it never counts as kept.
    """

    def __init__(self, gold: Mapping[str, Sequence[Constraint]] | None = None, *, loose: bool = False) -> None:
        self.name = ("constraints" if gold is None else "ifeval") + ("-loose" if loose else "")
        self.signal: Signal = "tool" if gold is None else "oracle"
        self._gold = None if gold is None else dict(gold)
        self._loose = loose

    async def each(self, task: Task, draft: Draft) -> tuple[Verdict | Failure, ...] | Failure:
        """A verdict for each constraint, in their order; Failure for a task that has none."""
        if self._gold is not None:
            found = gold_of(task, self._gold)
            if isinstance(found, Failure):
                return found
            constraints = tuple(found)
        elif isinstance(task, InstructionTask):
            constraints = task.constraints
        else:
            return Failure(cause="wrong_task", message=f"{self.name} judges instructions only")
        if not constraints:
            return Failure(cause="no_constraints", message="the task brings no constraint that a program can check")
        return await asyncio.to_thread(self._check, constraints, draft.text)

    def _check(self, constraints: Sequence[Constraint], text: str) -> tuple[Verdict | Failure, ...]:
        checked = [check(constraint, text, loose=self._loose) for constraint in constraints]
        return tuple(
            one if isinstance(one, Failure) else one.model_copy(update={"signal": self.signal}) for one in checked
        )

    async def score(self, task: Task, draft: Draft) -> Verdict | Missing:
        """The share kept, from 0 to 1; Failure where there is nothing to check, or something cannot be."""
        checked = await self.each(task, draft)
        if isinstance(checked, Failure):
            return checked
        failures = [one for one in checked if isinstance(one, Failure)]
        if failures:
            return Failure(cause=failures[0].cause, message="; ".join(one.message for one in failures))
        verdicts = [one for one in checked if isinstance(one, Verdict)]
        broken = [one.evidence for one in verdicts if not one.passed]
        return Verdict(
            verifier=self.name,
            signal=self.signal,
            score=1 - len(broken) / len(verdicts),
            passed=not broken,
            evidence="\n".join(broken) or f"all {len(verdicts)} constraints kept",
        )

    async def aclose(self) -> None:
        """Nothing to let go of."""


def installed() -> None:
    """Said before a run and not amid it: which constraints tasks bring is not known yet."""
    for module, package in (("langdetect", "langdetect"), ("jsonschema_rs", "jsonschema-rs"), ("re2", "google-re2")):
        if find_spec(module) is None:
            raise MissingExtra(package, "constraints")


def _of_task(loose: bool) -> Kind:
    def open(_argument: str, _: OpenModel) -> Constraints:
        installed()
        return Constraints(loose=loose)

    return Kind(
        name="constraints-loose" if loose else "constraints",
        argument="",
        judges="draft",
        signal="tool",
        about="the share of the task's own constraints that are kept" + (", read loosely" if loose else ""),
        needs="tasks with constraints; redraft[constraints]",
        cost="no call",
        source="IFEval, arXiv 2311.07911",
        open=open,
        tasks=frozenset({"instruction"}),
    )


def _of_file(loose: bool) -> Kind:
    def open(path: str, _: OpenModel) -> Constraints:
        installed()
        rows = read_gold(Path(path), Constrained)
        return Constraints({text: row.constraints for text, row in rows.items()}, loose=loose)

    return Kind(
        name="ifeval-loose" if loose else "ifeval",
        argument="CONSTRAINTS.jsonl",
        judges="draft",
        signal="oracle",
        about="the share kept of constraints from a file" + (", read loosely" if loose else ""),
        needs="lines with instruction and constraints, or IFEval's own file; redraft[constraints]",
        cost="no call",
        source="IFEval, arXiv 2311.07911",
        open=open,
        tasks=frozenset({"instruction"}),
    )


KINDS = (_of_task(loose=False), _of_task(loose=True), _of_file(loose=False), _of_file(loose=True))
