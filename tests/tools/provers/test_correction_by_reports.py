"""Tool Correction where a prover checks whole files: all failing steps of a report give way to one tool at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from redraft.tools.provers import Diagnostic, Goal, Kind, Problem, Prover, Result, Span, Status, Tool
from redraft.tools.provers.correction import correct

PROBLEM = Problem("x", "", "theorem x : True")


@dataclass
class Lines:
    """A prover whose steps are lines. A line is right if it is `right`, or if it is the tool that ends its goal:
    `goals` says which that is, by the line's number. `hidden` lines are not reported while another one is wrong."""

    goals: Mapping[int, str]
    hidden: frozenset[int] = frozenset()
    dies: bool = False
    checked: list[str] = field(default_factory=list)
    name: str = "lines"
    hole: str = "sorry"
    tools: Sequence[Tool] = (Tool("auto", "auto"), Tool("arith", "arith"), Tool("sledge", "sledge"))

    def problem(self, statement: str) -> Problem:
        return PROBLEM

    def proof(self, problem: Problem, written: str) -> str:
        return written

    def split(self, proof: str) -> list[Span]:
        starts = [0]
        for line in proof.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        return [Span(start, end - 1) for start, end in pairwise(starts)]

    def repairs(self, step: str, tool: Tool) -> Sequence[str]:
        return [] if step.startswith("have") else [tool.step]

    async def check(self, problem: Problem, proof: str) -> Result:
        self.checked.append(proof)
        if self.dies and "arith" in proof:
            return Result(Status.TIMEOUT, proof, (Diagnostic(Kind.TIMEOUT, "too long"),))
        wrong = {
            number: Diagnostic(Kind.TACTIC, f"line {number}: {proof[slice(*span)]}", span)
            for number, span in enumerate(self.split(proof))
            if proof[slice(*span)] not in ("right", "sorry", self.goals.get(number))
        }
        shown = {number: each for number, each in wrong.items() if number not in self.hidden} or wrong
        goals = (Goal((), "left"),) if wrong else ()
        return Result(Status.FAILED if wrong else Status.ACCEPTED, proof, tuple(shown.values()), goals)

    async def verify(self, problem: Problem, proof: str) -> Result:
        return await self.check(problem, proof)

    async def aclose(self) -> None:
        """Nothing was opened."""


async def test_every_failing_step_has_the_first_tool_that_works_for_it() -> None:
    prover: Prover = Lines({1: "arith", 2: "auto", 3: "sledge"})
    corrected = await correct(prover, PROBLEM, "right\nsimp\nomega\nlinarith")
    assert corrected.proof == "right\narith\nauto\nsledge"
    assert [(each.tool, each.diagnostic.message) for each in corrected.replacements] == [
        ("arith", "line 1: simp"),
        ("auto", "line 2: omega"),
        ("sledge", "line 3: linarith"),
    ]
    assert (corrected.diagnostic, corrected.done) == (None, 1.0)


async def test_one_report_serves_all_steps() -> None:
    prover = Lines(dict.fromkeys(range(20), "auto"))
    corrected = await correct(prover, PROBLEM, "\n".join(["simp"] * 20))
    assert corrected.diagnostic is None
    assert len(prover.checked) <= 4  # The report, one tool, the report after it, and the last word.


async def test_what_no_tool_ends_keeps_its_own_words_and_its_own_error() -> None:
    corrected = await correct(Lines({2: "auto"}), PROBLEM, "right\nsimp\nomega\nright")
    assert corrected.proof == "right\nsimp\nauto\nright"
    assert corrected.diagnostic == Diagnostic(Kind.TACTIC, "line 1: simp", Span(6, 10))
    assert (corrected.goals, corrected.done) == ((Goal((), "left"),), 0.25)


async def test_a_step_that_no_tool_can_do_is_left_alone() -> None:
    prover = Lines({})
    corrected = await correct(prover, PROBLEM, "have x\nright")
    assert (corrected.proof, corrected.replacements) == ("have x\nright", ())
    assert corrected.diagnostic is not None


async def test_an_error_that_hid_behind_another_is_repaired_in_the_next_round() -> None:
    corrected = await correct(Lines({0: "arith", 2: "auto"}, hidden=frozenset({2})), PROBLEM, "simp\nright\nomega")
    assert (corrected.proof, corrected.diagnostic) == ("arith\nright\nauto", None)


async def test_only_holes_are_filled_where_only_holes_are_to_be() -> None:
    corrected = await correct(Lines({0: "arith", 1: "auto"}), PROBLEM, "sorry\nomega", holes_only=True)
    assert corrected.proof == "arith\nomega"
    assert corrected.diagnostic is not None


async def test_a_tool_that_takes_the_prover_down_ends_nothing() -> None:
    corrected = await correct(Lines({0: "sledge"}, dies=True), PROBLEM, "simp")
    assert corrected.proof == "sledge"


async def test_tools_have_a_time_in_all() -> None:
    corrected = await correct(Lines({0: "auto"}), PROBLEM, "simp", seconds=0.0)
    assert (corrected.proof, corrected.replacements) == ("simp", ())
    assert corrected.diagnostic is not None
